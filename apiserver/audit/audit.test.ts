import { afterEach, expect, test } from 'vitest';
import { type AnyObject, resource, simulatedClock } from '../../kube/index.ts';
import { type MemoryServer, memoryServer } from '../memory-server.ts';
import { Audit, auditPolicy, type LineSink } from './index.ts';

type Event = Record<string, unknown> & { readonly stage: string; readonly annotations?: Record<string, string> };

let plane: MemoryServer | undefined;
afterEach(() => plane?.close());

/** A server that logs into memory, and a way to ask it. */
async function logging(...rules: object[]) {
  const events: Event[] = [];
  const sink: LineSink = {
    append: line => void events.push(JSON.parse(line) as Event),
    room: () => undefined,
    close: async () => undefined,
  };
  const policy = auditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules });
  const clock = simulatedClock();
  plane = await memoryServer({ clock, audit: new Audit({ policy, sink, clock }) });
  const listening = await plane.listen();
  const { Agent, request } = await import('undici');
  const agents = new Map<string, InstanceType<typeof Agent>>();
  const agent = async (name: string, groups: string[]) => {
    const known =
      agents.get(name) ??
      new Agent({ connect: { ca: plane?.pki.caCert ?? '', ...(name ? await plane?.certificate(name, ...groups) : {}) } });
    agents.set(name, known);
    return known;
  };
  events.length = 0;
  return {
    events,
    clock,
    async send(method: string, path: string, o: { body?: unknown; headers?: Record<string, string>; as?: string; groups?: string[] } = {}) {
      const dispatcher = await agent(o.as ?? 'admin', o.groups ?? ['system:masters']);
      const answer = await request(`https://127.0.0.1:${listening.port}${path}`, {
        method: method as 'GET',
        dispatcher,
        headers: { ...(o.body ? { 'content-type': 'application/json' } : {}), ...o.headers },
        ...(o.body ? { body: JSON.stringify(o.body) } : {}),
      });
      return { code: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
    },
  };
}

const HTTP = { userGroups: ['system:karmada:components'], level: 'None' };
const secret = (name: string): AnyObject =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, managedFields: [] },
    stringData: { password: 'hunter2' },
  }) as unknown as AnyObject;

