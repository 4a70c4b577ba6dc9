// The static cost of a checked expression: the most it may cost for the largest values its schema allows. Sizes nobody bounds
// count as unlimited, so rules over unbounded lists and texts are refused before they can hurt.
import type { Call, Comprehension, Expr, Select } from './ast.ts';
import { UInt } from './ast.ts';
import type { Type } from './types.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
}

const UNLIMITED = 2 ** 64;
const ZERO: Range = { min: 0, max: 0 };
const ONE: Range = { min: 1, max: 1 };
const UNKNOWN: Range = { min: 0, max: UNLIMITED };
const TRAVERSE = 0.1;
const REGEX = 0.25;

const cap = (n: number): number => Math.min(n, UNLIMITED);
const range = (min: number, max: number): Range => ({ min: cap(min), max: cap(max) });
const add = (a: Range, b: Range): Range => range(a.min + b.min, a.max + b.max);
const times = (a: Range, b: Range): Range => range(a.min * b.min, a.max === 0 || b.max === 0 ? 0 : a.max * b.max);
const scale = (a: Range, factor: number): Range => range(Math.ceil(a.min * factor), Math.ceil(a.max * factor));
const union = (a: Range, b: Range): Range => range(Math.min(a.min, b.min), Math.max(a.max, b.max));

interface Estimate {
  readonly cost: Range;
  /** Size of the result where it is known. */
  readonly size?: Range;
  /** The type with bounds, where the value comes straight from the schema. */
  readonly source?: Type;
  /** Size of each element of a list, of each value of a map. */
  readonly item?: Range;
  /** Size of each key of a map. */
  readonly key?: Range;
}

type Variables = ReadonlyMap<string, Estimate>;

/** The largest cost of an expression whose variables have these types. */
export function estimateCost(e: Expr, variables: ReadonlyMap<string, Type>): number {
  const scope = new Map([...variables].map(([name, source]) => [name, { cost: ZERO, source }] as const));
  return estimate(e, scope).cost.max;
}

const SCALARS = new Set(['int', 'uint', 'double', 'bool', 'google.protobuf.Timestamp', 'google.protobuf.Duration']);

function sizeOf(est: Estimate, e: Expr): Range {
  if (est.size) return est.size;
  if (est.source?.max !== undefined) return range(0, est.source.max);
  return SCALARS.has(e.type?.name ?? '') ? ONE : UNKNOWN;
}

/** As `sizeOf`, for functions of the extensions, which know no scalars. */
const extSize = (est: Estimate): Range => est.size ?? (est.source?.max === undefined ? UNKNOWN : range(0, est.source.max));

function estimate(e: Expr, vars: Variables): Estimate {
  switch (e.kind) {
    case 'literal':
      return { cost: ZERO, size: literalSize(e.value) };
    case 'ident': {
      const known = vars.get(e.name);
      return { ...known, cost: ONE };
    }
    case 'select':
      return select(e, vars);
    case 'list': {
      const cost = e.items.reduce((sum, i) => add(sum, estimate(i.value, vars).cost), range(10, 10));
      const sizes = e.items.map(i => sizeOf(estimate(i.value, vars), i.value));
      return { cost, size: range(e.items.length, e.items.length), item: sizes.reduce(union, sizes[0] ?? ZERO) };
    }
    case 'map': {
      const cost = e.entries.reduce((sum, x) => add(add(sum, estimate(x.key, vars).cost), estimate(x.value, vars).cost), range(30, 30));
      const known = (x: Expr): Range => {
        const size = sizeOf(estimate(x, vars), x);
        return size.max < UNLIMITED ? size : ONE;
      };
      const [keys, values] = [e.entries.map(x => known(x.key)), e.entries.map(x => known(x.value))];
      const item = values.reduce(union, values[0] ?? ZERO);
      return { cost, size: range(e.entries.length, e.entries.length), item, key: keys.reduce(union, keys[0] ?? ZERO) };
    }
    case 'struct':
      return { cost: range(40, 40) };
    case 'call':
      return call(e, vars);
    case 'comprehension':
      return comprehension(e, vars);
  }
}

function literalSize(value: unknown): Range {
  if (typeof value === 'string') {
    const n = [...value].length;
    return range(n, n);
  }
  if (value instanceof Uint8Array) return range(value.length, value.length);
  return value instanceof UInt || value !== undefined ? ONE : ONE;
}

function fieldOf(source: Type | undefined, name: string): Type | undefined {
  return source?.fields ? source.fields.get(name) : source?.name === 'map' ? source.params[1] : undefined;
}

