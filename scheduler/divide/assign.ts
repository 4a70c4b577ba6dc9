// From selected clusters to targets (specification §4.1): workloads are divided, everything else goes to every cluster.
import { termUnderTrial } from '../affinity.ts';
import { plainFailure, within } from '../failure.ts';
import type { Gates } from '../gates.ts';
import type { Candidate } from '../select/candidate.ts';
import { countsSets, rescheduleRequested } from '../spec.ts';
import type { BindingSpec, BindingStatus, TargetCluster } from '../types.ts';
import { divideTiers } from './overflow.ts';
import type { DivisionStep } from './record.ts';
import { divideWorkload } from './workload.ts';

export interface AssignInput {
  /** In selection order. */
  readonly selected: readonly Candidate[];
  readonly spec: BindingSpec;
  readonly status: BindingStatus;
  readonly gates: Gates;
}

/** The new spec.clusters; throws a failure where replicas cannot be placed. */
export function assignReplicas(input: AssignInput, record: (step: DivisionStep) => void = () => undefined): TargetCluster[] {
  const { selected, spec } = input;
  if (selected.length === 0) throw plainFailure('no clusters available to schedule');
  const components = spec.components ?? [];
  if (((spec.replicas ?? 0) > 0 || spec.replicaRequirements) && components.length <= 1) return assignWorkload(input, record);
  const whole = components.length > 1 && countsSets(spec, input.gates);
  return selected.map(({ name }) => ({
    name,
    ...(whole ? { components: components.map(c => ({ name: c.name, replicas: c.replicas ?? 0 })) } : {}),
  }));
}

function assignWorkload({ selected, spec, status }: AssignInput, record: (step: DivisionStep) => void): TargetCluster[] {
  const placement = spec.placement ?? {};
  const workload = {
    selected,
    placement,
    current: (spec.clusters ?? []).map(t => ({ name: t.name, replicas: t.replicas ?? 0 })),
    replicas: spec.replicas ?? 0,
    fresh: rescheduleRequested(spec, status),
    uid: spec.resource.uid,
  };
  const tiers = termUnderTrial(placement, status.schedulerObservingAffinityName)?.overflowAffinities;
  return tiers ? divideTiers(workload, record) : divideWorkload(workload, record);
}

/** Appends every selected cluster that got nothing, so that the workload exists there with no replicas. */
export function withEmptyTargets(targets: readonly TargetCluster[], selected: readonly Candidate[]): TargetCluster[] {
  const present = new Set(targets.map(t => t.name));
  return [...targets, ...selected.filter(c => !present.has(c.name)).map(c => ({ name: c.name, replicas: 0 }))];
}

/** `assignReplicas` with the prefix of the cycle's last step. */
export function assign(input: AssignInput, record?: (step: DivisionStep) => void): TargetCluster[] {
  return within('failed to assign replicas', () => assignReplicas(input, record));
}