test('at level Metadata a write tells who, what and why, in two stages, and nothing of the object', async () => {
  const { events, send } = await logging(HTTP, { level: 'Metadata' });
  const { headers } = await send('POST', '/api/v1/namespaces/default/secrets?fieldManager=x', {
    body: secret('s'),
    headers: { 'audit-id': 'given' },
  });
  expect(headers['audit-id']).toBe('given');
  await expect.poll(() => events.map(e => e.stage)).toEqual(['RequestReceived', 'ResponseComplete']);
  expect(events[1]).toMatchObject({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: 'given',
    requestURI: '/api/v1/namespaces/default/secrets?fieldManager=x',
    verb: 'create',
    user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['127.0.0.1'],
    objectRef: { resource: 'secrets', namespace: 'default', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  });
  expect(JSON.stringify(events)).not.toMatch(/hunter2|aHVudGVyMg/);
});

test('at level RequestResponse bodies are told, without managed fields where that is asked for', async () => {
  const { events, send } = await logging(HTTP, { level: 'RequestResponse', omitManagedFields: true, omitStages: ['RequestReceived'] });
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', managedFields: [] }, data: { a: 'b' } };
  await send('POST', '/api/v1/namespaces/default/configmaps', { body });
  await send('PATCH', '/api/v1/namespaces/default/configmaps/c', {
    body: { data: { a: 'c' } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  await expect.poll(() => events).toHaveLength(2);
  expect(events[0]).toMatchObject({
    objectRef: { name: 'c' },
    requestObject: { metadata: { name: 'c' }, data: { a: 'b' } },
    responseObject: { kind: 'ConfigMap' },
  });
  expect(events[1]).toMatchObject({ verb: 'patch', requestObject: { data: { a: 'c' } }, responseObject: { data: { a: 'c' } } });
  expect(JSON.stringify(events)).not.toContain('managedFields');
});

test('refusals are logged with their Status: forbidden by permission, by admission, and for want of a name', async () => {
  const { events, send } = await logging(HTTP, { level: 'Metadata', omitStages: ['RequestReceived'] });
  await send('GET', '/api/v1/secrets', { as: 'jane', groups: ['dev'] });
  await send('DELETE', '/api/v1/namespaces/default');
  await send('GET', '/api/v1/pods', { as: '', headers: { authorization: 'Bearer nonsense' } });
  await expect.poll(() => events).toHaveLength(3);
  expect(events[0]).toMatchObject({
    responseStatus: { code: 403, status: 'Failure', reason: 'Forbidden' },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  });
  expect(events[1]).toMatchObject({ responseStatus: { code: 403 }, annotations: { 'authorization.k8s.io/decision': 'allow' } });
  expect(events[2]).toMatchObject({ user: {}, responseStatus: { code: 401, reason: 'Unauthorized' } });
});

test('who acts as somebody else is told with both names', async () => {
  const { events, send } = await logging(HTTP, { level: 'Metadata' });
  await send('GET', '/api/v1/pods', { headers: { 'impersonate-user': 'eve' } });
  await expect.poll(() => events).toHaveLength(2);
  expect(events[1]).toMatchObject({ user: { username: 'admin' }, impersonatedUser: { username: 'eve', groups: ['system:authenticated'] } });
});

test('a watch is told when it starts and when it ends', async () => {
  const { events, send, clock } = await logging(HTTP, { level: 'Metadata' });
  const watch = send('GET', '/api/v1/pods?watch=true&timeoutSeconds=1');
  await expect.poll(() => events).toHaveLength(2);
  await clock.advance(1000);
  await watch;
  await expect.poll(() => events.map(e => e.stage)).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
});

test('what PodSecurity finds for the audit log stands in the event', async () => {
  const { events, send } = await logging(HTTP, {
    level: 'Metadata',
    resources: [{ group: '', resources: ['pods'] }],
    omitStages: ['RequestReceived'],
  });
  const labels = { 'pod-security.kubernetes.io/audit': 'baseline' };
  await send('PATCH', '/api/v1/namespaces/default', {
    body: { metadata: { labels } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  const spec = { hostPID: true, containers: [{ name: 'c', image: 'i' }] };
  await send('POST', '/api/v1/namespaces/default/pods', { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec } });
  await expect.poll(() => events).toHaveLength(1);
  expect(events[0]?.annotations).toMatchObject({
    'pod-security.kubernetes.io/enforce-policy': 'privileged:latest',
    'pod-security.kubernetes.io/audit-violations': 'would violate PodSecurity "baseline:latest": host namespaces (hostPID)',
  });
});

test('components that call in process leave traces too', async () => {
  const { events } = await logging({ level: 'Request', users: ['system:karmada:x'], omitStages: ['RequestReceived'] });
  const client = plane?.server.client({ username: 'system:karmada:x', groups: ['system:masters'] }, 'x');
  const CONFIG_MAPS = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
  await client?.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'm' } } as AnyObject);
  await client?.get(CONFIG_MAPS, { namespace: 'default', name: 'missing' }).catch(() => undefined);
  expect(events[0]).toMatchObject({
    verb: 'create',
    requestURI: '/api/v1/namespaces/default/configmaps/m',
    requestObject: { metadata: { name: 'm' } },
  });
  expect(events[1]).toMatchObject({ verb: 'get', responseStatus: { code: 404, reason: 'NotFound' } });
});

test('what a namespace takes with it is told, and by whom', async () => {
  const { events, send, clock } = await logging({
    level: 'Metadata',
    users: ['system:karmada:namespace-controller'],
    verbs: ['delete'],
    omitStages: ['RequestReceived'],
  });
  await send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gone' } } });
  await send('POST', '/api/v1/namespaces/gone/configmaps', { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } } });
  await send('DELETE', '/api/v1/namespaces/gone');
  await clock.advance(6000);
  await expect.poll(() => events).toHaveLength(1);
  expect(events[0]).toMatchObject({ verb: 'delete', requestURI: '/api/v1/namespaces/gone/configmaps/c', responseStatus: { code: 200 } });
});
