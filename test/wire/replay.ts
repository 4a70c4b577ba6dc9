// Recorded conversations with a real kube-apiserver, replayed against a whole plane: one fresh home, one free port, all loops.
// The recordings and their replayer are not part of the project; where they are missing nothing is run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Pki } from '../../apiserver/index.ts';
import { homeAt } from '../../cli/home.ts';
import { startPlane } from '../../cli/plane.ts';
import { type Clock, type Logger, silent, sleep, systemClock } from '../../kube/index.ts';
import { vectorsDir } from '../vectors/runner.ts';

export interface ReplayOptions {
  /** Which scenarios: a glob over `group/scenario`. */
  readonly only: string;
  /** What is not answered by then counts as not agreed. */
  readonly seconds: number;
  readonly jobs: number;
  readonly log?: Logger;
}

export interface Difference {
  readonly group: string;
  readonly scenario: string;
  readonly step: number;
  readonly do: string;
  readonly found: readonly { readonly where: string; readonly want?: unknown; readonly got?: unknown }[];
}

export interface Replayed {
  readonly agreed: number;
  readonly steps: number;
  readonly groups: Readonly<Record<string, { readonly agreed: number; readonly steps: number }>>;
  readonly differences: readonly Difference[];
}

/** Where the replayer is; undefined where it is not on this machine. */
export function replayer(): string | undefined {
  const file = join(vectorsDir() ?? '', 'wire', 'replay.mjs');
  return existsSync(file) ? file : undefined;
}

/** Starts a plane, plays the scenarios, stops the plane. */
export async function replay(o: ReplayOptions): Promise<Replayed> {
  const file = replayer();
  if (!file) throw new Error('the recordings are not on this machine: set FLOTILLA_VECTORS');
  const clock = systemClock;
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-wire-'));
  const home = homeAt(dir);
  const plane = await startPlane({ home, host: '127.0.0.1', port: 0, clock, log: o.log ?? silent, gates: {}, version: '0.0.0' });
  const stop = new AbortController();
  const running = plane.run(stop.signal);
  try {
    const files = await adminFiles(home.pki, dir, clock);
    const server = `https://127.0.0.1:${plane.listening.port}`;
    await ready(server, clock);
    const text = await play(file, ['--server', server, ...files, '--only', o.only, '--jobs', String(o.jobs)], { dir, seconds: o.seconds });
    return JSON.parse(text) as Replayed;
  } finally {
    stop.abort();
    await running;
    rmSync(dir, { recursive: true, force: true });
  }
}

async function adminFiles(pkiDir: string, dir: string, clock: Clock): Promise<string[]> {
  const pki = await Pki.open(pkiDir, clock);
  const leaf = await pki.leaf('admin', { commonName: 'system:admin', organizations: ['system:masters'] });
  const file = (name: string, text: string): string => {
    const path = join(dir, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return ['--ca', file('ca.crt', pki.caCert), '--cert', file('admin.crt', leaf.cert), '--key', file('admin.key', leaf.key)];
}

const READY_SECONDS = 60;

async function ready(server: string, clock: Clock): Promise<void> {
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    for (let waited = 0; waited < READY_SECONDS * 10; waited++) {
      const answer = await request(`${server}/readyz`, { dispatcher });
      await answer.body.dump();
      if (answer.statusCode === 200) return;
      await sleep(clock, 100);
    }
  } finally {
    await dispatcher.close();
  }
  throw new Error('the plane did not become ready');
}

/** The replayer's JSON, by way of a file: it ends before a pipe is drained. Leaving with 1 where steps differ is no failure here. */
async function play(file: string, args: readonly string[], o: { readonly dir: string; readonly seconds: number }): Promise<string> {
  const path = join(o.dir, 'replay.json');
  const out = openSync(path, 'w');
  const child = spawn(process.execPath, [file, ...args, '--scenarios', dirname(file), '--json'], {
    stdio: ['ignore', out, 'inherit'],
    timeout: o.seconds * 1000,
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  closeSync(out);
  if (code !== 0 && code !== 1) throw new Error(`the replayer ended with ${signal ?? code}: were ${o.seconds} seconds not enough?`);
  return readFileSync(path, 'utf8');
}
