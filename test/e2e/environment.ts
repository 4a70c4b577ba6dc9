// What the end-to-end tests drive: one control plane with members, brought up by hack/local-up.sh as a user would, and spoken
// to through kubectl, helm and kubeconfigs only, so that kind clusters and other API servers serve as members as well.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { sleep, systemClock } from '../../kube/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly home: string;
    readonly members: string;
    readonly plane: string;
    /** The arguments of hack/local-up.sh. */
    readonly up: readonly string[];
    /** How each member is reached. */
    readonly access: Readonly<Record<string, Access>>;
    readonly loops: Loops;
  }
}

export interface Access {
  readonly file: string;
  readonly context: string;
}

/** What the members do by themselves; the tests do the rest, through the kubeconfigs. */
export interface Loops {
  /** Pods of a Deployment become ready; are made and wait for a node; are not made at all. */
  readonly pods: 'run' | 'wait' | 'absent';
  /** Quotas are counted. */
  readonly quotas: boolean;
}

export const ROOT = join(import.meta.dirname, '../..');
export const MEMBERS = ['member1', 'member2', 'member3'] as const;
export type MemberName = (typeof MEMBERS)[number];
const BIN = join(ROOT, '.cache/bin');

export interface Output {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, whatever its exit status. */
export function run(
  file: string,
  args: readonly string[],
  o: { readonly input?: string; readonly timeoutMs?: number; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Output> {
  return new Promise(resolve => {
    const child = execFile(
      file,
      args,
      { timeout: o.timeoutMs ?? 60_000, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...o.env } },
      (error, out, err) => {
        resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, out, err });
      },
    );
    child.stdin?.end(o.input ?? '');
  });
}

export const home = (): string => inject('home');
const hubConfig = (): string => join(home(), 'karmada.config');
const memberFlags = (name: MemberName): string[] => {
  const { file, context } = inject('access')[name] ?? { file: '', context: '' };
  return ['--kubeconfig', file, ...(context ? ['--context', context] : [])];
};

/** kubectl against the control plane; throws with its words when it fails. */
export const hub = (...args: string[]): Promise<string> => succeed(['--kubeconfig', hubConfig(), ...args]);
/** kubectl against a member. */
export const member = (name: MemberName, ...args: string[]): Promise<string> => succeed([...memberFlags(name), ...args]);
/** kubectl against the control plane, as it ends. */
export const hubTry = (...args: string[]): Promise<Output> => run(join(BIN, 'kubectl'), ['--kubeconfig', hubConfig(), ...args]);
export const memberTry = (name: MemberName, ...args: string[]): Promise<Output> =>
  run(join(BIN, 'kubectl'), [...memberFlags(name), ...args]);
export const helm = (...args: string[]): Promise<Output> => run(join(BIN, 'helm'), ['--kubeconfig', hubConfig(), ...args]);

async function succeed(args: readonly string[], input?: string): Promise<string> {
  const done = await run(join(BIN, 'kubectl'), args, input === undefined ? {} : { input });
  if (done.code !== 0) throw new Error(`kubectl ${args.slice(2).join(' ')}: ${done.err || done.out}`);
  return done.out;
}

/** `kubectl apply -f -` of objects. */
export async function apply(...objects: readonly object[]): Promise<string> {
  return succeed(['--kubeconfig', hubConfig(), 'apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

/** `-o json` of one object of the control plane or of a member; undefined where it does not exist. */
export async function object(where: 'hub' | MemberName, ...args: string[]): Promise<Json | undefined> {
  const done = await (where === 'hub' ? hubTry('get', ...args, '-o', 'json') : memberTry(where, 'get', ...args, '-o', 'json'));
  if (done.code === 0) return JSON.parse(done.out) as Json;
  if (/NotFound|the server doesn't have a resource type/.test(done.err)) return undefined;
  throw new Error(done.err);
}

// biome-ignore lint/suspicious/noExplicitAny: answers of kubectl are read as they come
export type Json = any;

/** Polls until `check` gives something other than undefined and false; what it threw or gave last is in the error. */
export async function eventually<T>(what: string, check: () => Promise<T | undefined | false>, timeoutMs = 40_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await check();
      if (found !== undefined && found !== false) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`${what}: not so after ${timeoutMs / 1000} s (last: ${last instanceof Error ? last.message : JSON.stringify(last)})`);
    await sleep(systemClock, 150);
  }
}

/** A namespace of its own for the tests of a file, deleted afterwards. */
export function namespace(): string {
  const name = `e2e-${randomBytes(3).toString('hex')}`;
  beforeAll(async () => {
    await hub('create', 'namespace', name);
  });
  afterAll(async () => {
    await hubTry('delete', 'namespace', name, '--wait=false');
  });
  return name;
}

/** The replicas of a Deployment in each member that has it. */
export async function replicas(ns: string, name: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const m of MEMBERS) {
    const deployment = await object(m, 'deployment', name, '-n', ns);
    if (deployment) found[m] = deployment.spec.replicas;
  }
  return found;
}

export const deployment = (
  ns: string,
  name: string,
  o: { replicas?: number; image?: string; cpu?: string; labels?: Record<string, string> } = {},
): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: ns, labels: { app: name, ...o.labels } },
  spec: {
    replicas: o.replicas ?? 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [{ name: 'main', image: o.image ?? 'nginx:1.29', resources: { requests: { cpu: o.cpu ?? '10m', memory: '16Mi' } } }],
      },
    },
  },
});

