// The rules of the house that no compiler holds: which room may import which, no cycles, one clock, small files, plain names.
// An exception is a line in a table here, with its reason; one that is no longer needed fails too.
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const MAX_LINES = 400;

/** A room, and the rooms it may import. */
const ROOMS: Readonly<Record<string, readonly string[]>> = (() => {
  const base = ['kube', 'crds', 'interpreter', 'estimator', 'webhook'];
  const all = [...base, 'apiserver', 'scheduler', 'controllers', 'members', 'cli'];
  return {
    kube: [],
    crds: ['kube'],
    interpreter: ['kube', 'crds'],
    estimator: ['kube', 'crds'],
    webhook: base.filter(room => room !== 'webhook'),
    apiserver: base,
    scheduler: base,
    controllers: base,
    members: [...base, 'apiserver', 'scheduler', 'controllers'],
    cli: all.filter(room => room !== 'cli'),
    hack: all,
    samples: all,
    test: all,
  };
})();

/** Imports past the door of a room or out of turn, `importer -> imported`, both by the start of their paths. */
const OTHER_WAYS: readonly { readonly from: string; readonly to: string; readonly why: string }[] = [
  { from: 'test/', to: 'apiserver/memory-server.ts', why: 'a server for tests, which the program never loads' },
  { from: 'test/', to: 'controllers/memory-server.ts', why: 'the same with controllers' },
  { from: 'test/vectors/suites/kubernetes/', to: 'apiserver/', why: 'recorded cases are of single functions that no other room needs' },
  { from: 'test/fuzz/', to: 'apiserver/', why: 'parsers are attacked one by one' },
  { from: 'test/', to: 'cli/', why: 'the room of the program has no door: planes and plans are made as its commands make them' },
];

const CLOCK = 'kube/clock.ts';

/** `any` stands in answers that checks pick apart as they come. */
const ANY_IN_TESTS = ['test/conformance/http.ts', 'test/e2e/environment.ts'];

const sources: readonly string[] = Object.keys(ROOMS).flatMap(room =>
  readdirSync(join(ROOT, room), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(ts|mjs|sh)$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name).slice(ROOT.length + 1)),
);
const modules = sources.filter(file => file.endsWith('.ts'));
const textOf = new Map(sources.map(file => [file, readFileSync(join(ROOT, file), 'utf8')]));
const text = (file: string): string => textOf.get(file) ?? '';
const roomOf = (file: string): string => file.slice(0, file.indexOf('/'));

/** Files of the house that a module names in imports and exports of any sort. */
function importsOf(file: string): string[] {
  const named = text(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+\.ts)'/g);
  return [...named].map(([, path = '']) => normalize(join(file, '..', path)));
}
const imports = new Map(modules.map(file => [file, importsOf(file)]));
const edges = [...imports].flatMap(([from, targets]) => targets.map(to => ({ from, to })));
const between = edges.filter(({ from, to }) => roomOf(from) !== roomOf(to));

const isWay = ({ from, to }: { from: string; to: string }): boolean =>
  ROOMS[roomOf(from)]?.includes(roomOf(to)) === true && to === `${roomOf(to)}/index.ts`;
const excused = ({ from, to }: { from: string; to: string }): boolean =>
  OTHER_WAYS.some(way => from.startsWith(way.from) && to.startsWith(way.to));
const arrow = ({ from, to }: { from: string; to: string }): string => `${from} -> ${to}`;

it('finds the modules of every room and what they import', () => {
  const rooms = new Set(between.map(({ from }) => roomOf(from)));
  expect([...rooms].sort()).toEqual(
    Object.keys(ROOMS)
      .filter(room => room !== 'kube' && room !== 'samples')
      .sort(),
  );
  for (const { from, to } of edges) expect(textOf.has(to), `${from} imports ${to}`).toBe(true);
});

it('lets rooms import one way, and through their doors', () => {
  expect(between.filter(edge => !isWay(edge) && !excused(edge)).map(arrow)).toEqual([]);
});

it('keeps no exception of imports that is not needed', () => {
  const others = between.filter(edge => !isWay(edge));
  const needless = OTHER_WAYS.filter(way => !others.some(({ from, to }) => from.startsWith(way.from) && to.startsWith(way.to)));
  expect(needless).toEqual([]);
});

it('has no cycle of imports, of types neither', () => {
  expect(cycles(imports)).toEqual([]);
  expect(
    cycles(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['a']],
        ['d', ['a']],
      ]),
    ),
  ).toEqual(['a -> b -> c -> a']);
});

it('asks only the clock for time, timers and chance', () => {
  const bare = /(?<![.\w])(setTimeout|setInterval)\(|\bDate\.now\b|\bMath\.random\b|\bnew Date\(\)|'(node:)?timers(\/promises)?'/;
  const asking = modules.filter(file => file !== 'test/architecture.test.ts' && bare.test(withoutComments(text(file))));
  expect(asking).toEqual([CLOCK]);
});

it('names files and folders by what they hold', () => {
  const drain = /^(utils?|helpers?|common|misc)$/;
  const parts = (file: string): string[] => file.split('/').flatMap(part => [part, ...(part.split('.')[0]?.split('-') ?? [])]);
  expect(sources.filter(file => parts(file).some(part => drain.test(part)))).toEqual([]);
});

it(`has no file above ${MAX_LINES} lines`, () => {
  const long = sources.filter(file => text(file).trimEnd().split('\n').length > MAX_LINES);
  expect(long).toEqual([]);
});

it('leaves no type unchecked', () => {
  const config: unknown = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  expect(config).toMatchObject({ linter: { enabled: true, rules: { suspicious: { noExplicitAny: 'error' } } } });
  const silenced = /biome-ignore.*noExplicitAny|@ts-(ignore|nocheck|expect-error)/;
  const others = modules.filter(file => file !== 'test/architecture.test.ts' && silenced.test(text(file)));
  expect(others.sort()).toEqual(ANY_IN_TESTS);
});

/** Comments at the start of a line or behind a blank: enough to tell words from code. */
function withoutComments(source: string): string {
  return source.replace(/^\s*\/?\*.*$/gm, '').replace(/(^|\s)\/\/.*$/gm, '');
}

/** Each cycle once, as a path that comes back to where it started. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}
