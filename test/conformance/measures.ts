// What docs/conformance.md is made of: results of the recorded suites, of the conversations, of the whole plane, of the clients.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSuites, type Result, runSuite, vectorsDir } from '../vectors/runner.ts';
import { replay, replayer } from '../wire/replay.ts';
import type { Outcome } from './matrix.ts';

const ROOT = join(import.meta.dirname, '../..');
const WIRE_SECONDS = 900;

export interface Count {
  readonly name: string;
  readonly agreed: number;
  readonly total: number;
}

export type SuiteCount = Pick<Result, 'name' | 'agreed' | 'listed' | 'total' | 'missing'>;

export interface Measures {
  readonly vectors: readonly SuiteCount[];
  readonly wire: readonly Count[];
  readonly plane: readonly (Count & { readonly scenarios: number })[];
  readonly clients: readonly Outcome[];
}

export const PARTS = ['vectors', 'wire', 'plane', 'clients'] as const;
export type Part = (typeof PARTS)[number];

/** How each part is measured anew. */
export const MEASURE: { readonly [P in Part]: () => Promise<Measures[P]> } = {
  async vectors() {
    const dir = vectorsDir();
    if (!dir) throw new Error('the recordings are not on this machine: set FLOTILLA_VECTORS');
    const counts: SuiteCount[] = [];
    for (const found of findSuites(dir)) {
      // The conversations and scenarios that lie beside them are other parts.
      if (/^(wire|plane)\//.test(found.name)) continue;
      const { name, agreed, listed, total, missing } = await runSuite(found, 0);
      counts.push({ name, agreed, listed, total, missing });
    }
    return counts;
  },
  async wire() {
    if (!replayer()) throw new Error('the recordings are not on this machine: set FLOTILLA_VECTORS');
    const { groups } = await replay({ only: '*', seconds: WIRE_SECONDS, jobs: 4 });
    const counts = Object.entries(groups).map(([name, { agreed, steps }]) => ({ name, agreed, total: steps }));
    return counts.sort((a, b) => (a.name < b.name ? -1 : 1));
  },
  async plane() {
    const text = await output('test/plane.ts');
    return [...text.matchAll(/^(\S+): (\d+)\/(\d+) facts in (\d+) scenarios$/gm)].map(([, name = '', agreed, total, scenarios]) => ({
      name,
      agreed: Number(agreed),
      total: Number(total),
      scenarios: Number(scenarios),
    }));
  },
  async clients() {
    await output('test/conformance/main.ts');
    const file = join(ROOT, '.cache/conformance.json');
    if (!existsSync(file)) throw new Error('the clients left no results: run npm run conformance');
    return JSON.parse(readFileSync(file, 'utf8')) as Outcome[];
  },
};

/** What a program of ours prints, whatever its exit status: differences are what is to be told. */
function output(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, script)], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString();
    });
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
}