export const policy = (
  ns: string,
  name: string,
  placement: object,
  selector: object = { apiVersion: 'apps/v1', kind: 'Deployment', name },
): object => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'PropagationPolicy',
  metadata: { name, namespace: ns },
  spec: { resourceSelectors: [selector], placement },
});

/** The pid of a process that hack/local-up.sh started. */
export const pidOf = (name: string): number => Number(readFileSync(join(home(), 'pids', `${name}.pid`), 'utf8'));
export const startedHere = (): boolean => inject('members') === 'embedded';
/** Whether the API server of the control plane is Flotilla's. */
export const ownPlane = (): boolean => inject('plane') === 'own';
/** Brings back what has ended, as a user would. */
export const bringUp = (): Promise<Output> => run(join(ROOT, 'hack/local-up.sh'), inject('up'), { timeoutMs: 120_000 });
export const podsRun = (): boolean => inject('loops').pods === 'run';

/** Waits until a Deployment is in these members; where no node makes its pods ready, that is done here. */
export async function madeReady(ns: string, name: string, ...on: readonly MemberName[]): Promise<void> {
  const { pods } = inject('loops');
  for (const m of on) {
    await eventually(`${name} in ${m}`, () => object(m, 'deployment', name, '-n', ns));
    if (pods === 'absent') await writeReady(m, ns, name);
    if (pods === 'wait') await eventually(`${name} ready in ${m}`, () => markPods(m, ns, name));
  }
}

async function writeReady(m: MemberName, ns: string, name: string): Promise<void> {
  const found = await object(m, 'deployment', name, '-n', ns);
  const { replicas } = found.spec;
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
  await writeStatus(m, ns, `deployment/${name}`, { observedGeneration: found.metadata.generation, ...counts });
}

/** What a kubelet would say of the Deployment's pods; whether all of them are counted as ready by now. */
async function markPods(m: MemberName, ns: string, name: string): Promise<boolean> {
  const { items } = await object(m, 'pods', '-n', ns, '-l', `app=${name}`);
  const startTime = new Date(systemClock.now()).toISOString();
  for (const pod of items) {
    if (pod.status.phase === 'Running') continue;
    const conditions = ['Initialized', 'ContainersReady', 'Ready'].map(type => ({ type, status: 'True', lastTransitionTime: startTime }));
    await writeStatus(m, ns, `pod/${pod.metadata.name}`, { phase: 'Running', startTime, conditions });
  }
  const { spec, status } = await object(m, 'deployment', name, '-n', ns);
  return status?.readyReplicas === spec.replicas;
}

/** Waits until a quota is counted; where nothing counts, `used` is written as its status. */
export async function counted(m: MemberName, ns: string, name: string, used: Readonly<Record<string, string>>): Promise<void> {
  const { spec } = await object(m, 'quota', name, '-n', ns);
  if (!inject('loops').quotas) await writeStatus(m, ns, `quota/${name}`, { hard: spec.hard, used });
  await eventually(`quota ${name} is counted`, async () => (await object(m, 'quota', name, '-n', ns))?.status?.used !== undefined);
}

const writeStatus = (m: MemberName, ns: string, what: string, status: object): Promise<string> =>
  member(m, 'patch', what, '-n', ns, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
