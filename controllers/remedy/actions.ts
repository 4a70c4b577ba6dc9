// Which actions the Remedies ask for on a cluster (specification §8.6).
import type { Cluster, Remedy } from '../../crds/index.ts';
import { conditionOf } from '../condition.ts';

type DecisionMatch = NonNullable<Remedy['spec']['decisionMatches']>[number];

/** Sorted, each once. */
export function remedyActions(cluster: Cluster, remedies: readonly Remedy[]): string[] {
  const actions = remedies.filter(remedy => applies(remedy, cluster) && fires(remedy, cluster)).flatMap(({ spec }) => spec.actions ?? []);
  return [...new Set(actions)].sort();
}

const applies = ({ spec }: Remedy, { metadata }: Cluster): boolean =>
  !spec.clusterAffinity || (spec.clusterAffinity.clusterNames ?? []).includes(metadata.name ?? '');

/** Without a list a Remedy always fires, with an empty one never. */
const fires = ({ spec }: Remedy, cluster: Cluster): boolean =>
  spec.decisionMatches === undefined || spec.decisionMatches === null || spec.decisionMatches.some(match => holds(match, cluster));

function holds({ clusterConditionMatch: match }: DecisionMatch, { status }: Cluster): boolean {
  const condition = match && conditionOf(status?.conditions, match.conditionType);
  if (!match || !condition) return false;
  if (match.operator === 'Equal') return condition.status === match.conditionStatus;
  return match.operator === 'NotEqual' && condition.status !== match.conditionStatus;
}
