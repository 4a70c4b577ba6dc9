import type { SchedulerPlugin } from '../framework/plugin.ts';
import { type Cluster, nameOf } from '../types.ts';

export const API_MISSING = 'cluster(s) did not have the API resource';

const served = new WeakMap<NonNullable<Cluster['status']>, ReadonlySet<string>>();
const NOTHING: ReadonlySet<string> = new Set();

/** What the status lists, as `groupVersion Kind`; read once for each state of a cluster. */
function servedKinds({ status }: Cluster): ReadonlySet<string> {
  if (!status) return NOTHING;
  let kinds = served.get(status);
  if (!kinds) {
    kinds = new Set((status.apiEnablements ?? []).flatMap(e => (e.resources ?? []).map(r => `${e.groupVersion} ${r.kind}`)));
    served.set(status, kinds);
  }
  return kinds;
}

/** Does the cluster serve this kind, as far as its status knows? */
export function servesApi(cluster: Cluster, apiVersion: string, kind: string): boolean {
  return servedKinds(cluster).has(`${apiVersion} ${kind}`);
}

/** Refuses clusters that do not serve the resource's kind. */
export const apiEnablement: SchedulerPlugin = {
  name: 'APIEnablement',
  filter: ({ spec, targets }) => {
    const wanted = `${spec.resource.apiVersion} ${spec.resource.kind}`;
    return cluster => (servedKinds(cluster).has(wanted) || targets.has(nameOf(cluster)) ? undefined : API_MISSING);
  },
};
