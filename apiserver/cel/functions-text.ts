// Strings, lists, regular expressions, sets and optionals.
import { RE2JS } from 're2js';
import { UInt } from './ast.ts';
import { compare, type Implementation, int, list, text, whole } from './functions.ts';
import { Duration } from './time-values.ts';
import { CelError, equals, ListValue, MapValue, NONE, noOverload, Optional, some } from './values.ts';

const SPACE =
  /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

function charAt(s: unknown, i: unknown): string {
  const runes = [...text(s)];
  const at = whole(i);
  if (at < 0n || at > runes.length) throw new CelError(`index out of range: ${at}`);
  return runes[Number(at)] ?? '';
}

function indexOf(container: unknown, item: unknown, from: unknown = 0n): bigint {
  if (container instanceof ListValue) return BigInt(container.items.findIndex(x => equals(x, item)));
  const runes = [...text(container)];
  const start = whole(from);
  if (text(item) === '') return start;
  if (start < 0n) throw new CelError(`index out of range: ${start}`);
  if (start >= runes.length) return -1n;
  const found = runes.slice(Number(start)).join('').indexOf(text(item));
  return found < 0 ? -1n : start + BigInt([...runes.slice(Number(start)).join('').slice(0, found)].length);
}

function lastIndexOf(container: unknown, item: unknown, from?: unknown): bigint {
  if (container instanceof ListValue) return BigInt(container.items.findLastIndex(x => equals(x, item)));
  const s = text(container);
  const runes = [...s];
  if (from === undefined) {
    if (text(item) === '') return BigInt(runes.length);
    const found = s.lastIndexOf(text(item));
    return found < 0 ? -1n : BigInt([...s.slice(0, found)].length);
  }
  const end = whole(from);
  if (text(item) === '') return end;
  if (end < 0n || end >= runes.length) throw new CelError(`index out of range: ${end}`);
  const found = s.lastIndexOf(text(item), runes.slice(0, Number(end)).join('').length);
  return found < 0 ? -1n : BigInt([...s.slice(0, found)].length);
}

function replace(s: unknown, from: unknown, to: unknown, limit: unknown = -1n): string {
  const [source, search, put, n] = [text(s), text(from), text(to), whole(limit)];
  if (n === 0n) return source;
  if (search === '') {
    const runes = [...source];
    let left = n < 0n ? runes.length + 1 : Number(n);
    let out = '';
    for (let i = 0; i <= runes.length; i++) {
      if (left > 0) {
        out += put;
        left--;
      }
      out += runes[i] ?? '';
    }
    return out;
  }
  const parts = source.split(search);
  const count = n < 0n ? parts.length - 1 : Math.min(Number(n), parts.length - 1);
  return (
    parts.slice(0, count + 1).join(put) +
    parts
      .slice(count + 1)
      .map(p => search + p)
      .join('')
  );
}

function split(s: unknown, separator: unknown, limit: unknown = -1n): ListValue {
  const n = whole(limit);
  if (n === 0n) return new ListValue([]);
  const parts = text(separator) === '' ? [...text(s)] : text(s).split(text(separator));
  if (n < 0n || parts.length <= n) return new ListValue(parts);
  const keep = Number(n) - 1;
  return new ListValue([...parts.slice(0, keep), parts.slice(keep).join(text(separator))]);
}

function substring(s: unknown, start: unknown, end?: unknown): string {
  const runes = [...text(s)];
  const from = whole(start);
  const to = end === undefined ? BigInt(runes.length) : whole(end);
  if (end !== undefined && from > to) throw new CelError(`invalid substring range. start: ${from}, end: ${to}`);
  if (from < 0n || from > runes.length) throw new CelError(`index out of range: ${from}`);
  if (to < 0n || to > runes.length) throw new CelError(`index out of range: ${to}`);
  return runes.slice(Number(from), Number(to)).join('');
}

const QUOTES = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

const quote = (s: unknown): string => `"${[...text(s)].map(c => QUOTES.get(c) ?? c).join('')}"`;

function join(items: unknown, separator: unknown = ''): string {
  return list(items).items.map(text).join(text(separator));
}

