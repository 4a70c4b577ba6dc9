import {
  type BindingSpec,
  type BindingStatus,
  type Candidate,
  overflowTiers,
  SchedulingFailure,
  selectClusters,
} from '../../../../scheduler/index.ts';
import type { Suite } from '../../suite.ts';
import { referenceGates } from './cycle.ts';
import { oneOf } from './outcome.ts';

interface Input {
  readonly clusters: readonly {
    readonly name: string;
    readonly score: number;
    readonly allocatable: number;
    readonly region?: string;
    readonly zones?: readonly string[];
    readonly provider?: string;
  }[];
  readonly spec: BindingSpec;
  readonly status?: BindingStatus;
  readonly gates?: Record<string, boolean>;
}

function candidatesOf({ clusters, spec, status = {} }: Input): Candidate[] {
  const assigned = new Map((spec.clusters ?? []).map(t => [t.name, t.replicas ?? 0]));
  const tierOf = overflowTiers(spec.placement ?? {}, status.schedulerObservingAffinityName);
  return clusters.map(({ name, score, allocatable, ...fields }) => {
    const cluster = { apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster', metadata: { name }, spec: fields };
    const available = allocatable + (assigned.get(name) ?? 0);
    return { name, cluster, score, overflowOrder: tierOf(cluster), allocatable, available };
  });
}

export const suite: Suite = {
  check(c) {
    const input = c.in as unknown as Input;
    try {
      const selected = selectClusters(candidatesOf(input), { spec: input.spec, gates: referenceGates(input.gates) });
      return oneOf(c, { selected: selected.map(s => s.name) });
    } catch (error) {
      if (error instanceof SchedulingFailure) return oneOf(c, { error: error.message, kind: error.kind });
      throw error;
    }
  },
};
