// A decision as a document that people and programs read: what the subresource `explanation` of a binding answers.
import { type Answer, shortageOf } from '../../estimator/index.ts';
import { timestamp } from '../../kube/index.ts';
import type { Attempt, Decided } from '../decide.ts';
import type { DivisionStep } from '../divide/record.ts';
import type { DecisionRecord } from '../schedule.ts';
import type { Binding, Cluster, TargetCluster } from '../types.ts';
import type { DecisionInputs, RecordedDecision } from './record.ts';
import { remedyOf } from './remedy.ts';
import { selectionRemedy } from './selection-remedy.ts';

export const EXPLANATION = { group: 'explain.flotilla.io', version: 'v1alpha1', kind: 'Explanation' } as const;

export interface ExplainedCluster {
  readonly name: string;
  readonly state: 'Refused' | 'Terminating' | 'Feasible' | 'Selected' | 'Placed';
  /** Of the state that was looked at, and how long we had known it then. */
  readonly resourceVersion?: string;
  readonly ageSeconds?: number;
  readonly refusedBy?: string;
  readonly reason?: string;
  /** Plugin → 0..100. */
  readonly scores?: Readonly<Record<string, number>>;
  readonly overflowTier?: number;
  /** What the estimators leave room for, and that with what is there already. */
  readonly allocatable?: number;
  readonly available?: number;
  readonly replicas?: number;
  /** The smallest change that would let it in, or let it take more. */
  readonly remedy?: string;
}

export interface ExplainedEstimator {
  readonly name: string;
  readonly counts: 'replicas' | 'sets';
  readonly error?: string;
  /** Cluster → answer; −1: it cannot say. */
  readonly answers?: Readonly<Record<string, number>>;
  readonly tookMilliseconds?: number;
  /** The age of the oldest data, or of the oldest kept answer, that this rests on; what was asked live has none. */
  readonly oldestDataSeconds?: number;
}

export interface ExplainedAttempt {
  readonly affinityName?: string;
  readonly clusters: readonly ExplainedCluster[];
  readonly estimators: readonly ExplainedEstimator[];
  readonly groups?: readonly {
    readonly topology: string;
    readonly name: string;
    readonly score: number;
    readonly chosen: boolean;
    readonly clusters: readonly string[];
  }[];
  /** In selection order. */
  readonly selected: readonly string[];
  readonly division: readonly DivisionStep[];
  readonly failure?: string;
  /** The smallest change that would let its spread constraints select clusters, where they did not. */
  readonly remedy?: string;
}

export interface Explanation {
  readonly apiVersion: string;
  readonly kind: 'Explanation';
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid?: string };
  readonly resource: Binding['spec']['resource'];
  /** `Recorded` when the decision was made, or `Recomputed` from what is there now. */
  readonly source: 'Recorded' | 'Recomputed';
  readonly decidedAt: string;
  readonly tookMilliseconds: number;
  readonly inputs: {
    readonly resourceVersion: string;
    readonly generation: number;
    /** Whether the binding has changed since. */
    readonly current: boolean;
    readonly replicas: number;
    readonly replicaRequirements?: DecisionInputs['requirements'];
    readonly components?: DecisionInputs['components'];
    readonly clusters: number;
    readonly clustersRevision: string;
  };
  readonly trigger: Decided['trigger'];
  readonly outcome: {
    readonly kind: 'Placed' | 'Failed' | 'Idle' | 'Deleting' | 'Broken';
    readonly clusters?: readonly TargetCluster[];
    readonly affinityName?: string;
    readonly reason?: string;
    readonly message?: string;
  };
  readonly attempts: readonly ExplainedAttempt[];
}

export interface ExplanationContext {
  /** The binding as it is now. */
  readonly binding: Binding;
  readonly source: Explanation['source'];
  /** Clusters as they are now: remedies are for them. */
  readonly cluster: (name: string) => Cluster | undefined;
}

