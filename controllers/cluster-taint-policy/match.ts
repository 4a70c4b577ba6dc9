// What a ClusterTaintPolicy does to a cluster (specification §6.5): taints come when all conditions of one list hold, and go when all of the other do.
import type { Cluster, ClusterTaintPolicy, Taint } from '../../crds/index.ts';
import { changedTaints } from '../cluster/taints.ts';
import { conditionOf } from '../condition.ts';

type PolicySpec = ClusterTaintPolicy['spec'];
type MatchCondition = NonNullable<PolicySpec['addOnConditions']>[number];

/** Whether all conditions hold; an empty list never does. */
export function conditionsHold(cluster: Cluster, list: readonly MatchCondition[] | undefined): boolean {
  return list !== undefined && list.length > 0 && list.every(match => holds(cluster, match));
}

function holds({ status }: Cluster, { conditionType, operator, statusValues }: MatchCondition): boolean {
  const condition = conditionOf(status?.conditions, conditionType);
  if (!condition) return false;
  const listed = (statusValues as readonly string[]).includes(condition.status);
  return operator === 'In' ? listed : operator === 'NotIn' && !listed;
}

/** The taints after the policy; the very same list where nothing changes. */
export function policyTaints(cluster: Cluster, spec: PolicySpec, now: string): readonly Taint[] {
  let taints = cluster.spec.taints ?? [];
  const own = spec.taints as unknown as readonly Taint[];
  if (conditionsHold(cluster, spec.addOnConditions))
    for (const taint of own) taints = changedTaints(taints, { add: [taint], remove: [] }, now);
  if (conditionsHold(cluster, spec.removeOnConditions)) for (const taint of own) taints = withoutFirst(taints, taint);
  return taints;
}

function withoutFirst(taints: readonly Taint[], { key, effect }: Taint): readonly Taint[] {
  const index = taints.findIndex(taint => taint.key === key && taint.effect === effect);
  return index < 0 ? taints : taints.toSpliced(index, 1);
}