function select(e: Select, vars: Variables): Estimate {
  const operand = estimate(e.operand, vars);
  const source = fieldOf(operand.source, e.field);
  if (e.test) return { cost: add(ONE, operand.cost), size: ONE };
  const kind = e.operand.type?.name ?? '';
  const counts = kind === 'map' || kind === 'object' || kind === 'param';
  return { cost: counts ? add(operand.cost, ONE) : operand.cost, ...(source ? { source } : {}) };
}

interface Args {
  readonly e: Call;
  /** The receiver first. */
  readonly all: readonly Expr[];
  readonly est: readonly Estimate[];
  /** Cost of all arguments together. */
  readonly sum: Range;
}

function call(e: Call, vars: Variables): Estimate {
  const all = [...(e.target ? [e.target] : []), ...e.args];
  const est = all.map(a => estimate(a, vars));
  const sum = est.reduce((total, x) => add(total, x.cost), ZERO);
  const args: Args = { e, all, est, sum };
  return (CALLS.get(e.name) ?? plainCall)(args);
}

const plainCall = (a: Args): Estimate => ({ cost: add(ONE, a.sum) });
const at = (a: Args, i: number): Range => {
  const [est, e] = [a.est[i], a.all[i]];
  return est && e ? sizeOf(est, e) : UNKNOWN;
};
const ext = (a: Args, i: number): Range => {
  const est = a.est[i];
  return est ? extSize(est) : UNKNOWN;
};

type CallCost = (a: Args) => Estimate;

const traverse =
  (i: number): CallCost =>
  a => ({ cost: add(scale(at(a, i), TRAVERSE), a.sum) });
const keepSize =
  (factor = 1): CallCost =>
  a => ({ cost: add(scale(ext(a, 0), TRAVERSE * factor), a.sum), size: ext(a, 0) });
const parseText: CallCost = a => ({ cost: add(scale(ext(a, 0), TRAVERSE), a.sum) });

const SMALL = /^(kubernetes\.|net\.|type$)/;

function equality(a: Args): Estimate {
  if (a.e.name === '_==_' && a.all.some(x => SMALL.test(x.type?.name ?? ''))) return plainCall(a);
  const smallest = Math.min(at(a, 0).max, at(a, 1).max);
  return { cost: add(scale(range(smallest > 0 ? 1 : 0, smallest), TRAVERSE), a.sum) };
}

function plus(a: Args): Estimate {
  const type = a.e.type?.name;
  const size = add(at(a, 0), at(a, 1));
  if (type === 'list') {
    const items = a.est.map(
      x => x.item ?? (x.source?.name === 'list' && x.source.params[0]?.max !== undefined ? range(0, x.source.params[0].max) : undefined),
    );
    const [left, right] = items;
    return { cost: add(ONE, a.sum), size, ...(left && right ? { item: union(left, right) } : {}) };
  }
  return type === 'string' || type === 'bytes' ? { cost: add(scale(size, TRAVERSE), a.sum), size } : plainCall(a);
}

function shortCircuit(a: Args): Estimate {
  const [left = ZERO, right = ZERO] = a.est.map(x => x.cost);
  return { cost: range(left.min, left.max + right.max) };
}

function conditional(a: Args): Estimate {
  const [test = ZERO, yes = ZERO, no = ZERO] = a.est.map(x => x.cost);
  return { cost: add(test, union(yes, no)), size: union(at(a, 1), at(a, 2)) };
}

function regex(a: Args): Range {
  return times(scale(add(ext(a, 0), ONE), TRAVERSE), scale(ext(a, 1), REGEX));
}

const itemOf = (a: Args): Type | undefined => (a.est[0]?.source?.name === 'list' ? a.est[0].source.params[0] : undefined);

/** Comparing all elements: texts cost their length. */
function eachItem(a: Args): Estimate {
  const [list] = a.all;
  if (list?.type?.name !== 'list') return { cost: add(scale(ext(a, 0), TRAVERSE), a.sum) };
  const kind = list.type.params[0]?.name;
  const texts = kind === 'string' || kind === 'bytes';
  const item = texts ? add(ONE, scale(range(0, itemOf(a)?.max ?? UNLIMITED), TRAVERSE)) : ONE;
  return { cost: add(times(ext(a, 0), item), a.sum) };
}

function join(a: Args): Estimate {
  const list = ext(a, 0);
  const separators = range(Math.max(list.min - 1, 0), Math.max(list.max - 1, 0));
  const items = times(list, range(0, itemOf(a)?.max ?? UNLIMITED));
  const size = a.est.length > 1 ? add(items, times(ext(a, 1), separators)) : items;
  return { cost: add(scale(size, TRAVERSE), a.sum), size };
}

