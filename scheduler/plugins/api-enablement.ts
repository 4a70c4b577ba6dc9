import type { SchedulerPlugin } from '../framework/plugin.ts';
import { type Cluster, nameOf } from '../types.ts';

const API_MISSING = 'cluster(s) did not have the API resource';

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

const MAX_KINDS = 256;
const lacking = new WeakMap<readonly Cluster[], Map<string, ReadonlySet<Cluster>>>();

/** The clusters of a snapshot that do not serve this kind: few or none, and the same for every binding of that kind. */
function lackingIn(snapshot: readonly Cluster[], wanted: string): ReadonlySet<Cluster> {
  let kinds = lacking.get(snapshot);
  if (!kinds || kinds.size >= MAX_KINDS) {
    kinds = new Map();
    lacking.set(snapshot, kinds);
  }
  let found = kinds.get(wanted);
  if (!found) {
    found = new Set(snapshot.filter(cluster => !servedKinds(cluster).has(wanted)));
    kinds.set(wanted, found);
  }
  return found;
}

/** Refuses clusters that do not serve the resource's kind. */
export const apiEnablement: SchedulerPlugin = {
  name: 'APIEnablement',
  filter: ({ spec, targets, snapshot }) => {
    const wanted = `${spec.resource.apiVersion} ${spec.resource.kind}`;
    const lacks = snapshot && lackingIn(snapshot, wanted);
    const serves = (cluster: Cluster): boolean => (lacks ? !lacks.has(cluster) : servedKinds(cluster).has(wanted));
    return cluster => (serves(cluster) || targets.has(nameOf(cluster)) ? undefined : API_MISSING);
  },
};
