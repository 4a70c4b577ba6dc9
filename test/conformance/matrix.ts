// Which programs a check is run with, and the run itself: several checks at a time against one server, each in its own namespace.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startApart } from './apart.ts';
import type { Check } from './check.ts';
import type { Running } from './server.ts';
import { ClientNodeSession, HelmSession, KubectlSession, RawSession } from './session.ts';

const BIN = join(import.meta.dirname, '../../.cache/bin');
const KUBECTLS = [20, 24, 28, 32, 35];
const HELMS = ['3.8', '3.17', '4.1'];
export const CLIENTS = [...KUBECTLS.map(m => `kubectl-1.${m}`), ...HELMS.map(v => `helm-${v}`), 'client-node', 'raw'];

/** One check by one client. */
export interface Case {
  readonly check: Check;
  readonly client: string;
  /** What names of its own objects are made of. */
  readonly tag: string;
}

export interface Outcome {
  readonly id: string;
  readonly title: string;
  readonly client: string;
  /** Undefined: it is so. */
  readonly fault?: string;
  readonly ms: number;
}

/** Programs of the matrix that are not on this machine. */
export function missingPrograms(): string[] {
  return CLIENTS.filter(c => /^(kubectl|helm)-/.test(c) && !existsSync(join(BIN, c)));
}

export function casesOf(checks: readonly Check[]): Case[] {
  const seen = new Map<string, number>();
  return checks.flatMap(check => {
    const nth = seen.get(check.id) ?? 0;
    seen.set(check.id, nth + 1);
    return clientsOf(check).map(client => ({
      check,
      client,
      tag: tagOf(`${check.id}${nth > 0 ? String.fromCharCode(96 + nth) : ''}-${client}`),
    }));
  });
}

const tagOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');

function clientsOf(check: Check): string[] {
  if (check.by === 'kubectl') return KUBECTLS.filter(m => m >= (check.since ?? 0)).map(m => `kubectl-1.${m}`);
  if (check.by === 'helm') return HELMS.map(v => `helm-${v}`);
  return [check.by === 'client-node' ? 'client-node' : 'raw'];
}

export interface RunOptions {
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly each: (outcome: Outcome) => void;
}

/** Runs every case once; outcomes in the order in which they ended. */
export async function runCases(cases: readonly Case[], running: Running, o: RunOptions): Promise<Outcome[]> {
  const waiting = [...cases];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const outcome = await runCase(next, running, o.timeoutMs);
      outcomes.push(outcome);
      o.each(outcome);
    }
  };
  await Promise.all(Array.from({ length: o.jobs }, worker));
  return outcomes;
}

async function runCase(c: Case, running: Running, timeoutMs: number): Promise<Outcome> {
  const began = performance.now();
  const { id, title } = c.check;
  const done = (fault?: unknown): Outcome => ({
    id,
    title,
    client: c.client,
    ms: Math.round(performance.now() - began),
    ...(fault === undefined ? {} : { fault: fault instanceof Error ? fault.message : String(fault) }),
  });
  const late = AbortSignal.timeout(timeoutMs);
  try {
    await Promise.race([
      perform(c, running),
      new Promise((_resolve, reject) => late.addEventListener('abort', () => reject(new Error(`not done after ${timeoutMs / 1000} s`)))),
    ]);
    return done();
  } catch (fault) {
    return done(fault);
  }
}

async function perform({ check, client, tag }: Case, running: Running): Promise<void> {
  const program = join(BIN, client);
  switch (check.by) {
    case 'kubectl':
      return check.run(await new KubectlSession(running, { tag, program, minor: Number(client.split('.')[1]) }).prepare());
    case 'helm':
      return check.run(await new HelmSession(running, { tag, program, version: client.slice('helm-'.length) }).prepare());
    case 'client-node':
      return check.run(await new ClientNodeSession(running, tag).prepare());
    case 'raw':
      return check.run(await new RawSession(running, tag).prepare());
    case 'apart': {
      const own = await startApart();
      return check.run(own).finally(() => own.close());
    }
  }
}
