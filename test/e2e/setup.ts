// Brings the plane and its members up once for all end-to-end tests, and takes them down.
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { Access, Loops } from './environment.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAMES = ['member1', 'member2', 'member3'];
const PROBE = 'flotilla-e2e-probe';

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const script = (name: string, args: readonly string[], timeoutMs: number): void =>
  void execFileSync(join(ROOT, 'hack', name), args, { stdio: 'inherit', timeout: timeoutMs });

/** The clusters of `kubeconfig=NAME=FILE[@CONTEXT],…`; the suite needs three and calls them member1 to member3. */
function named(members: string): readonly Access[] {
  const given = members
    .replace(/^kubeconfig=/, '')
    .split(',')
    .map((pair): Access => {
      const [, file = '', context = ''] = /^[^=]*=([^@]+)(?:@(.+))?$/.exec(pair) ?? [];
      return { file: resolve(ROOT, file), context };
    });
  if (given.length < NAMES.length)
    throw new Error(`the end-to-end tests need ${NAMES.length} members: kubeconfig=A=FILE[@CONTEXT],B=…,C=…`);
  return given;
}

export default async function setup(project: TestProject): Promise<() => void> {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-e2e-'));
  const port = await freePort();
  const members = process.env['FLOTILLA_MEMBERS'] ?? 'embedded';
  const plane = process.env['FLOTILLA_PLANE'] ?? 'own';
  const others = members.startsWith('kubeconfig=') ? named(members) : undefined;
  const all = NAMES.map((name, i): [string, Access] => [name, others?.[i] ?? { file: join(home, 'members.config'), context: name }]);
  project.provide('home', home);
  project.provide('members', members);
  project.provide('plane', plane);
  project.provide('access', Object.fromEntries(all));
  const down = (): void => {
    for (const [name, access] of others ? all : []) leave(home, name, access);
    script('local-down.sh', ['--home', home, '--delete-data'], 60_000);
  };
  const told = others ? `kubeconfig=${all.map(([name, a]) => `${name}=${a.file}${a.context ? `@${a.context}` : ''}`).join(',')}` : members;
  const up = ['--home', home, '--port', String(port), '--members', told, '--plane', plane, '--no-sample'];
  project.provide('up', up);
  try {
    script('local-up.sh', up, 170_000);
    project.provide('loops', members === 'embedded' || !all[0] ? { pods: 'run', quotas: true } : loopsOf(all[0][1]));
  } catch (error) {
    down();
    throw error;
  }
  return down;
}

/** What joining made in a cluster of somebody else goes with the tests. */
function leave(home: string, name: string, { file, context }: Access): void {
  const flags = ['unjoin', name, '--home', home, '--force', '--wait', '60s', '--cluster-kubeconfig', file];
  try {
    execFileSync('node', [join(ROOT, 'dist/cli/main.js'), ...flags, ...(context ? ['--cluster-context', context] : [])], {
      stdio: 'inherit',
    });
  } catch {
    console.error(`${name} was not unjoined: see above`);
  }
}

/** What becomes of the Pods of a Deployment in the member, and whether its quotas are counted: looked at for 20 s. */
function loopsOf(access: Access): Loops {
  const kubectl = (...args: string[]): string =>
    execFileSync(
      join(ROOT, '.cache/bin/kubectl'),
      ['--kubeconfig', access.file, ...(access.context ? ['--context', access.context] : []), ...args],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
  try {
    kubectl('create', 'quota', PROBE, '--hard=count/leases.coordination.k8s.io=5');
    kubectl('create', 'deployment', PROBE, '--image=registry.k8s.io/pause:3.10');
    const run = succeeds(() => kubectl('wait', '--for=condition=Available', `deployment/${PROBE}`, '--timeout=20s'));
    const made = kubectl('get', 'pods', '-l', `app=${PROBE}`, '-o', 'name') !== '';
    return { pods: run ? 'run' : made ? 'wait' : 'absent', quotas: kubectl('get', 'quota', PROBE, '-o', 'jsonpath={.status.used}') !== '' };
  } finally {
    kubectl('delete', `deployment/${PROBE}`, `quota/${PROBE}`, '--ignore-not-found', '--wait=false');
  }
}

function succeeds(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
