// Which clusters a MultiClusterService connects, and whether one can take part now (specification §8.12).
import { type Cluster, conditionTypes, eventReasons, type MultiClusterService } from '../../crds/index.ts';
import { isTrue } from '../condition.ts';

const CROSS_CLUSTER = 'CrossCluster';

type Role = 'Provider' | 'Consumer';

/** Whether the service spans clusters at all. */
export const isCrossCluster = ({ spec }: MultiClusterService): boolean => spec.types.includes(CROSS_CLUSTER);

/** The listed clusters; all where none is listed. */
export function clustersOf({ spec }: MultiClusterService, role: Role, all: readonly Cluster[]): string[] {
  const listed = (role === 'Provider' ? spec.providerClusters : spec.consumerClusters) ?? [];
  const names = listed.length > 0 ? listed.map(({ name }) => name) : all.map(({ metadata }) => metadata.name ?? '');
  return [...new Set(names)].sort();
}

export interface Obstacle {
  readonly reason: string;
  readonly message: string;
}

/** Why a cluster cannot take part; undefined where it can. */
export function obstacle(name: string, cluster: Cluster | undefined, role: Role): Obstacle | undefined {
  if (!cluster) return { reason: eventReasons.clusterNotFound, message: `${role} cluster ${name} is not found` };
  if (!isTrue(cluster.status?.conditions, conditionTypes.clusterReady)) {
    const reason = role === 'Provider' ? eventReasons.syncServiceFailed : eventReasons.dispatchEndpointSliceFailed;
    return { reason, message: `${role} cluster ${name} is not ready` };
  }
  if (isDisabled(cluster))
    return { reason: eventReasons.apiIncompatible, message: `${role} cluster ${name} does not serve EndpointSlices` };
  return undefined;
}

/** An API counts as missing only where the list of what the cluster serves is complete. */
function isDisabled({ status }: Cluster): boolean {
  if (!isTrue(status?.conditions, conditionTypes.clusterCompleteAPIEnablements)) return false;
  return !(status?.apiEnablements ?? []).some(
    ({ groupVersion, resources }) => groupVersion === 'discovery.k8s.io/v1' && resources?.some(({ kind }) => kind === 'EndpointSlice'),
  );
}
