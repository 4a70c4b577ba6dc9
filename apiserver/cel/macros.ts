// Macros: has, all, exists, exists_one, map, filter, their two-variable forms, transformList, transformMap, optMap, optFlatMap,
// sortBy. Each becomes a comprehension or a call.
import type { Expr } from './ast.ts';

export class MacroError extends Error {
  readonly pos: number;
  constructor(pos: number, message: string) {
    super(message);
    this.pos = pos;
  }
}

const ACCU = '@result';
const lit = (pos: number, value: unknown): Expr => ({ kind: 'literal', pos, value });
const ident = (pos: number, name: string): Expr => ({ kind: 'ident', pos, name });
const fn = (pos: number, name: string, ...args: Expr[]): Expr => ({ kind: 'call', pos, name, args, target: undefined });
const accu = (pos: number): Expr => ident(pos, ACCU);
const listOf = (pos: number, ...items: Expr[]): Expr => ({ kind: 'list', pos, items: items.map(value => ({ value, optional: false })) });

/** The expansion of a call; undefined when it is no macro. */
export function expandMacro(pos: number, name: string, target: Expr | undefined, args: readonly Expr[]): Expr | undefined {
  if (!target) return name === 'has' && args.length === 1 ? has(pos, args[0] as Expr) : undefined;
  const macro = MACROS.get(`${name}/${args.length}`);
  return macro?.({ pos, target, args });
}

interface Use {
  readonly pos: number;
  readonly target: Expr;
  readonly args: readonly Expr[];
}

function has(pos: number, arg: Expr): Expr {
  if (arg.kind !== 'select') throw new MacroError(arg.pos, 'invalid argument to has() macro');
  return { ...arg, pos, test: true };
}

function variable(e: Expr | undefined): string {
  if (e?.kind !== 'ident') throw new MacroError(e?.pos ?? 0, 'argument is not an identifier');
  return e.name;
}

const arg = (u: Use, i: number): Expr => u.args[i] as Expr;

interface Loop {
  readonly vars: readonly string[];
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result?: Expr;
}

const loop = (u: Use, l: Loop): Expr => ({
  kind: 'comprehension',
  pos: u.pos,
  range: u.target,
  accu: ACCU,
  vars: l.vars,
  init: l.init,
  condition: l.condition,
  step: l.step,
  result: l.result ?? accu(u.pos),
});

/** The variables of a macro with one or two, and its remaining arguments. */
function split(u: Use, n: number): { readonly vars: string[]; readonly rest: Expr[] } {
  const vars = u.args.slice(0, n).map(variable);
  if (n === 2 && vars[0] === vars[1]) throw new MacroError(arg(u, 1).pos, `duplicate variable name: ${vars[0]}`);
  if (vars.includes(ACCU)) throw new MacroError(u.pos, 'iteration variable overwrites accumulator variable');
  return { vars, rest: u.args.slice(n) };
}

const all =
  (n: number) =>
  (u: Use): Expr => {
    const { vars, rest } = split(u, n);
    return loop(u, {
      vars,
      init: lit(u.pos, true),
      condition: fn(u.pos, '@not_strictly_false', accu(u.pos)),
      step: fn(u.pos, '_&&_', accu(u.pos), rest[0] as Expr),
    });
  };

const exists =
  (n: number) =>
  (u: Use): Expr => {
    const { vars, rest } = split(u, n);
    return loop(u, {
      vars,
      init: lit(u.pos, false),
      condition: fn(u.pos, '@not_strictly_false', fn(u.pos, '!_', accu(u.pos))),
      step: fn(u.pos, '_||_', accu(u.pos), rest[0] as Expr),
    });
  };

const existsOne =
  (n: number) =>
  (u: Use): Expr => {
    const { vars, rest } = split(u, n);
    return loop(u, {
      vars,
      init: lit(u.pos, 0n),
      condition: lit(u.pos, true),
      step: fn(u.pos, '_?_:_', rest[0] as Expr, fn(u.pos, '_+_', accu(u.pos), lit(u.pos, 1n)), accu(u.pos)),
      result: fn(u.pos, '_==_', accu(u.pos), lit(u.pos, 1n)),
    });
  };