function replace(a: Args): Estimate {
  const [source, from, to] = [ext(a, 0), ext(a, 1), ext(a, 2)];
  const min = from.max === 0 ? 0 : Math.ceil(source.min / from.max) * to.min;
  const whole = (n: number): bigint => (n >= UNLIMITED ? 2n ** 64n - 1n : BigInt(Math.ceil(n)));
  const pieces = from.min === 0 ? 2n ** 63n : whole(source.max / from.min);
  const max = Number(BigInt.asUintN(64, pieces * whole(to.max)));
  return { cost: add(scale(source, 2 * TRAVERSE), a.sum), size: range(min, max) };
}

function split(a: Args): Estimate {
  const source = ext(a, 0);
  const limit = a.all[2];
  const max = limit?.kind === 'literal' && typeof limit.value === 'bigint' && limit.value >= 0n ? Number(limit.value) : source.max;
  return { cost: add(scale(source, 2 * TRAVERSE), a.sum), size: range(0, max) };
}

/** Selecting an element keeps what the schema says of it. */
function indexing(a: Args): Estimate {
  const source = a.est[0]?.source;
  const item = source?.name === 'list' ? source.params[0] : source?.name === 'map' ? source.params[1] : undefined;
  const size = a.est[0]?.item;
  return { cost: add(ONE, a.sum), ...(item ? { source: item } : {}), ...(size ? { size } : {}) };
}

/** Functions whose result is their receiver, or else an argument. */
function passing(a: Args): Estimate {
  const [kept, other] = a.est;
  const size = other ? union(ext(a, 0), ext(a, 1)) : kept?.size;
  const { source, item } = kept ?? {};
  return { ...plainCall(a), ...(size && size.max < UNLIMITED ? { size } : {}), ...(source ? { source } : {}), ...(item ? { item } : {}) };
}

const intLiteral = (e: Expr | undefined): bigint | undefined =>
  e?.kind === 'literal' && typeof e.value === 'bigint' ? e.value : undefined;

/** Bounds that are no literals leave the size open; so do bounds in the wrong order. */
function slice(a: Args): Estimate {
  const [from, to] = [intLiteral(a.all[1]), intLiteral(a.all[2])];
  const { source, item } = a.est[0] ?? {};
  const n = from === undefined || to === undefined ? UNLIMITED : Number(BigInt.asUintN(64, to - from));
  return { ...plainCall(a), size: range(n < UNLIMITED / 2 ? n : 0, n), ...(source ? { source } : {}), ...(item ? { item } : {}) };
}

function listRange(a: Args): Estimate {
  const n = intLiteral(a.all[0]);
  return n === undefined ? plainCall(a) : { ...plainCall(a), size: range(Number(n), Number(n)), item: ONE };
}

const setOperation =
  (factor: number): CallCost =>
  a => ({ cost: add(scale(times(ext(a, 0), ext(a, 1)), factor), a.sum) });
const ofArgument: CallCost = a => {
  const parsed = a.all[1]?.type?.name === 'string';
  return { cost: add(parsed ? scale(ext(a, 1), TRAVERSE) : ONE, a.sum) };
};
/** The longest expression behind a named format. */
const FORMAT_REGEX = 128;

