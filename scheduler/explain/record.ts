// What is kept of a decision, and how much room it takes. Nothing in a record keeps a cluster or a binding alive.
import type { Component, ReplicaRequirements } from '../../estimator/index.ts';
import type { Decided } from '../decide.ts';
import type { DecisionRecord } from '../schedule.ts';
import type { ClusterVersions } from '../snapshot.ts';
import type { Binding } from '../types.ts';

/** What a decision was made from. */
export interface DecisionInputs {
  readonly decidedAtMs: number;
  readonly tookMs: number;
  /** Of the binding. */
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly replicas: number;
  readonly requirements: ReplicaRequirements | undefined;
  readonly components: readonly Component[] | undefined;
  readonly clusters: ClusterVersions;
}

export interface RecordedDecision {
  readonly decided: Decided;
  readonly inputs: DecisionInputs;
}

/** A decision with what it was made from. */
export function recordDecision(
  binding: Binding,
  decided: Decided,
  o: Pick<DecisionInputs, 'decidedAtMs' | 'tookMs' | 'clusters'>,
): RecordedDecision {
  const { metadata, spec } = binding;
  const inputs: DecisionInputs = {
    decidedAtMs: o.decidedAtMs,
    tookMs: o.tookMs,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    generation: metadata.generation ?? 0,
    replicas: spec.replicas ?? 0,
    requirements: spec.replicaRequirements,
    components: spec.components,
    clusters: o.clusters,
  };
  return { decided, inputs };
}

const BASE_BYTES = 1024;
const SLOT_BYTES = 8;
/** An object of three fields, and an entry of a Map: upper bounds. */
const OBJECT_BYTES = 64;
const MAP_ENTRY_BYTES = 64;

/** An upper bound of what a record takes, counted from the lengths of its lists. */
export function bytesOf({ decided, inputs }: RecordedDecision): number {
  let bytes = BASE_BYTES + inputs.clusters.names.length * 3 * SLOT_BYTES;
  for (const { decision } of decided.attempts) bytes += bytesOfCycle(decision.record) + 2 * (decision.failure?.message.length ?? 0);
  for (const text of decided.warnings) bytes += 2 * text.length;
  return bytes;
}

function bytesOfCycle(record: DecisionRecord): number {
  const feasible = record.feasible.length;
  let bytes = BASE_BYTES + record.refused.length * OBJECT_BYTES + feasible * SLOT_BYTES * (6 + record.scores.length);
  for (const { values } of record.answers) bytes += (values?.size ?? 0) * MAP_ENTRY_BYTES;
  for (const { members } of record.groups) bytes += OBJECT_BYTES + members.length * SLOT_BYTES;
  for (const { room, base, result } of record.steps) bytes += (1 + room.length + base.length + result.length) * OBJECT_BYTES;
  return bytes + record.selected.length * SLOT_BYTES;
}
