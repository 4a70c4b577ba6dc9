import { afterEach, expect, test } from 'vitest';
import {
  type ApiServer,
  apiServer,
  CORE_NAMESPACES,
  componentUser,
  ensureNamespaces,
  ensureRbac,
  MemoryStore,
} from '../apiserver/index.ts';
import { type AnyObject, at, type Client, resource, runAll, systemClock } from '../kube/index.ts';
import { ensureClusterInfo } from './cluster-info.ts';
import { PLANE_ROLES } from './plane-roles.ts';

const core = { group: '', version: 'v1', scope: 'Namespaced' } as const;
const CONFIG_MAPS = resource({ ...core, kind: 'ConfigMap', plural: 'configmaps' });
const SECRETS = resource({ ...core, kind: 'Secret', plural: 'secrets' });
const CLUSTER_ROLES = resource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
});
const REVIEWS = resource({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  scope: 'Cluster',
});
const INFO = { namespace: 'kube-public', name: 'cluster-info' };
const TOKENS = 'system:bootstrappers:karmada:default-cluster-token';

let stop: AbortController | undefined;
afterEach(() => stop?.abort());

/** An API server in memory with its loops and roles, and an administrator's client. */
async function plane(): Promise<{ readonly server: ApiServer; readonly client: Client }> {
  const server = await apiServer({ store: new MemoryStore('register'), clock: systemClock, authenticators: [] });
  const client = server.client(componentUser('test'), 'test');
  stop = new AbortController();
  runAll(server.loops, stop.signal).catch(() => undefined);
  await ensureNamespaces(client, CORE_NAMESPACES);
  await ensureRbac(client, PLANE_ROLES);
  return { server, client };
}

const token: AnyObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' },
  type: 'bootstrap.kubernetes.io/token',
  stringData: { 'token-id': 'aaaaaa', 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true' },
};

test('anybody learns where the control plane is; a signature stays while the address changes, and follows it', async () => {
  const { server, client } = await plane();
  await client.create(SECRETS, token);
  await ensureClusterInfo(client, { caCert: 'CA', host: '10.0.0.1', port: 5443 });
  const data = async (): Promise<unknown> => (await client.get(CONFIG_MAPS, INFO))['data'];
  const signature = async (): Promise<unknown> => at(await data(), 'jws-kubeconfig-aaaaaa');
  await expect.poll(signature).toEqual(expect.any(String));
  const before = await signature();
  const seen = await server.client({ username: 'system:anonymous', groups: ['system:unauthenticated'] }, 'test').get(CONFIG_MAPS, INFO);
  expect(at(seen, 'data', 'kubeconfig')).toContain('server: https://10.0.0.1:5443');

  await ensureClusterInfo(client, { caCert: 'CA', host: '10.0.0.2', port: 5443 });
  expect(at(await data(), 'kubeconfig')).toContain('server: https://10.0.0.2:5443');
  await expect.poll(signature).not.toEqual(before);
  expect(await signature()).toEqual(expect.any(String));
});

test('who registers a cluster may ask for its certificate; an agent may ask for its own again, and for no other', async () => {
  const { client } = await plane();
  const may = async (group: string, subresource: string): Promise<unknown> => {
    const resourceAttributes = { verb: 'create', group: 'certificates.k8s.io', resource: 'certificatesigningrequests', subresource };
    const spec = { user: 'somebody', groups: [group], resourceAttributes };
    const review = await client.create(REVIEWS, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec,
    } as AnyObject);
    return at(review, 'status', 'allowed');
  };
  expect(await may(TOKENS, '')).toBe(true);
  expect(await may(TOKENS, 'clusteragent')).toBe(true);
  expect(await may('system:karmada:agents', 'selfclusteragent')).toBe(true);
  expect(await may('system:karmada:agents', 'clusteragent')).toBe(false);
});

test('readers and editors of a namespace see the kinds of Karmada', async () => {
  const { client } = await plane();
  const rulesOf = async (name: string): Promise<unknown> => (await client.get(CLUSTER_ROLES, { name }))['rules'];
  const resources = ['overridepolicies', 'propagationpolicies'];
  await expect.poll(() => rulesOf('view')).toContainEqual(expect.objectContaining({ resources, verbs: ['get', 'list', 'watch'] }));
  await expect
    .poll(() => rulesOf('edit'))
    .toContainEqual(expect.objectContaining({ resources, verbs: ['create', 'delete', 'deletecollection', 'patch', 'update'] }));
});