const CALLS = new Map<string, CallCost>([
  ...['_==_', '_!=_'].map(n => [n, equality] as const),
  ...['_<_', '_<=_', '_>_', '_>=_'].map(
    n => [n, (a: Args) => (['string', 'bytes'].includes(a.all[0]?.type?.name ?? '') ? equality(a) : plainCall(a))] as const,
  ),
  ['_+_', plus],
  ['_&&_', shortCircuit],
  ['_||_', shortCircuit],
  ['_?_:_', conditional],
  ['_[_]', indexing],
  ['@in', a => (a.all[1]?.type?.name === 'map' ? plainCall(a) : { cost: add(at(a, 1), a.sum) })],
  ['startsWith', traverse(1)],
  ['endsWith', traverse(1)],
  ['contains', a => ({ cost: add(times(scale(at(a, 0), TRAVERSE), scale(at(a, 1), TRAVERSE)), a.sum) })],
  ['matches', a => ({ cost: add(times(scale(add(at(a, 0), ONE), TRAVERSE), scale(at(a, 1), REGEX)), a.sum) })],
  ['format', traverse(0)],
  [
    'bytes',
    a =>
      a.all[0]?.type?.name === 'string'
        ? { cost: add(scale(at(a, 0), TRAVERSE), a.sum), size: range(at(a, 0).min, at(a, 0).max * 4) }
        : plainCall(a),
  ],
  [
    'string',
    a =>
      a.all[0]?.type?.name === 'bytes'
        ? { cost: add(scale(at(a, 0), TRAVERSE), a.sum), size: range(at(a, 0).min / 4, at(a, 0).max) }
        : plainCall(a),
  ],
  ['strings.quote', a => ({ cost: add(scale(at(a, 0), TRAVERSE), a.sum), size: range(at(a, 0).min + 2, at(a, 0).max * 2 + 2) })],
  ...['lowerAscii', 'upperAscii', 'substring', 'trim'].map(n => [n, keepSize()] as const),
  ['replace', replace],
  ['split', split],
  ['join', join],
  ...['find', 'findAll'].map(n => [n, (a: Args) => ({ cost: add(regex(a), a.sum), size: range(0, ext(a, 0).max) })] as const),
  ...['isSorted', 'sum', 'min', 'max', 'indexOf', 'lastIndexOf'].map(n => [n, eachItem] as const),
  ['dyn', a => ({ ...plainCall(a), size: at(a, 0) })],
  ...['sort', '@sortByAssociatedKeys', 'distinct'].map(
    n => [n, (a: Args) => ({ ...passing({ ...a, est: a.est.slice(0, 1) }), size: range(0, ext(a, 0).max) })] as const,
  ),
  ['reverse', a => ({ ...plainCall(a), size: ext(a, 0) })],
  ['slice', slice],
  ['lists.range', listRange],
  ['url', keepSize()],
  ...['quantity', 'isQuantity', 'semver', 'isSemver', 'isIP', 'isCIDR', 'cidr'].map(n => [n, parseText] as const),
  ['ip', a => (a.all[0]?.type?.name === 'string' ? parseText(a) : plainCall(a))],
  ['ip.isCanonical', a => ({ cost: add(scale(ext(a, 0), 2 * TRAVERSE), a.sum) })],
  ['containsIP', ofArgument],
  ['containsCIDR', ofArgument],
  ['validate', a => ({ cost: add(times(scale(ext(a, 1), TRAVERSE), range(FORMAT_REGEX * REGEX, FORMAT_REGEX * REGEX)), a.sum) })],
  ['sets.contains', setOperation(1)],
  ['sets.intersects', setOperation(1)],
  ['sets.equivalent', setOperation(2)],
]);

function comprehension(e: Comprehension, vars: Variables): Estimate {
  const source = estimate(e.range, vars);
  const init = estimate(e.init, vars);
  const bind = e.vars[0] === '#unused';
  const count = bind ? ZERO : sizeOf(source, e.range);
  const inner = new Map(vars);
  inner.set(e.accu, { ...init, cost: ZERO });
  e.vars.forEach((name, i) => {
    const two = e.vars.length === 2;
    const type = iterSource(source.source, two ? i : -1);
    const size = two && i === 1 ? source.item : (source.key ?? (two ? undefined : source.item));
    inner.set(name, { cost: ZERO, ...(type ? { source: type } : {}), ...(size ? { size } : {}) });
  });
  const loop = add(estimate(e.condition, inner).cost, estimate(e.step, inner).cost);
  const grows = e.init.kind === 'list' || e.init.kind === 'map';
  const size = grows ? count : e.init.kind === 'literal' ? literalSize(e.init.value) : undefined;
  const result = estimate(e.result, bind ? inner : new Map(vars).set(e.accu, { cost: ZERO, ...(size ? { size } : {}) }));
  const cost = add(add(add(source.cost, init.cost), result.cost), times(count, loop));
  const kept = bind ? result.size : size;
  if (e.init.kind === 'map') return { cost, ...(kept ? { size: kept } : {}), item: ONE, key: ONE };
  const step = grows && !bind ? stepItem(e, inner) : undefined;
  return { cost, ...(kept ? { size: kept } : {}), ...(step ? { item: step } : {}) };
}

/** The schema of an iteration variable: `place` 0 or 1 of two, -1 for the only one. */
function iterSource(source: Type | undefined, place: number): Type | undefined {
  if (source?.name === 'list') return place === 0 ? undefined : source.params[0];
  if (source?.name === 'map') return place === 1 ? source.params[1] : source.params[0];
  return undefined;
}

/** Size of the elements that `accu + [item]` adds. */
function stepItem(e: Comprehension, inner: Variables): Range | undefined {
  const grown = e.step.kind === 'call' && e.step.name === '_?_:_' ? e.step.args[1] : e.step;
  const added = grown?.kind === 'call' && grown.name === '_+_' ? grown.args[1] : undefined;
  return added?.kind === 'list' && added.items[0] ? sizeOf(estimate(added.items[0].value, inner), added.items[0].value) : undefined;
}