function regexp(source: unknown): RE2JS {
  try {
    return RE2JS.compile(text(source));
  } catch (error) {
    throw new CelError(`Illegal regex: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function find(s: unknown, source: unknown): string {
  const m = regexp(source).matcher(text(s));
  return m.find() ? (m.group() ?? '') : '';
}

function findAll(s: unknown, source: unknown, limit: unknown = -1n): ListValue {
  const m = regexp(source).matcher(text(s));
  const max = whole(limit) < 0n ? Number.POSITIVE_INFINITY : Number(whole(limit));
  const found: string[] = [];
  while (found.length < max && m.find()) found.push(m.group() ?? '');
  return new ListValue(found);
}

function sum(v: unknown): unknown {
  const { items } = list(v);
  const [first] = items;
  if (first === undefined) return 0n;
  if (typeof first === 'number') return items.reduce<number>((s, x) => s + (x as number), 0);
  if (first instanceof Duration) return new Duration(items.reduce<bigint>((s, x) => s + (x as Duration).nanos, 0n));
  if (first instanceof UInt) return new UInt(items.reduce<bigint>((s, x) => s + (x as UInt).value, 0n));
  return items.reduce<bigint>((s, x) => int(s + whole(x)), 0n);
}

const extreme =
  (name: string, sign: number): Implementation =>
  v => {
    const { items } = list(v);
    if (items.length === 0) throw new CelError(`${name} called on empty list`);
    return items.reduce((best, x) => (compare(x, best) * sign > 0 ? x : best));
  };

function isSorted(v: unknown): boolean {
  const { items } = list(v);
  return items.every((x, i) => i === 0 || compare(items[i - 1], x) <= 0);
}

function flatten(v: unknown, depth: unknown = 1n): ListValue {
  if (whole(depth) < 0n) throw new CelError('level must be non-negative');
  const go = (items: readonly unknown[], left: bigint): unknown[] =>
    items.flatMap(x => (x instanceof ListValue && left > 0n ? go(x.items, left - 1n) : [x]));
  return new ListValue(go(list(v).items, whole(depth)));
}

function slice(v: unknown, start: unknown, end: unknown): ListValue {
  const { items } = list(v);
  const [from, to] = [whole(start), whole(end)];
  if (from < 0n || to < 0n) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to) throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (to > items.length) throw new CelError(`cannot slice(${from}, ${to}), list is length ${items.length}`);
  return new ListValue(items.slice(Number(from), Number(to)));
}

function sortByKeys(v: unknown, keys: unknown): ListValue {
  const by = list(keys).items;
  const places = list(v).items.map((_, i) => i);
  places.sort((a, b) => compare(by[a], by[b]));
  return new ListValue(places.map(i => list(v).items[i]));
}

function distinct(v: unknown): ListValue {
  const seen: unknown[] = [];
  for (const x of list(v).items) if (!seen.some(y => equals(x, y))) seen.push(x);
  return new ListValue(seen);
}

const MAX_RANGE = 1_000_000;

function range(n: unknown): ListValue {
  const count = Number(whole(n));
  if (count > MAX_RANGE) throw new CelError(`lists.range(${count}): too many elements`);
  return new ListValue(Array.from({ length: Math.max(count, 0) }, (_, i) => BigInt(i)));
}

const includes = (a: unknown, b: unknown): boolean => list(b).items.every(x => list(a).items.some(y => equals(x, y)));

function optional(v: unknown): Optional {
  if (!(v instanceof Optional)) throw noOverload();
  return v;
}

function value(v: unknown): unknown {
  if (!optional(v).present) throw new CelError('optional.none() dereference');
  return optional(v).inner;
}

function isZero(v: unknown): boolean {
  if (v === null || v === false || v === '' || v === 0n || v === 0) return true;
  if (v instanceof ListValue) return v.items.length === 0;
  if (v instanceof MapValue) return v.entries.size === 0;
  return (v instanceof UInt && v.value === 0n) || (v instanceof Uint8Array && v.length === 0) || (v instanceof Duration && v.nanos === 0n);
}

const unwrap = (v: unknown): ListValue => new ListValue(list(v).items.flatMap(x => (optional(x).present ? [optional(x).inner] : [])));

export const TEXT_FUNCTIONS: readonly (readonly [string, Implementation])[] = [
  ['charAt', charAt],
  ['indexOf', indexOf],
  ['lastIndexOf', lastIndexOf],
  ['lowerAscii', s => text(s).replace(/[A-Z]/g, c => c.toLowerCase())],
  ['upperAscii', s => text(s).replace(/[a-z]/g, c => c.toUpperCase())],
  ['trim', s => text(s).replace(SPACE, '')],
  ['replace', replace],
  ['split', split],
  ['substring', substring],
  ['strings.quote', quote],
  ['jsonpatch.escapeKey', key => text(key).replaceAll('~', '~0').replaceAll('/', '~1')],
  ['join', join],
  ['find', find],
  ['findAll', findAll],
  ['isSorted', isSorted],
  ['min', extreme('min', -1)],
  ['max', extreme('max', 1)],
  ['sum', sum],
  ['distinct', distinct],
  ['flatten', flatten],
  ['reverse', v => new ListValue(list(v).items.toReversed())],
  ['sort', v => new ListValue([...list(v).items].sort(compare))],
  ['slice', slice],
  ['first', v => (list(v).items.length > 0 ? some(list(v).items[0]) : NONE)],
  ['last', v => (list(v).items.length > 0 ? some(list(v).items.at(-1)) : NONE)],
  ['lists.range', range],
  ['@sortByAssociatedKeys', sortByKeys],
  ['sets.contains', includes],
  ['sets.equivalent', (a, b) => includes(a, b) && includes(b, a)],
  ['sets.intersects', (a, b) => list(a).items.some(x => list(b).items.some(y => equals(x, y)))],
  ['optional.of', some],
  ['optional.ofNonZeroValue', v => (isZero(v) ? NONE : some(v))],
  ['optional.none', () => NONE],
  ['optional.unwrap', unwrap],
  ['unwrapOpt', unwrap],
  ['value', value],
  ['hasValue', v => optional(v).present],
  ['or', (a, b) => (optional(a).present ? a : b)],
  ['orValue', (a, b) => (optional(a).present ? optional(a).inner : b)],
];