export function explanation({ decided, inputs }: RecordedDecision, o: ExplanationContext): Explanation {
  const { namespace, name = '', uid } = o.binding.metadata;
  return {
    apiVersion: `${EXPLANATION.group}/${EXPLANATION.version}`,
    kind: EXPLANATION.kind,
    metadata: { name, ...(namespace ? { namespace } : {}), ...(uid ? { uid } : {}) },
    resource: o.binding.spec.resource,
    source: o.source,
    decidedAt: timestamp(inputs.decidedAtMs),
    tookMilliseconds: rounded(inputs.tookMs),
    inputs: {
      resourceVersion: inputs.resourceVersion,
      generation: inputs.generation,
      current: isCurrent(inputs, o.binding),
      replicas: inputs.replicas,
      ...(inputs.requirements ? { replicaRequirements: inputs.requirements } : {}),
      ...(inputs.components ? { components: inputs.components } : {}),
      clusters: inputs.clusters.names.length,
      clustersRevision: inputs.clusters.revision,
    },
    trigger: decided.trigger,
    outcome: outcomeOf(decided),
    attempts: decided.attempts.map(a => attemptOf(a, decided, inputs, o)),
  };
}

/** Nothing has come since but what the decision itself wrote. */
function isCurrent(inputs: DecisionInputs, { metadata: { generation = 0 }, status }: Binding): boolean {
  return inputs.generation === generation || status?.schedulerObservedGeneration === generation;
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

function outcomeOf({ verdict }: Decided): Explanation['outcome'] {
  switch (verdict.kind) {
    case 'placed':
      return { kind: 'Placed', clusters: verdict.clusters, ...(verdict.affinityName ? { affinityName: verdict.affinityName } : {}) };
    case 'failed':
      return { kind: 'Failed', reason: verdict.failure.kind, message: verdict.failure.message };
    case 'broken':
      return { kind: 'Broken', message: verdict.failure.message };
    case 'deleting':
      return { kind: 'Deleting' };
    case 'idle':
      return { kind: 'Idle' };
  }
}

function attemptOf({ affinityName, decision }: Attempt, decided: Decided, inputs: DecisionInputs, o: ExplanationContext): ExplainedAttempt {
  const { record, failure } = decision;
  const placed = new Map((decision.clusters ?? []).map(t => [t.name, t.replicas ?? 0]));
  const ages = agesOf(inputs);
  const remedy = failure && selectionRemedy(record, { ...o.binding.spec, replicas: inputs.replicas });
  return {
    ...(affinityName ? { affinityName } : {}),
    clusters: [
      ...feasibleOf(record, placed, { inputs, ages, o }),
      ...refusedOf(record, affinityName, ages, o),
      ...terminatingOf(record, inputs, ages),
    ],
    estimators: record.answers.map(a => estimatorOf(a, ages)),
    ...(record.groups.length
      ? { groups: record.groups.map(g => ({ topology: g.topology, name: g.name, score: g.score, chosen: g.chosen, clusters: g.members })) }
      : {}),
    selected: record.selected,
    division: record.steps,
    ...(failure && decided.attempts.length > 1 ? { failure: failure.message } : {}),
    ...(remedy ? { remedy } : {}),
  };
}

type Age = { readonly resourceVersion: string; readonly ageSeconds: number };

function agesOf({ clusters, decidedAtMs }: DecisionInputs): ReadonlyMap<string, Age> {
  return new Map(
    clusters.names.map((name, i) => [
      name,
      {
        resourceVersion: clusters.resourceVersions[i] ?? '',
        ageSeconds: Math.max(0, rounded((decidedAtMs - (clusters.seenAtMs[i] ?? decidedAtMs)) / 1000)),
      },
    ]),
  );
}

function refusedOf(
  record: DecisionRecord,
  affinityName: string,
  ages: ReadonlyMap<string, Age>,
  { binding, cluster }: ExplanationContext,
): ExplainedCluster[] {
  return record.refused.map(r => ({
    name: r.cluster,
    state: 'Refused',
    ...ages.get(r.cluster),
    refusedBy: r.plugin,
    reason: r.reason,
    remedy: remedyOf(r, { binding, cluster: cluster(r.cluster), affinityName }),
  }));
}

/** Clusters that the filters were not asked about. */
function terminatingOf(record: DecisionRecord, { clusters }: DecisionInputs, ages: ReadonlyMap<string, Age>): ExplainedCluster[] {
  const judged = new Set([...record.refused.map(r => r.cluster), ...record.feasible]);
  return clusters.names.filter(name => !judged.has(name)).map(name => ({ name, state: 'Terminating', ...ages.get(name) }));
}

interface FeasibleContext {
  readonly inputs: DecisionInputs;
  readonly ages: ReadonlyMap<string, Age>;
  readonly o: ExplanationContext;
}

function feasibleOf(record: DecisionRecord, placed: ReadonlyMap<string, number>, { inputs, ages, o }: FeasibleContext): ExplainedCluster[] {
  const { names, allocatable, available, overflowOrder } = record.candidates;
  const scoreIndex = new Map(record.feasible.map((name, i) => [name, i]));
  const selected = new Set(record.selected);
  const counted = record.answers.length > 0;
  const missing = missingReplicas(record, inputs.replicas);
  return names.map((name, i) => {
    const at = scoreIndex.get(name) ?? 0;
    const replicas = placed.get(name);
    const room = allocatable[i] ?? 0;
    const wanted = Math.max(0, room) + (missing > 0 ? missing : room <= 0 ? 1 : 0);
    const remedy = counted && wanted > room ? roomRemedy(wanted - Math.max(0, room), wanted, o.cluster(name), inputs) : undefined;
    return {
      name,
      state: replicas !== undefined ? 'Placed' : selected.has(name) ? 'Selected' : 'Feasible',
      ...ages.get(name),
      scores: Object.fromEntries(record.scores.map(s => [s.plugin, s.values[at] ?? 0])),
      ...(overflowOrder[i] ? { overflowTier: overflowOrder[i] } : {}),
      ...(counted ? { allocatable: room, available: available[i] ?? 0 } : {}),
      ...(replicas ? { replicas } : {}),
      ...(remedy ? { remedy } : {}),
    };
  });
}

/** How many replicas found no room, by the last step of a division that failed, or by all tiers together. */
function missingReplicas({ steps }: DecisionRecord, replicas: number): number {
  const last = steps.at(-1);
  if (!last) return 0;
  if (last.tier !== undefined) return Math.max(0, replicas - steps.reduce((sum, s) => sum + sumOf(s.result), 0));
  return last.result.length > 0 ? 0 : Math.max(0, last.target - sumOf(last.room));
}

const sumOf = (targets: DivisionStep['room']): number => targets.reduce((sum, t) => sum + t.replicas, 0);

/** `more` replicas on top of what fits need this much more. */
function roomRemedy(more: number, wanted: number, cluster: Cluster | undefined, { requirements }: DecisionInputs): string | undefined {
  const shortage = cluster && shortageOf(cluster, requirements, wanted);
  if (!shortage) return undefined;
  const amounts = Object.entries(shortage.resources).map(([name, quantity]) => `${quantity} more ${name}`);
  if (shortage.nodesFor) amounts.push(`room on nodes for ${shortage.nodesFor} × (${requestText(requirements)})`);
  return `fits ${more === 1 ? 'one' : more} more with ${amounts.join(' and ')}`;
}

function requestText(requirements: DecisionInputs['requirements']): string {
  const requests = Object.entries(requirements?.resourceRequest ?? {}).map(([name, quantity]) => `${name} ${quantity}`);
  return requests.join(', ') || 'one pod';
}

function estimatorOf(answer: Answer, ages: ReadonlyMap<string, Age>): ExplainedEstimator {
  const { estimator, kind, values, error, tookMs, readsClusters, oldestMs } = answer;
  const known = [...(values?.keys() ?? [])].flatMap(name => ages.get(name)?.ageSeconds ?? []);
  return {
    name: estimator,
    counts: kind,
    ...(error === undefined ? {} : { error }),
    ...(values ? { answers: Object.fromEntries(values) } : {}),
    ...(tookMs === undefined ? {} : { tookMilliseconds: rounded(tookMs) }),
    ...(readsClusters && known.length > 0 ? { oldestDataSeconds: Math.max(...known) } : {}),
    ...(oldestMs ? { oldestDataSeconds: rounded(oldestMs / 1000) } : {}),
  };
}
