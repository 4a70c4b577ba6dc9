// Joining a member in push mode (specification §6.1): identities in the member, their tokens and the Cluster in the control
// plane. Running it again after a failure goes on where it stopped.
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

/** Of the member, whatever the control plane's is called. */
export const MEMBER_NAMESPACE = 'karmada-cluster';
const SYSTEM = { 'karmada.io/system': 'true' };
const TOKEN_WAIT_MS = 30_000;

export const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
export const accounts = resource({ group: '', version: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', scope: 'Namespaced' });
export const secrets = resource({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' });
const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1', scope: 'Cluster' } as const;
export const clusterRoles = resource({ ...RBAC, kind: 'ClusterRole', plural: 'clusterroles' });
export const clusterRoleBindings = resource({ ...RBAC, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' });

export interface JoinOptions {
  readonly name: string;
  readonly hub: Client;
  readonly member: Client;
  /** URL under which the control plane reaches the member. */
  readonly endpoint: string;
  /** Of the control plane: where the credentials are kept; karmada-cluster without. */
  readonly namespace?: string;
  /** The control plane does not verify the member's certificate. */
  readonly insecure?: boolean;
  readonly proxy?: string;
  /** Changes nothing; resolves with the Cluster as it would be. */
  readonly dryRun?: boolean;
  readonly provider?: string;
  readonly region?: string;
  readonly zones?: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export async function join(o: JoinOptions): Promise<Cluster> {
  const id = (await o.member.get(namespaces, { name: 'kube-system' }, { signal: o.signal })).metadata.uid ?? '';
  await refuseTwins(o, id);
  if (o.dryRun) return clusterObject(o, id);
  const controller = accountOf(o.name);
  await put(o.member, namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: MEMBER_NAMESPACE, labels: SYSTEM } });
  const own = await identity(o, controller);
  const impersonator = await identity(o, 'karmada-impersonator');
  await grant(o.member, o.name);
  await put(o.hub, namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: hubNamespace(o), labels: SYSTEM } });
  await putSecret(o, o.name, { caBundle: own.ca, token: own.token });
  await putSecret(o, `${o.name}-impersonator`, { token: impersonator.token });
  const cluster = await o.hub.create(clusters, clusterObject(o, id), { signal: o.signal });
  await ownSecrets(o, cluster);
  return cluster;
}

const hubNamespace = (o: JoinOptions): string => o.namespace ?? MEMBER_NAMESPACE;

/** The ServiceAccount that the controllers go by in a member. */
export const accountOf = (cluster: string): string => `karmada-${cluster}`;
/** Its ClusterRole and ClusterRoleBinding. */
export const roleOf = (cluster: string): string => `karmada-controller-manager:${accountOf(cluster)}`;

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
      secretRef: { namespace: hubNamespace(o), name: o.name },
      impersonatorSecretRef: { namespace: hubNamespace(o), name: `${o.name}-impersonator` },
      ...(o.insecure ? { insecureSkipTLSVerification: true } : {}),
      ...(o.proxy ? { proxyURL: o.proxy } : {}),
      ...(o.provider ? { provider: o.provider } : {}),
      ...(o.region ? { region: o.region } : {}),
      ...(o.zones?.length ? { zones: [...o.zones] } : {}),
    },
  } as Cluster;
}

/** A ServiceAccount of the member with a token of its own; waits until the token is there. */
async function identity(o: JoinOptions, name: string): Promise<{ readonly token: string; readonly ca: string }> {
  await put(o.member, accounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace: MEMBER_NAMESPACE, name, labels: SYSTEM },
  });
  await put(o.member, secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: MEMBER_NAMESPACE, name, labels: SYSTEM, annotations: { 'kubernetes.io/service-account.name': name } },
    type: 'kubernetes.io/service-account-token',
  } as AnyObject);
  const deadline = o.clock.monotonic() + TOKEN_WAIT_MS;
  for (;;) {
    const secret = await o.member.get(secrets, { namespace: MEMBER_NAMESPACE, name }, { signal: o.signal });
    const token = stringOf(at(secret, 'data', 'token'));
    if (token) return { token, ca: stringOf(at(secret, 'data', 'ca.crt')) };
    if (o.clock.monotonic() > deadline)
      throw new Error(
        `the member made no token for ServiceAccount ${MEMBER_NAMESPACE}/${name} within 30 s: does it run the service-account token controller?`,
      );
    await sleep(o.clock, 200, o.signal);
  }
}

async function grant(member: Client, cluster: string): Promise<void> {
  const name = roleOf(cluster);
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
    subjects: [{ kind: 'ServiceAccount', name: accountOf(cluster), namespace: MEMBER_NAMESPACE }],
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
async function putSecret(o: JoinOptions, name: string, data: Readonly<Record<string, string>>): Promise<void> {
  const { hub } = o;
  const key = { namespace: hubNamespace(o), name };
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
      { namespace: hubNamespace(o), name },
      { type: 'merge', body: { metadata: { ownerReferences: [owner] } } },
      { signal: o.signal },
    );
  }
}
