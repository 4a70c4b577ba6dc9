// The accurate estimate (specification §7): from the nodes, pods and quotas of the member itself. Every source that has
// something to say gives a number; the least counts.
import { nodeMatcher } from './node-eligibility.ts';
import { nodeRuns } from './node-state.ts';
import { quotaLimit } from './quota.ts';
import { least, MAX_INT32, toInt32 } from './resources.ts';
import { type Eligible, Simulator } from './simulator.ts';
import type { AssumedWorkload, Component, ComponentRequirements, Node, Pod, ReplicaRequirements, ResourceQuota } from './types.ts';

/** What is known of one member. */
export interface MemberState {
  /** In order of arrival. */
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** Absent where quotas do not count (gate ResourceQuotaEstimate). */
  readonly quotas?: readonly ResourceQuota[];
}

function simulator({ nodes, pods }: MemberState, assumed: readonly AssumedWorkload[]): Simulator {
  const matchers = new Map<ComponentRequirements | undefined, (node: Node) => boolean>();
  const eligible: Eligible = (node, requirements) => {
    const known = matchers.get(requirements);
    if (known) return known(node);
    const matches = nodeMatcher(requirements);
    matchers.set(requirements, matches);
    return matches(node);
  };
  const result = new Simulator(nodeRuns(nodes, pods), eligible);
  result.assume(assumed);
  return result;
}

/** How many replicas fit into the member, int32. */
export function memberReplicas(
  member: MemberState,
  requirements: ReplicaRequirements | undefined,
  assumed: readonly AssumedWorkload[] = [],
): number {
  if (member.nodes.length === 0) return 0;
  const byNodes = simulator(member, assumed).maxPods(requirements);
  const component = { name: '', replicas: 1, ...(requirements ? { replicaRequirements: requirements } : {}) };
  const byQuota =
    requirements &&
    quotaLimit(member.quotas ?? [], { kind: 'replicas', namespace: requirements.namespace ?? '', components: [component], assumed });
  return byQuota === 0n ? 0 : combine(byNodes, byQuota);
}

/** How many whole sets of components fit into the member, int32. */
export function memberSets(
  member: MemberState,
  o: { readonly components: readonly Component[]; readonly namespace: string; readonly assumed?: readonly AssumedWorkload[] },
): number {
  if (member.nodes.length === 0) return 0;
  const assumed = o.assumed ?? [];
  const byNodes = o.components.length ? simulator(member, assumed).maxSets(o.components, MAX_INT32) : undefined;
  const byQuota = o.namespace ? quotaLimit(member.quotas ?? [], { ...o, kind: 'sets', assumed }) : undefined;
  return byNodes === 0n || byQuota === 0n ? 0 : combine(byNodes, byQuota);
}

/** The least of those that know; a quota that is overdrawn gives a number below zero. */
function combine(...values: readonly (bigint | undefined)[]): number {
  return toInt32(values.reduce((a: bigint, b) => (b === undefined ? a : least(a, BigInt.asIntN(32, b))), MAX_INT32));
}