/** map, filter and transformList: a list that grows where `keep` holds. */
function collect(u: Use, vars: readonly string[], item: Expr, keep?: Expr): Expr {
  const grown = fn(u.pos, '_+_', accu(u.pos), listOf(u.pos, item));
  const step = keep ? fn(u.pos, '_?_:_', keep, grown, accu(u.pos)) : grown;
  return loop(u, { vars, init: listOf(u.pos), condition: lit(u.pos, true), step });
}

function transformMap(u: Use): Expr {
  const { vars, rest } = split(u, 2);
  const value = rest.at(-1) as Expr;
  const grown = fn(u.pos, 'cel.@mapInsert', accu(u.pos), ident(u.pos, vars[0] ?? ''), value);
  const step = rest.length === 2 ? fn(u.pos, '_?_:_', rest[0] as Expr, grown, accu(u.pos)) : grown;
  return loop(u, { vars, init: { kind: 'map', pos: u.pos, entries: [] }, condition: lit(u.pos, true), step });
}

function transformMapEntry(u: Use): Expr {
  const { vars, rest } = split(u, 2);
  const grown = fn(u.pos, 'cel.@mapInsert', accu(u.pos), rest.at(-1) as Expr);
  const step = rest.length === 2 ? fn(u.pos, '_?_:_', rest[0] as Expr, grown, accu(u.pos)) : grown;
  return loop(u, { vars, init: { kind: 'map', pos: u.pos, entries: [] }, condition: lit(u.pos, true), step });
}

/** `optional.optMap(v, e)`: binds the value of a present optional. */
function optMap(u: Use, wrap: (e: Expr) => Expr): Expr {
  const name = variable(u.args[0]);
  const value = { kind: 'call', pos: u.pos, name: 'value', target: u.target, args: [] } as const;
  const bind: Expr = {
    kind: 'comprehension',
    pos: u.pos,
    range: listOf(u.pos),
    vars: ['#unused'],
    accu: name,
    init: value,
    condition: lit(u.pos, false),
    step: ident(u.pos, name),
    result: arg(u, 1),
  };
  const present: Expr = { kind: 'call', pos: u.pos, name: 'hasValue', target: u.target, args: [] };
  const none: Expr = { kind: 'call', pos: u.pos, name: 'optional.none', target: undefined, args: [] };
  return fn(u.pos, '_?_:_', present, wrap(bind), none);
}

function sortBy(u: Use): Expr {
  const name = variable(u.args[0]);
  const keys = collect(u, [name], arg(u, 1));
  return { kind: 'call', pos: u.pos, name: '@sortByAssociatedKeys', target: u.target, args: [keys] };
}

const MACROS = new Map<string, (u: Use) => Expr>([
  ['all/2', all(1)],
  ['all/3', all(2)],
  ['exists/2', exists(1)],
  ['exists/3', exists(2)],
  ['exists_one/2', existsOne(1)],
  ['existsOne/3', existsOne(2)],
  ['exists_one/3', existsOne(2)],
  ['map/2', u => collect(u, split(u, 1).vars, arg(u, 1))],
  ['map/3', u => collect(u, split(u, 1).vars, arg(u, 2), arg(u, 1))],
  ['filter/2', u => collect(u, split(u, 1).vars, arg(u, 0), arg(u, 1))],
  ['transformList/3', u => collect(u, split(u, 2).vars, arg(u, 2))],
  ['transformList/4', u => collect(u, split(u, 2).vars, arg(u, 3), arg(u, 2))],
  ['transformMap/3', transformMap],
  ['transformMap/4', transformMap],
  ['transformMapEntry/3', transformMapEntry],
  ['transformMapEntry/4', transformMapEntry],
  ['optMap/2', u => optMap(u, e => fn(u.pos, 'optional.of', e))],
  ['optFlatMap/2', u => optMap(u, e => e)],
  ['sortBy/2', sortBy],
]);
