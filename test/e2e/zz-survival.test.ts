// What must hold when processes die. Runs last: it stops and starts what the other tests need.
import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  apply,
  bringUp,
  deployment,
  eventually,
  home,
  hub,
  hubTry,
  madeReady,
  member,
  namespace,
  object,
  ownPlane,
  pidOf,
  policy,
  ROOT,
  run,
  startedHere,
} from './environment.ts';

const ns = namespace();

function start(name: string, ...args: string[]): void {
  const log = openSync(join(home(), 'logs', `${name}.log`), 'a');
  const child = spawn('node', [join(ROOT, 'dist/cli/main.js'), ...args], { detached: true, stdio: ['ignore', log, log] });
  child.unref();
  writeFileSync(join(home(), 'pids', `${name}.pid`), String(child.pid));
}

async function kill(name: string): Promise<void> {
  const pid = pidOf(name);
  process.kill(pid, 'SIGKILL');
  await eventually(`${name} is dead`, () => Promise.resolve(isDead(pid)));
}

/** What has ended and was not yet waited for is dead. */
function isDead(pid: number): boolean {
  try {
    return /^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

const ready = async (name: string): Promise<string> =>
  (await object('hub', 'cluster', name))?.status?.conditions?.find((c: { type: string }) => c.type === 'Ready')?.status;

describe('clusters', () => {
  it('are listed in the columns of Karmada and can be waited for', async () => {
    const [heading, first = ''] = (await hub('get', 'clusters')).split('\n');
    expect(heading).toMatch(/NAME +VERSION +MODE +READY +AGE/);
    const { gitVersion } = JSON.parse(await member('member1', 'get', '--raw', '/version')) as { gitVersion: string };
    expect(first.split(/ +/).slice(0, 4)).toEqual(['member1', gitVersion, 'Push', 'True']);
    expect(await hub('wait', '--for=condition=Ready', 'cluster/member1', '--timeout=10s')).toContain('condition met');
  });
});

describe('a control plane that is killed', () => {
  it('has lost nothing that it acknowledged, and members see no write that was not due', async () => {
    await apply(deployment(ns, 'steady', { replicas: 2 }), policy(ns, 'steady', { clusterAffinity: { clusterNames: ['member1'] } }));
    await madeReady(ns, 'steady', 'member1');
    const before = await eventually('steady runs', async () => {
      const found = await object('member1', 'deployment', 'steady', '-n', ns);
      return found?.status?.readyReplicas === 2 && found;
    });
    const acknowledged: string[] = [];
    for (let i = 0; i < 20; i++) {
      const done = await hubTry('create', 'configmap', `c${i}`, '-n', ns, `--from-literal=i=${i}`);
      if (done.code === 0) acknowledged.push(`c${i}`);
      if (i === 10) {
        for (const name of ownPlane() ? ['flotilla'] : ['controllers', 'scheduler', 'webhook']) await kill(name);
        expect(await bringUp()).toMatchObject({ code: 0, err: '' });
      }
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(19);
    const found = (await hub('get', 'configmaps', '-n', ns, '-o', 'name')).split('\n');
    for (const name of acknowledged) expect(found).toContain(`configmap/${name}`);
    const untouched = await object('member1', 'deployment', 'steady', '-n', ns);
    expect(untouched.metadata.generation).toBe(before.metadata.generation);
    expect(untouched.metadata.uid).toBe(before.metadata.uid);
    await hub('scale', 'deployment', 'steady', '-n', ns, '--replicas=3');
    const after = await eventually('it goes on working', async () => {
      const now = await object('member1', 'deployment', 'steady', '-n', ns);
      return now?.spec.replicas === 3 && now;
    });
    expect(after.metadata.uid).toBe(before.metadata.uid);
  });

  it.runIf(ownPlane())('can be backed up while it runs', async () => {
    const file = join(home(), 'copy.db');
    const done = await run('node', [join(ROOT, 'dist/cli/main.js'), 'backup', file, '--home', home()]);
    expect(done.err).toBe('');
    expect(done.out).toContain('backed up');
    const elsewhere = join(home(), 'elsewhere');
    const restored = await run('node', [join(ROOT, 'dist/cli/main.js'), 'restore', file, '--home', elsewhere]);
    expect(restored.err).toBe('');
    expect(restored.out).toContain(`first put pki/encryption.json of its old home into ${elsewhere}/pki`);
  });
});

describe.runIf(startedHere())('a member that dies', () => {
  it('turns not Ready, loses nothing anywhere because of it, and heals', { timeout: 180_000 }, async () => {
    await apply(deployment(ns, 'survivor', { replicas: 2 }), policy(ns, 'survivor', { clusterAffinity: { clusterNames: ['member3'] } }));
    await eventually(
      'survivor runs',
      async () => (await object('member3', 'deployment', 'survivor', '-n', ns))?.status?.readyReplicas === 2,
    );
    await kill('member3');
    await eventually('member3 is not Ready', async () => (await ready('member3')) === 'False', 90_000);
    expect((await object('hub', 'resourcebinding', 'survivor-deployment', '-n', ns))?.spec.clusters).toEqual([
      { name: 'member3', replicas: 2 },
    ]);
    expect(await hub('get', 'works', '-n', 'karmada-es-member3', '-o', 'name')).toContain('survivor');
    start('member3', 'member', '--name', 'member3', '--home', home());
    await eventually('member3 is Ready', async () => (await ready('member3')) === 'True', 90_000);
    await eventually(
      'survivor is there',
      async () => JSON.parse(await member('member3', 'get', 'deployment', 'survivor', '-n', ns, '-o', 'json')).spec.replicas === 2,
    );
  });

  it('leaves when its Cluster is deleted, and its objects with it', { timeout: 180_000 }, async () => {
    const done = await run('node', [join(ROOT, 'dist/cli/main.js'), 'unjoin', 'member3', '--home', home()], { timeoutMs: 90_000 });
    expect(done.err).toBe('');
    expect((await hubTry('get', 'cluster', 'member3')).err).toContain('NotFound');
    expect((await object('hub', 'namespace', 'karmada-es-member3')) ?? undefined).toBeUndefined();
  });
});
