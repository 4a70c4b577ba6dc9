// Whether a cluster is among those that an affinity names (specification §3.1): each part that is given must match.

import type { Cluster, ClusterAffinity } from '../crds/index.ts';
import { matchesLabels } from './label-selector.ts';

type FieldRequirement = NonNullable<NonNullable<ClusterAffinity['fieldSelector']>['matchExpressions']>[number];

export function matchesAffinity(cluster: Cluster, affinity: ClusterAffinity): boolean {
  const name = cluster.metadata.name ?? '';
  const { exclude = [], labelSelector, fieldSelector, clusterNames = [] } = affinity;
  if (exclude.includes(name)) return false;
  if (labelSelector && !matchesLabels(labelSelector, cluster.metadata.labels ?? {})) return false;
  if (!(fieldSelector?.matchExpressions ?? []).every(requirement => matchesField(cluster, requirement))) return false;
  return clusterNames.length === 0 || clusterNames.includes(name);
}

function matchesField({ spec }: Cluster, { key, operator, values = [] }: FieldRequirement): boolean {
  switch (key) {
    case 'provider':
      return matchesSingle(spec.provider, operator, values);
    case 'region':
      return matchesSingle(spec.region, operator, values);
    case 'zone':
      return matchesZones(spec.zones ?? [], operator, values);
    default:
      return false;
  }
}

function matchesSingle(value: string | undefined, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && value !== '' && values.includes(value);
    case 'NotIn':
      return values.length > 0 && (!value || !values.includes(value));
    case 'Exists':
      return values.length === 0 && Boolean(value);
    case 'DoesNotExist':
      return values.length === 0 && !value;
    default:
      return false;
  }
}

function matchesZones(zones: readonly string[], operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return zones.some(zone => values.includes(zone));
    case 'NotIn':
      return !zones.some(zone => values.includes(zone));
    case 'Exists':
      return zones.length > 0;
    case 'DoesNotExist':
      return zones.length === 0;
    default:
      return false;
  }
}
