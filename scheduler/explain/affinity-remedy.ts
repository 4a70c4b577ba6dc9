// The smallest change that would let an affinity match a cluster: of several affinities the one that needs the least.
import type { Cluster, ClusterAffinity, SelectorRequirement } from '../types.ts';
import { nameOf } from '../types.ts';

/** Steps that together make the affinity match; none where it does. */
function affinitySteps(affinity: ClusterAffinity, cluster: Cluster): string[] {
  const name = nameOf(cluster);
  const steps: string[] = [];
  if (affinity.exclude?.includes(name)) steps.push(`take ${name} out of exclude`);
  for (const [key, value] of Object.entries(affinity.labelSelector?.matchLabels ?? {})) {
    if (cluster.metadata.labels?.[key] !== value) steps.push(`add label ${key}=${value} to cluster ${name}`);
  }
  for (const r of affinity.labelSelector?.matchExpressions ?? []) steps.push(...labelStep(r, cluster));
  for (const r of affinity.fieldSelector?.matchExpressions ?? []) steps.push(...fieldStep(r, cluster));
  if (affinity.clusterNames?.length && !affinity.clusterNames.includes(name)) steps.push(`add ${name} to clusterNames`);
  return steps;
}

/** In words, for the affinity that needs the fewest steps; `where` names it where there are several. */
export function affinityRemedy(
  affinities: readonly { readonly where: string; readonly affinity: ClusterAffinity }[],
  cluster: Cluster,
): string {
  const ways = affinities
    .map(({ where, affinity }) => ({ where, steps: affinitySteps(affinity, cluster) }))
    .filter(way => way.steps.length > 0)
    .sort((a, b) => a.steps.length - b.steps.length);
  const best = ways[0];
  if (!best) return `let the placement's cluster affinity match ${nameOf(cluster)}`;
  return `${best.steps.join(' and ')}${best.where ? ` (${best.where})` : ''}`;
}

function labelStep({ key, operator, values = [] }: SelectorRequirement, cluster: Cluster): string[] {
  const name = nameOf(cluster);
  const { labels = {} } = cluster.metadata;
  const present = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return present !== undefined && values.includes(present) ? [] : [`add label ${key}=${values[0] ?? ''} to cluster ${name}`];
    case 'NotIn':
      return present !== undefined && values.includes(present) ? [`remove label ${key} from cluster ${name}`] : [];
    case 'Exists':
      return present === undefined ? [`add label ${key} to cluster ${name}`] : [];
    case 'DoesNotExist':
      return present === undefined ? [] : [`remove label ${key} from cluster ${name}`];
    default:
      return [`correct the operator ${operator} of label ${key} in the affinity`];
  }
}

function fieldStep({ key, operator, values = [] }: SelectorRequirement, cluster: Cluster): string[] {
  const name = nameOf(cluster);
  const { provider, region, zones = [] } = cluster.spec ?? {};
  const present = key === 'zone' ? zones : [key === 'provider' ? provider : key === 'region' ? region : undefined].flatMap(v => v || []);
  const field = key === 'zone' ? 'zones' : key;
  const hit = present.some(v => values.includes(v));
  switch (operator) {
    case 'In':
      return hit
        ? []
        : [`${key === 'zone' ? 'add' : 'set'} ${field} ${key === 'zone' ? '' : '= '}${values.join(' or ')} in the spec of cluster ${name}`];
    case 'NotIn':
      return hit ? [`change ${field} in the spec of cluster ${name}`] : [];
    case 'Exists':
      return present.length > 0 ? [] : [`set ${field} in the spec of cluster ${name}`];
    case 'DoesNotExist':
      return present.length > 0 ? [`remove ${field} from the spec of cluster ${name}`] : [];
    default:
      return [`correct the operator ${operator} of field ${key} in the affinity`];
  }
}
