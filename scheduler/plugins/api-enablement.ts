import type { SchedulerPlugin } from '../framework/plugin.ts';
import { type Cluster, nameOf } from '../types.ts';

export const API_MISSING = 'cluster(s) did not have the API resource';

/** Does the cluster serve this kind, as far as its status knows? */
export function servesApi(cluster: Cluster, apiVersion: string, kind: string): boolean {
  return (cluster.status?.apiEnablements ?? []).some(
    group => group.groupVersion === apiVersion && (group.resources ?? []).some(r => r.kind === kind),
  );
}

/** Refuses clusters that do not serve the resource's kind. */
export const apiEnablement: SchedulerPlugin = {
  name: 'APIEnablement',
  filter: ({ spec, targets }) => {
    const { apiVersion, kind } = spec.resource;
    return cluster => (targets.has(nameOf(cluster)) || servesApi(cluster, apiVersion, kind) ? undefined : API_MISSING);
  },
};
