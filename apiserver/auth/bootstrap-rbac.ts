// The roles and bindings that every server has, reconciled at start: absent ones are made, missing rules and subjects are added,
// and what an administrator added stays. An object annotated autoupdate=false is left alone.
import { readFileSync } from 'node:fs';
import {
  type AnyObject,
  type Client,
  equal,
  getOrUndefined,
  isObject,
  keyOf,
  listOf,
  objectOf,
  type Resource,
  resource,
} from '../../kube/index.ts';

const GROUP = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const KINDS: readonly Resource[] = [
  resource({ ...GROUP, kind: 'ClusterRole', plural: 'clusterroles', scope: 'Cluster' }),
  resource({ ...GROUP, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', scope: 'Cluster' }),
  resource({ ...GROUP, kind: 'Role', plural: 'roles', scope: 'Namespaced' }),
  resource({ ...GROUP, kind: 'RoleBinding', plural: 'rolebindings', scope: 'Namespaced' }),
];
const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

type Facts = Record<string, AnyObject[]> & { common: unknown };

/** The bootstrap objects of one resource, with their common labels and annotations. */
function bootstrapRbac(plural: string): AnyObject[] {
  const facts = JSON.parse(readFileSync(new URL('../../kube/facts/rbac.json', import.meta.url), 'utf8')) as Facts;
  const common = objectOf(facts.common);
  return (facts[`${plural}.${GROUP.group}`] ?? []).map(o => ({
    ...o,
    metadata: {
      ...o.metadata,
      labels: { ...(objectOf(common['labels']) as Record<string, string>), ...o.metadata.labels },
      annotations: { ...(objectOf(common['annotations']) as Record<string, string>), ...o.metadata.annotations },
    },
  }));
}

/** Makes or completes them; `extra` are those of the plane itself. */
export async function ensureRbac(client: Client, extra: readonly AnyObject[] = []): Promise<void> {
  for (const kind of KINDS) {
    const wanted = [...bootstrapRbac(kind.plural), ...extra.filter(o => o.kind === kind.kind)];
    await Promise.all(wanted.map(object => ensureOne(client, kind, object)));
  }
}

async function ensureOne(client: Client, kind: Resource, wanted: AnyObject): Promise<void> {
  const present = await getOrUndefined(client, kind, keyOf(wanted));
  if (!present) return void (await client.create(kind, wanted));
  if (present.metadata.annotations?.[AUTOUPDATE] === 'false') return;
  const completed = complete(present, wanted);
  if (!equal(completed, present)) await client.update(kind, completed);
}

function complete(present: AnyObject, wanted: AnyObject): AnyObject {
  const metadata = {
    ...present.metadata,
    labels: { ...wanted.metadata.labels, ...present.metadata.labels },
    annotations: { ...wanted.metadata.annotations, ...present.metadata.annotations },
  };
  const next: Record<string, unknown> = { ...present, metadata };
  if (isObject(wanted['aggregationRule'])) next['aggregationRule'] = present['aggregationRule'] ?? wanted['aggregationRule'];
  else if (wanted['rules'] !== undefined) next['rules'] = union(listOf(present['rules']), listOf(wanted['rules']));
  if (wanted['subjects'] !== undefined) next['subjects'] = union(listOf(present['subjects']), listOf(wanted['subjects']));
  return next as AnyObject;
}

const union = (present: readonly unknown[], wanted: readonly unknown[]): unknown[] => [
  ...present,
  ...wanted.filter(w => !present.some(p => equal(p, w))),
];
