// Runs recorded suites against our code: finds them, counts agreement, compares with the floor.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Suite, VectorCase } from './suite.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const FLOOR = join(HERE, 'floor.json');

/** Where the recordings are; undefined where they are not on this machine. */
export function vectorsDir(): string | undefined {
  const dir = process.env['FLOTILLA_VECTORS'] ?? join(HERE, '../../../shared/vectors');
  return existsSync(dir) ? dir : undefined;
}

export interface Found {
  /** `<folder>/<file>` */
  readonly name: string;
  readonly file: string;
}

export interface Result {
  readonly name: string;
  readonly agreed: number;
  readonly listed: number;
  readonly total: number;
  /** No code of ours answers this suite yet. */
  readonly missing: boolean;
  readonly differences: readonly { readonly id: string; readonly in: unknown; readonly got: unknown; readonly expected: unknown }[];
}

/** Suites below `dir`, which is a folder of suites or the parent of such folders. */
export function findSuites(dir: string): Found[] {
  const found: Found[] = [];
  const visit = (folder: string): void => {
    for (const file of readdirSync(folder).sort()) {
      if (file.endsWith('.jsonl.gz'))
        found.push({ name: `${basename(folder)}/${file.slice(0, -'.jsonl.gz'.length)}`, file: join(folder, file) });
    }
  };
  visit(dir);
  for (const entry of readdirSync(dir, { withFileTypes: true })) if (entry.isDirectory()) visit(join(dir, entry.name));
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readCases(file: string): { cases: VectorCase[]; header: Record<string, unknown>[] } {
  const cases: VectorCase[] = [];
  const header: Record<string, unknown>[] = [];
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
    if (!line) continue;
    const row = JSON.parse(line) as VectorCase;
    if (row.in === undefined) header.push(row);
    else cases.push(Object.defineProperty(row, 'line', { value: line }));
  }
  return { cases, header };
}

async function load(name: string): Promise<Suite | undefined> {
  const file = join(HERE, 'suites', `${name}.ts`);
  if (!existsSync(file)) return undefined;
  return ((await import(pathToFileURL(file).href)) as { suite: Suite }).suite;
}

/** Runs one suite whole; keeps at most `keep` differences. */
export async function runSuite(found: Found, keep: number): Promise<Result> {
  const { cases, header } = readCases(found.file);
  const suite = await load(found.name);
  if (!suite) return { name: found.name, agreed: 0, listed: 0, total: cases.length, missing: true, differences: [] };
  await suite.setup?.({ dir: dirname(found.file), header });
  let agreed = 0;
  let listed = 0;
  let total = 0;
  const differences: Result['differences'][number][] = [];
  for (const c of cases) {
    const verdict = await judge(suite, c);
    if (!verdict) continue;
    total++;
    if (verdict.agreed) agreed++;
    else if (verdict.listed) listed++;
    else if (differences.length < keep) differences.push({ id: c.id, in: c.in, got: verdict.got, expected: verdict.expected });
  }
  await suite.teardown?.();
  return { name: found.name, agreed, listed, total, missing: false, differences };
}

async function judge(suite: Suite, c: VectorCase): Promise<ReturnType<Suite['check']>> {
  try {
    return await suite.check(c);
  } catch (error) {
    return { agreed: false, got: error instanceof Error ? (error.stack ?? error.message) : error, expected: c.out };
  }
}

export function readFloor(): Record<string, number> {
  return existsSync(FLOOR) ? (JSON.parse(readFileSync(FLOOR, 'utf8')) as Record<string, number>) : {};
}

/** Raises the floor of the suites that ran; it never lowers one. */
export function raiseFloor(results: readonly Result[]): void {
  const floor = readFloor();
  for (const r of results) if (!r.missing) floor[r.name] = Math.max(floor[r.name] ?? 0, r.agreed);
  writeFileSync(FLOOR, `${JSON.stringify(Object.fromEntries(Object.entries(floor).sort()), null, 2)}\n`);
}
