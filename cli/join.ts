// Joining a member in push mode, and letting it go (specification §6.1): identities in the member, their tokens and the Cluster
// in the control plane. Running it again after a failure goes on where it stopped.
import { type Cluster, clusters } from '../crds/index.ts';
import {
  type AnyObject,
  at,
  type Client,
  type Clock,
  getOrUndefined,
  isStatusError,
  type KubeObject,
  type Resource,
  resource,
  sleep,
  stringOf,
} from '../kube/index.ts';

const NAMESPACE = 'karmada-cluster';
const SYSTEM = { 'karmada.io/system': 'true' };
const TOKEN_WAIT_MS = 30_000;
const DELETE_WAIT_MS = 60_000;

const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const accounts = resource({ group: '', version: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', scope: 'Namespaced' });
const secrets = resource({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' });
const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1', scope: 'Cluster' } as const;
const clusterRoles = resource({ ...RBAC, kind: 'ClusterRole', plural: 'clusterroles' });
const clusterRoleBindings = resource({ ...RBAC, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' });

export interface JoinOptions {
  readonly name: string;
  readonly hub: Client;
  readonly member: Client;
  /** URL under which the control plane reaches the member. */
  readonly endpoint: string;
  readonly provider?: string;
  readonly region?: string;
  readonly zones?: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export async function join(o: JoinOptions): Promise<Cluster> {
  const id = (await o.member.get(namespaces, { name: 'kube-system' }, { signal: o.signal })).metadata.uid ?? '';
  await refuseTwins(o, id);
  const controller = `karmada-${o.name}`;
  await put(o.member, namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: SYSTEM } });
  const own = await identity(o, controller);
  const impersonator = await identity(o, 'karmada-impersonator');
  await grant(o.member, controller);
  await put(o.hub, namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: SYSTEM } });
  await putSecret(o.hub, o.name, { caBundle: own.ca, token: own.token });
  await putSecret(o.hub, `${o.name}-impersonator`, { token: impersonator.token });
  const cluster = await o.hub.create(clusters, clusterObject(o, id), { signal: o.signal });
  await ownSecrets(o, cluster);
  return cluster;
}

async function refuseTwins(o: JoinOptions, id: string): Promise<void> {
  const { items } = await o.hub.list(clusters, { signal: o.signal });
  const twin = items.find(c => c.metadata.name === o.name || c.spec.id === id);
  if (twin) throw new Error(`the cluster ID ${id} or the cluster name ${o.name} has been registered`);
}

function clusterObject(o: JoinOptions, id: string): Cluster {
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: o.name },
    spec: {
      id,
      syncMode: 'Push',
      apiEndpoint: o.endpoint,
      secretRef: { namespace: NAMESPACE, name: o.name },
      impersonatorSecretRef: { namespace: NAMESPACE, name: `${o.name}-impersonator` },
      ...(o.provider ? { provider: o.provider } : {}),
      ...(o.region ? { region: o.region } : {}),
      ...(o.zones?.length ? { zones: [...o.zones] } : {}),
    },
  } as Cluster;
}

/** A ServiceAccount of the member with a token of its own; waits until the token is there. */
async function identity(o: JoinOptions, name: string): Promise<{ readonly token: string; readonly ca: string }> {
  await put(o.member, accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: NAMESPACE, name, labels: SYSTEM } });
  await put(o.member, secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: NAMESPACE, name, labels: SYSTEM, annotations: { 'kubernetes.io/service-account.name': name } },
    type: 'kubernetes.io/service-account-token',
  } as AnyObject);
  const deadline = o.clock.monotonic() + TOKEN_WAIT_MS;
  for (;;) {
    const secret = await o.member.get(secrets, { namespace: NAMESPACE, name }, { signal: o.signal });
    const token = stringOf(at(secret, 'data', 'token'));
    if (token) return { token, ca: stringOf(at(secret, 'data', 'ca.crt')) };
    if (o.clock.monotonic() > deadline)
      throw new Error(
        `the member made no token for ServiceAccount ${NAMESPACE}/${name} within 30 s: does it run the service-account token controller?`,
      );
    await sleep(o.clock, 200, o.signal);
  }
}

async function grant(member: Client, account: string): Promise<void> {
  const name = `karmada-controller-manager:${account}`;
  await put(member, clusterRoles, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels: SYSTEM },
    rules: [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['get'] },
    ],
  } as AnyObject);
  await put(member, clusterRoleBindings, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: SYSTEM },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: NAMESPACE }],
  } as AnyObject);
}

/** Makes what is absent; what is there stays as it is. */
async function put<T extends KubeObject>(client: Client, r: Resource<T>, object: T): Promise<void> {
  try {
    await client.create(r, object);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

/** `data` values are base64. A Secret left over from an earlier join gets the present credentials. */
async function putSecret(hub: Client, name: string, data: Readonly<Record<string, string>>): Promise<void> {
  const key = { namespace: NAMESPACE, name };
  const present = await getOrUndefined(hub, secrets, key);
  if (present) await hub.patch(secrets, key, { type: 'merge', body: { data } });
  else await hub.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { ...key, labels: SYSTEM }, data } as AnyObject);
}

async function ownSecrets(o: JoinOptions, cluster: Cluster): Promise<void> {
  const owner = {
    apiVersion: cluster.apiVersion,
    kind: cluster.kind,
    name: cluster.metadata.name,
    uid: cluster.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  for (const name of [o.name, `${o.name}-impersonator`]) {
    await o.hub.patch(
      secrets,
      { namespace: NAMESPACE, name },
      { type: 'merge', body: { metadata: { ownerReferences: [owner] } } },
      { signal: o.signal },
    );
  }
}

export interface UnjoinOptions {
  readonly name: string;
  readonly hub: Client;
  /** Given: the identities in the member are removed too. */
  readonly member?: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Deletes the Cluster, waits until it is gone, then cleans up in the member. */
export async function unjoin(o: UnjoinOptions): Promise<void> {
  await o.hub.delete(clusters, { name: o.name }, { signal: o.signal });
  const deadline = o.clock.monotonic() + DELETE_WAIT_MS;
  while (await getOrUndefined(o.hub, clusters, { name: o.name }, { signal: o.signal })) {
    if (o.clock.monotonic() > deadline)
      throw new Error(`cluster ${o.name} is still being deleted after 60 s: 'kubectl describe cluster ${o.name}' tells what it waits for`);
    await sleep(o.clock, 500, o.signal);
  }
  if (!o.member) return;
  const account = `karmada-${o.name}`;
  for (const r of [clusterRoleBindings, clusterRoles]) await drop(o.member, r, { name: `karmada-controller-manager:${account}` });
  for (const name of [account, 'karmada-impersonator']) {
    await drop(o.member, secrets, { namespace: NAMESPACE, name });
    await drop(o.member, accounts, { namespace: NAMESPACE, name });
  }
}

async function drop(client: Client, r: Resource, key: { namespace?: string; name: string }): Promise<void> {
  try {
    await client.delete(r, key);
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
