// A control plane whose disk is full, on a small file system of its own. Needs the right to mount one; elsewhere it is skipped.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually, type Output, ROOT, run } from './environment.ts';

const DISK_MIB = 24;
const dir = mkdtempSync(join(tmpdir(), 'flotilla-full-'));

function mounted(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const disk = mounted();
let plane: ChildProcess | undefined;

afterAll(async () => {
  plane?.kill('SIGKILL');
  if (plane && plane.exitCode === null && plane.signalCode === null) await once(plane, 'exit');
  if (disk) execFileSync('umount', [dir]);
  rmSync(dir, { recursive: true, force: true });
});

const kubectl = (...args: string[]): Promise<Output> =>
  run(join(ROOT, '.cache/bin/kubectl'), ['--kubeconfig', join(dir, 'karmada.config'), ...args]);

async function up(port: number): Promise<void> {
  plane = spawn('node', [join(ROOT, 'dist/cli/main.js'), 'up', '--home', dir, '--port', String(port), '--log-level', 'error'], {
    stdio: 'ignore',
  });
  await eventually('ready', async () => (await kubectl('get', '--raw', '/readyz')).code === 0);
}

const names = async (): Promise<string[]> => (await kubectl('get', 'configmaps', '-o', 'name')).out.trim().split('\n').sort();

describe.runIf(disk)('a control plane on a full disk', () => {
  it('refuses writes and says why, goes on reading, starts again, and loses nothing it acknowledged', async () => {
    const port = await freePort();
    await up(port);
    const large = join(tmpdir(), `flotilla-large-${process.pid}`);
    writeFileSync(large, 'x'.repeat(700_000));
    let refused = '';
    for (let i = 0; i < 100 && !refused; i++) {
      const done = await kubectl('create', 'configmap', `large-${i}`, `--from-file=${large}`);
      if (done.code !== 0) refused = done.err;
    }
    rmSync(large);
    expect(refused).toContain('storage is full: free disk space, then repeat the request');
    const { bavail, bsize } = statfsSync(dir);
    writeFileSync(join(dir, 'filler'), Buffer.alloc(bavail * bsize));
    const kept = await names();
    expect(kept.length).toBeGreaterThan(10);

    plane?.kill('SIGKILL');
    await up(port);
    expect(await names()).toEqual(kept);
    expect((await kubectl('delete', 'configmap', 'large-0')).err).toContain('storage is full');

    rmSync(join(dir, 'filler'));
    execFileSync('mount', ['-o', `remount,size=${3 * DISK_MIB}m`, dir]);
    expect((await kubectl('delete', 'configmap', 'large-0')).code).toBe(0);
    expect(await names()).toEqual(kept.filter(name => name !== 'configmap/large-0'));
  });
});

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
