// What a person waits for: `flotilla up` in an empty home until /readyz answers, its memory three seconds later, and its end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../kube/index.ts';
import { print } from './measure.ts';

const PROGRAM = 'dist/cli/main.js';
const PORT = 15_443;
const sleepMs = (ms: number): Promise<void> => new Promise(resolve => systemClock.after(ms, resolve));

export async function startup(): Promise<void> {
  if (!existsSync(PROGRAM)) return console.log(`${PROGRAM} is not there: npm run build first`);
  const home = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
  const node = await timeToNode();
  try {
    await one(home, { title: 'first start', node });
    await one(home, { title: 'next start', node });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function one(home: string, o: { title: string; node: number }): Promise<void> {
  const from = performance.now();
  const child = spawn(process.execPath, [PROGRAM, 'up', '--home', home, '--port', String(PORT), '--log-level', 'error'], {
    stdio: 'ignore',
  });
  while (!(await ready())) await sleepMs(10);
  const readyMs = performance.now() - from;
  print({ name: `flotilla up, ${o.title}, to /readyz`, value: readyMs, unit: 'ms' });
  console.log(`  an empty Node.js process takes ${Math.round(o.node)} ms`);
  await sleepMs(3000);
  print({ name: `flotilla up, ${o.title}, resident memory 3 s later`, value: residentMiB(child), unit: 'MiB' });
  const ending = performance.now();
  child.kill('SIGTERM');
  await once(child, 'exit');
  print({ name: `flotilla up, ${o.title}, from SIGTERM to its end`, value: performance.now() - ending, unit: 'ms' });
}

async function timeToNode(): Promise<number> {
  const from = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - from;
}

function ready(): Promise<boolean> {
  return new Promise(resolve => {
    const asked = request({ host: '127.0.0.1', port: PORT, path: '/readyz', rejectUnauthorized: false }, answer => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

function residentMiB(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
