import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { type AnyObject, at, getOrUndefined, type Resource, resource, simulatedClock } from '../../kube/index.ts';
import { type MemoryServer, memoryServer } from '../memory-server.ts';

const core = { group: '', version: 'v1', scope: 'Namespaced' } as const;
const SECRETS = resource({ ...core, kind: 'Secret', plural: 'secrets' }) as Resource<AnyObject>;
const CONFIG_MAPS = resource({ ...core, kind: 'ConfigMap', plural: 'configmaps' }) as Resource<AnyObject>;
const EVENTS = resource({ ...core, kind: 'Event', plural: 'events' }) as Resource<AnyObject>;
const API_SERVICES = resource({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  scope: 'Cluster',
}) as Resource<AnyObject>;
const JOBS = resource({ ...core, group: 'batch', kind: 'Job', plural: 'jobs' }) as Resource<AnyObject>;
const ROLES = resource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
});

let plane: MemoryServer | undefined;
afterEach(() => plane?.close());

const token = (id: string, more: Record<string, string> = {}): AnyObject =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
    type: 'bootstrap.kubernetes.io/token',
    stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...more },
  }) as unknown as AnyObject;

test('cluster-info carries a signature for each signing token, and loses it with the token', async () => {
  plane = await memoryServer();
  const { client } = plane;
  const info = { namespace: 'kube-public', name: 'cluster-info' };
  await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: info, data: { kubeconfig: 'content' } } as AnyObject);
  await client.create(SECRETS, token('aaaaaa'));
  await client.create(SECRETS, token('bbbbbb', { 'usage-bootstrap-signing': 'false' }));
  const data = async (): Promise<unknown> => (await client.get(CONFIG_MAPS, info))['data'];
  await expect.poll(data).toMatchObject({ 'jws-kubeconfig-aaaaaa': expect.any(String) as string });
  const signature = String(at(await data(), 'jws-kubeconfig-aaaaaa'));
  const [header = '', payload, mac] = signature.split('.');
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', kid: 'aaaaaa' });
  expect(payload).toBe('');
  const signed = `${header}.${Buffer.from('content').toString('base64url')}`;
  expect(mac).toBe(createHmac('sha256', '0123456789abcdef').update(signed).digest('base64url'));
  await client.delete(SECRETS, { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' });
  await expect.poll(data).toEqual({ kubeconfig: 'content' });
});

test('an expired bootstrap token is deleted when its time comes', async () => {
  const clock = simulatedClock();
  plane = await memoryServer({ clock });
  const { client } = plane;
  await client.create(SECRETS, token('cccccc', { expiration: new Date(clock.now() + 60_000).toISOString() }));
  const key = { namespace: 'kube-system', name: 'bootstrap-token-cccccc' };
  await clock.advance(59_000);
  expect(await getOrUndefined(client, SECRETS, key)).toBeDefined();
  await clock.advance(2000);
  await expect.poll(() => getOrUndefined(client, SECRETS, key)).toBeUndefined();
});

test('a finished Job goes when its time is over; an unfinished one stays', async () => {
  const clock = simulatedClock();
  plane = await memoryServer({ clock });
  const { client } = plane;
  const job = (name: string): AnyObject =>
    ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { namespace: 'default', name },
      spec: { ttlSecondsAfterFinished: 30, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
    }) as unknown as AnyObject;
  await client.create(JOBS, job('open'));
  const done = await client.create(JOBS, job('done'));
  const now = new Date(clock.now()).toISOString();
  const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: now });
  await client.update(
    JOBS,
    {
      ...done,
      status: { startTime: now, completionTime: now, succeeded: 1, conditions: [condition('SuccessCriteriaMet'), condition('Complete')] },
    },
    { subresource: 'status' },
  );
  await clock.advance(25_000);
  expect(await getOrUndefined(client, JOBS, { namespace: 'default', name: 'done' })).toBeDefined();
  await clock.advance(10_000);
  await expect.poll(() => getOrUndefined(client, JOBS, { namespace: 'default', name: 'done' })).toBeUndefined();
  expect(await getOrUndefined(client, JOBS, { namespace: 'default', name: 'open' })).toBeDefined();
});

test('a collecting ClusterRole follows the roles that its selectors choose, and drops rules written by hand', async () => {
  plane = await memoryServer();
  const { client } = plane;
  const rule = (resources: string[]) => ({ apiGroups: ['x.io'], resources, verbs: ['get'] });
  const role = (name: string, more: object): AnyObject =>
    ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, ...more }) as unknown as AnyObject;
  const rules = async (): Promise<unknown> => (await client.get(ROLES, { name: 'all' }))['rules'];
  await client.create(ROLES, role('b', { metadata: { name: 'b', labels: { to: 'all' } }, rules: [rule(['b']), rule(['a'])] }));
  await client.create(
    ROLES,
    role('all', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'all' } }] }, rules: [rule(['hand'])] }),
  );
  await expect.poll(rules).toEqual([rule(['b']), rule(['a'])]);
  await client.create(ROLES, role('a', { metadata: { name: 'a', labels: { to: 'all' } }, rules: [rule(['a'])] }));
  await expect.poll(rules).toEqual([rule(['a']), rule(['b'])]);
  await client.delete(ROLES, { name: 'b' });
  await expect.poll(rules).toEqual([rule(['a'])]);
});

test('an event lives for an hour after its last write', async () => {
  const clock = simulatedClock();
  plane = await memoryServer({ clock });
  const { client } = plane;
  const event = (name: string): AnyObject =>
    ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace: 'default', name },
      involvedObject: { namespace: 'default' },
    }) as unknown as AnyObject;
  const key = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });
  await client.create(EVENTS, event('once'));
  const again = await client.create(EVENTS, event('again'));
  await clock.advance(30 * 60_000);
  await client.update(EVENTS, { ...again, count: 2 } as AnyObject);
  await clock.advance(31 * 60_000);
  await expect.poll(() => getOrUndefined(client, EVENTS, key('once'))).toBeUndefined();
  expect(await getOrUndefined(client, EVENTS, key('again'))).toBeDefined();
  await clock.advance(30 * 60_000);
  await expect.poll(() => getOrUndefined(client, EVENTS, key('again'))).toBeUndefined();
});

test('each served group version has an available APIService, which comes back when it is deleted', async () => {
  plane = await memoryServer();
  const { client } = plane;
  const key = { name: 'v1.apps' };
  const find = async (): Promise<unknown> => at(await getOrUndefined(client, API_SERVICES, key), 'status', 'conditions', 0, 'reason');
  await expect.poll(find).toBe('Local');
  await client.delete(API_SERVICES, key);
  await expect.poll(find).toBe('Local');
  expect(await getOrUndefined(client, API_SERVICES, { name: 'v1.apiregistration.k8s.io' })).toBeUndefined();
});
