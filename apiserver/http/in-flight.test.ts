import { afterEach, expect, test } from 'vitest';
import { simulatedClock } from '../../kube/index.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import { type MemoryServer, memoryServer } from '../memory-server.ts';
import { InFlight } from './in-flight.ts';
import { requestInfo } from './request-info.ts';

const clock = simulatedClock();
const limits = (reads: number, writes: number): InFlight =>
  new InFlight({ maxRequestsInflight: reads, maxMutatingRequestsInflight: writes }, clock);
const jane = { username: 'jane', groups: ['dev'] };
const never = new AbortController();
const read = requestInfo('GET', '/api/v1/pods');
const write = requestInfo('POST', '/api/v1/namespaces/a/pods');

test('reads and writes have places of their own, and a place is given on in order', async () => {
  const gate = limits(1, 1);
  const leave = await gate.enter(write, jane, never);
  expect(gate.enter(read, jane, never)).toBeTypeOf('function');
  const order: number[] = [];
  const waiting = [1, 2].map(n =>
    Promise.resolve(gate.enter(write, jane, never)).then(next => {
      order.push(n);
      return next;
    }),
  );
  leave?.();
  (await waiting[0])?.();
  leave?.();
  await waiting[1];
  expect(order).toEqual([1, 2]);
});

test('administrators, watches, connections and health checks need no place', async () => {
  const gate = limits(1, 1);
  await gate.enter(write, jane, never);
  await gate.enter(read, jane, never);
  expect(gate.enter(write, { username: 'root', groups: ['system:masters'] }, never)).toBeUndefined();
  for (const url of [
    '/api/v1/pods?watch=true',
    '/api/v1/namespaces/a/pods/p/log',
    '/api/v1/namespaces/a/pods/p/exec',
    '/readyz',
    '/livez/x',
  ])
    expect(gate.enter(requestInfo('GET', url), jane, never)).toBeUndefined();
});

test('who waits too long, or finds too many waiting, is told to come again', async () => {
  const gate = limits(1, 1);
  await gate.enter(write, jane, never);
  const waiting = Array.from({ length: 4 }, () => Promise.resolve(gate.enter(write, jane, never)).catch((e: unknown) => e));
  expect(() => gate.enter(write, jane, never)).toThrow(/Too many requests/);
  await clock.advance(15_001);
  for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject({ code: 429, details: { retryAfterSeconds: 1 } });
});

test('who goes away while waiting leaves its turn to the next', async () => {
  const gate = limits(1, 1);
  const leave = await gate.enter(write, jane, never);
  const gone = new AbortController();
  const first = Promise.resolve(gate.enter(write, jane, gone)).catch(() => 'gone');
  const second = gate.enter(write, jane, never);
  gone.abort();
  leave?.();
  expect(await first).toBe('gone');
  expect(await second).toBeTypeOf('function');
});

test('no limit is no limit', () => expect(limits(0, 0).enter(write, jane, never)).toBeUndefined());

let plane: MemoryServer | undefined;
afterEach(() => plane?.close());

test('over sockets: too many writes at once get 429 with Retry-After, and all succeed when they come again', async () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  const slow: AdmissionPlugin = { name: 'Slow', validate: a => (a.name.startsWith('slow-') ? opened : undefined) };
  plane = await memoryServer({ limits: { maxRequestsInflight: 400, maxMutatingRequestsInflight: 2 }, plugins: () => [slow] });
  const listening = await plane.listen();
  const { Agent, request } = await import('undici');
  const group = 'rbac.authorization.k8s.io';
  const binding = {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'dev' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: group, kind: 'Group', name: 'dev' }],
  };
  const url = `https://127.0.0.1:${listening.port}`;
  const connect = async (name: string, org: string) => ({ ca: plane?.pki.caCert ?? '', ...(await plane?.certificate(name, org)) });
  const admin = new Agent({ connect: await connect('admin', 'system:masters') });
  const dev = new Agent({ connect: await connect('jane', 'dev'), connections: 50 });
  const headers = { 'content-type': 'application/json' };
  const bound = await request(`${url}/apis/${group}/v1/clusterrolebindings`, {
    method: 'POST',
    dispatcher: admin,
    headers,
    body: JSON.stringify(binding),
  });
  await bound.body.dump();
  const post = async (dispatcher: InstanceType<typeof Agent>, name: string) => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    const answer = await request(`${url}/api/v1/namespaces/default/configmaps`, { method: 'POST', dispatcher, headers, body });
    await answer.body.dump();
    return answer;
  };
  const names = Array.from({ length: 30 }, (_, i) => `slow-${i}`);
  const first = names.map(async name => ({ name, answer: await post(dev, name) }));
  expect((await post(admin, 'by-admin')).statusCode).toBe(201);
  const refused = await Promise.any(
    first.map(async p => ((await p).answer.statusCode === 429 ? (await p).answer : Promise.reject(new Error('taken')))),
  );
  expect(refused.headers['retry-after']).toBe('1');
  open();
  const done = await Promise.all(first);
  expect(new Set(done.map(d => d.answer.statusCode))).toEqual(new Set([201, 429]));
  expect(done.filter(d => d.answer.statusCode === 201).length).toBeGreaterThanOrEqual(10);
  for (const { name } of done.filter(d => d.answer.statusCode === 429)) expect((await post(dev, name)).statusCode).toBe(201);
  await Promise.all([admin.close(), dev.close()]);
});
