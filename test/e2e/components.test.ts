// A control plane whose components are processes of their own, with members of its own: API server, webhooks, two controller managers and a
// scheduler meet over HTTPS only.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployment, eventually, type Json, type Output, policy, ROOT, run } from './environment.ts';

const dir = mkdtempSync(join(tmpdir(), 'flotilla-components-'));
const MAIN = join(ROOT, 'dist/cli/main.js');
const HUB = join(dir, 'karmada.config');
const MEMBERS = join(dir, 'members.config');
const ELECTION = ['--leader-elect-lease-duration', '10s', '--leader-elect-renew-deadline', '8s', '--leader-elect-retry-period', '1s'];
const running = new Map<string, ChildProcess>();
const ports = new Map<string, number>();

function start(name: string, ...args: string[]): void {
  const log = openSync(join(dir, `${name}.log`), 'a');
  running.set(name, spawn('node', [MAIN, ...args], { stdio: ['ignore', log, log] }));
}

async function port(name: string): Promise<number> {
  const known = ports.get(name);
  if (known !== undefined) return known;
  const found = await new Promise<number>(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
  ports.set(name, found);
  return found;
}

const serving = async (name: string): Promise<string[]> => [
  '--metrics-bind-address',
  `127.0.0.1:${await port(`${name} metrics`)}`,
  '--health-probe-bind-address',
  `127.0.0.1:${await port(`${name} health`)}`,
];
const fetched = async (name: string, path: string): Promise<string> => (await fetch(`http://127.0.0.1:${await port(name)}${path}`)).text();
const flotilla = (...args: string[]): Promise<Output> => run('node', [MAIN, ...args]);
const kubectl = (...args: string[]): Promise<Output> => run(join(ROOT, '.cache/bin/kubectl'), ['--kubeconfig', HUB, ...args]);
const apply = (...items: object[]): Promise<Output> =>
  run(join(ROOT, '.cache/bin/kubectl'), ['--kubeconfig', HUB, 'apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
async function inMember(name: string, ...args: string[]): Promise<Json> {
  const done = await run(join(ROOT, '.cache/bin/kubectl'), ['--kubeconfig', MEMBERS, '--context', name, 'get', ...args, '-o', 'json']);
  return done.code === 0 ? JSON.parse(done.out) : undefined;
}

/** Ends a process and tells how long it took, in ms. */
async function end(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
  const child = running.get(name);
  running.delete(name);
  const since = performance.now();
  if (!child || child.exitCode !== null) return 0;
  const ended = new Promise(resolve => child.once('exit', resolve));
  child.kill(signal);
  await ended;
  return performance.now() - since;
}

async function leader(): Promise<string> {
  const done = await kubectl('-n', 'karmada-system', 'get', 'lease', 'karmada-controller-manager', '-o', 'jsonpath={.spec.holderIdentity}');
  return done.out;
}

async function controllers(name: string): Promise<void> {
  start(name, 'controllers', '--kubeconfig', HUB, ...ELECTION, ...(await serving(name)));
}

beforeAll(async () => {
  const hubPort = await port('hub');
  start('apiserver', 'apiserver', '--home', dir, '--port', String(hubPort), '--disable-admission-plugins', 'KarmadaAdmission');
  for (const name of ['member1', 'member2']) start(name, 'member', '--name', name, '--home', dir, '--log-level', 'warn');
  await eventually('the API server is ready', async () => existsSync(HUB) && (await kubectl('get', '--raw', '/readyz')).code === 0);
  const webhookPort = String(await port('webhook'));
  const own = ['--secure-port', webhookPort, '--url', `https://127.0.0.1:${webhookPort}`, '--install-configurations', '--home', dir];
  start('webhook', 'webhook', '--kubeconfig', HUB, '--bind-address', '127.0.0.1', ...own, ...(await serving('webhook')));
  start('scheduler', 'scheduler', '--kubeconfig', HUB, ...ELECTION, ...(await serving('scheduler')));
  await controllers('controllers-a');
  for (const name of ['controllers-a health', 'scheduler health', 'webhook health'])
    await eventually(`${name} says ready`, async () => (await fetched(name, '/readyz')) === 'ok');
  await eventually('the members are there', async () => existsSync(MEMBERS) && readFileSync(MEMBERS, 'utf8').includes('member2'));
  const joined = await flotilla('join', 'member1', 'member2', '--kubeconfig', HUB, '--cluster-kubeconfig', MEMBERS);
  expect(joined.err).toBe('');
});

afterAll(async () => {
  await Promise.all([...running.keys()].map(name => end(name)));
  rmSync(dir, { recursive: true, force: true });
});

describe('components in processes of their own', () => {
  it('propagate a Deployment to two members and sum its status up', async () => {
    const done = await kubectl('wait', '--for=condition=Ready', 'cluster/member1', 'cluster/member2', '--timeout=60s');
    expect(done.err).toBe('');
    await apply(
      deployment('default', 'web', { replicas: 2 }),
      policy('default', 'web', { clusterAffinity: { clusterNames: ['member1', 'member2'] } }),
    );
    for (const name of ['member1', 'member2'])
      await eventually(`web in ${name}`, async () => (await inMember(name, 'deployment', 'web'))?.status?.readyReplicas === 2);
    await eventually(
      'the sum',
      async () => (await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.status.readyReplicas}')).out === '4',
    );
  });

  it('ask the webhook server about policies', async () => {
    const found = JSON.parse((await kubectl('get', 'propagationpolicy', 'web', '-o', 'json')).out) as Json;
    expect(found.metadata.labels).toHaveProperty('propagationpolicy.karmada.io/permanent-id');
    const wrong = { spreadConstraints: [{ spreadByField: 'cluster', minGroups: 3, maxGroups: 2 }] };
    expect((await apply(policy('default', 'wrong', wrong))).err).toMatch(
      /admission webhook "propagationpolicy\.karmada\.io" denied the request: .*maxGroups lower than minGroups is not allowed/,
    );
    expect(await fetched('webhook metrics', '/metrics')).toMatch(
      /controller_runtime_webhook_requests_total\{webhook="\/validate-propagationpolicy",code="200"\} 2/,
    );
  });

  it('tell how they do', async () => {
    const text = await fetched('controllers-a metrics', '/metrics');
    expect(text).toContain('leader_election_master_status{name="karmada-controller-manager"} 1');
    expect(text).toMatch(/controller_runtime_reconcile_total\{controller="execution-controller",result="success"\} [1-9]/);
    expect(text).toContain('cluster_ready_state{member_cluster="member1"} 1');
    expect(await fetched('scheduler metrics', '/metrics')).toMatch(
      /karmada_scheduler_schedule_attempts_total\{result="scheduled",[^}]*\} [1-9]/,
    );
  });

  it('go on when the leader is killed: the next one takes over when the lease has run out', async () => {
    await controllers('controllers-b');
    await eventually('the second one stands by', async () => (await fetched('controllers-b health', '/readyz')) === 'ok');
    const before = await leader();
    await end('controllers-a', 'SIGKILL');
    await kubectl('scale', 'deployment', 'web', '--replicas=3');
    await eventually('member2 follows', async () => (await inMember('member2', 'deployment', 'web'))?.spec.replicas === 3, 60_000);
    expect(await leader()).not.toBe(before);
  });

  it('end within ten seconds of SIGTERM, and the leader gives its lease back', async () => {
    expect(await end('controllers-b')).toBeLessThan(10_000);
    expect(await leader()).toBe('');
    for (const name of ['scheduler', 'webhook', 'apiserver']) expect(await end(name), name).toBeLessThan(10_000);
  });
});

describe('a component that cannot start', () => {
  it('says in one line what is in the way', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => taken.once('listening', resolve));
    const { port: busy } = taken.address() as { port: number };
    const up = await flotilla('up', '--home', join(dir, 'busy'), '--port', String(busy));
    expect([up.code, up.err]).toEqual([1, `error: port ${busy} is in use: choose another with --port, or stop what listens there\n`]);
    const unknown = await flotilla('scheduler', '--kubeconfg', 'x');
    expect(unknown.err).toBe("error: unknown option '--kubeconfg' (Did you mean --kubeconfig?): see flotilla scheduler --help\n");
    const absent = await flotilla('controllers', '--kubeconfig', '/nowhere');
    expect(absent.err).toBe('error: there is no kubeconfig /nowhere\n');
    taken.close();
  });
});
