import {
  type AssumedWorkload,
  type Component,
  memberReplicas,
  memberSets,
  type Node,
  type Pod,
  type PodOwner,
  type ReplicaRequirements,
  type ResourceQuota,
  unschedulableReplicas,
} from '../../../../estimator/index.ts';
import { StatusError } from '../../../../kube/index.ts';
import type { Suite, VectorCase, Verdict } from '../../suite.ts';
import { referenceGates } from './cycle.ts';
import { oneOf } from './outcome.ts';

interface Capacity {
  readonly nodes?: readonly Node[];
  readonly pods?: readonly Pod[];
  readonly quotas?: readonly ResourceQuota[];
  readonly replicaRequirements?: ReplicaRequirements;
  readonly components?: readonly Component[];
  readonly namespace?: string;
  readonly assumedWorkloads?: readonly AssumedWorkload[];
  readonly gates?: Record<string, boolean>;
}

function capacity(c: VectorCase): Verdict {
  const input = c.in as unknown as Capacity;
  const on = referenceGates(input.gates);
  const member = {
    nodes: input.nodes ?? [],
    pods: input.pods ?? [],
    ...(on.ResourceQuotaEstimate ? { quotas: input.quotas ?? [] } : {}),
  };
  const assumed = on.SchedulingOvercommitProtection ? (input.assumedWorkloads ?? []) : [];
  const value =
    c.in['kind'] === 'replicas'
      ? memberReplicas(member, input.replicaRequirements, assumed)
      : memberSets(member, { components: input.components ?? [], namespace: input.namespace ?? '', assumed });
  return oneOf(c, { value });
}

interface Unschedulable {
  readonly workload: PodOwner;
  readonly replicaSets?: readonly PodOwner[];
  readonly pods?: readonly Pod[];
  readonly thresholdSeconds: number;
  readonly now: string;
}

function unschedulable(c: VectorCase): Verdict {
  const { workload, replicaSets = [], pods = [], thresholdSeconds, now } = c.in as unknown as Unschedulable;
  try {
    const value = unschedulableReplicas({ workload, replicaSets, pods, thresholdMs: thresholdSeconds * 1000, now: Date.parse(now) });
    return oneOf(c, { value });
  } catch (error) {
    if (error instanceof StatusError) return oneOf(c, { error: error.message });
    throw error;
  }
}

export const suite: Suite = {
  check: c => (c.in['kind'] === 'unschedulable' ? unschedulable(c) : capacity(c)),
};
