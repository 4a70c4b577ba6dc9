// The functions of the language itself and its general extensions, by name, with the receiver as first argument.
import { goFloat } from '../crd/go-number.ts';
import { pattern, patternError } from '../crd/pattern.ts';
import { UInt } from './ast.ts';
import { formatText } from './format-text.ts';
import { Duration, parseDuration, parseTimestamp, printDuration, printTimestamp, Timestamp, timePart, timestampOf } from './time-values.ts';
import {
  CelError,
  equals,
  keyText,
  ListValue,
  MapValue,
  mapOf,
  NONE,
  noOverload,
  ObjectValue,
  Opaque,
  Optional,
  some,
  TypeValue,
  typeName,
} from './values.ts';

export type Implementation = (...args: unknown[]) => unknown;

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

export function int(value: bigint): bigint {
  if (value < INT_MIN || value > INT_MAX) throw new CelError('integer overflow');
  return value;
}

function uint(value: bigint): UInt {
  if (value < 0n || value > UINT_MAX) throw new CelError('unsigned integer overflow');
  return new UInt(value);
}

export function text(v: unknown): string {
  if (typeof v !== 'string') throw noOverload();
  return v;
}

export function whole(v: unknown): bigint {
  if (typeof v !== 'bigint') throw noOverload();
  return v;
}

export function list(v: unknown): ListValue {
  if (!(v instanceof ListValue)) throw noOverload();
  return v;
}

const time = (v: Timestamp | undefined): Timestamp => {
  if (!v) throw new CelError('timestamp overflow');
  return v;
};

function duration(nanos: bigint): Duration {
  if (nanos < INT_MIN || nanos > INT_MAX) throw new CelError('duration overflow');
  return new Duration(nanos);
}

type Ints = (a: bigint, b: bigint) => bigint;

function arithmetic(ints: Ints, doubles: ((a: number, b: number) => number) | undefined, other?: Implementation): Implementation {
  return (a, b) => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return int(ints(a, b));
    if (a instanceof UInt && b instanceof UInt) return uint(ints(a.value, b.value));
    if (typeof a === 'number' && typeof b === 'number' && doubles) return doubles(a, b);
    if (other) return other(a, b);
    throw noOverload();
  };
}

function nonZero(b: bigint, what: string): bigint {
  if (b === 0n) throw new CelError(`${what} by zero`);
  return b;
}

function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (a instanceof ListValue && b instanceof ListValue) return addLists(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.concat([a, b]);
  if (a instanceof Timestamp && b instanceof Duration) return time(timestampOf(a.nanos + b.nanos));
  if (a instanceof Duration && b instanceof Timestamp) return time(timestampOf(a.nanos + b.nanos));
  if (a instanceof Duration && b instanceof Duration) return duration(a.nanos + b.nanos);
  throw noOverload();
}

/** Sets join without doubles, map lists merge by key, others are appended. */
function addLists(a: ListValue, b: ListValue): ListValue {
  if (a.schema?.listType === 'set') return new ListValue([...a.items, ...b.items.filter(x => !a.items.some(y => equals(x, y)))], a.schema);
  if (a.schema?.listType !== 'map' || b.schema?.listType !== 'map') return new ListValue([...a.items, ...b.items]);
  const at = new Map(a.items.map((_, i) => [a.keyAt(i) ?? '', i]));
  const items = [...a.items];
  const json = [...(a.json ?? [])];
  b.items.forEach((item, i) => {
    const place = at.get(b.keyAt(i) ?? '') ?? items.length;
    items[place] = item;
    json[place] = b.json?.[i];
  });
  return new ListValue(items, a.schema, json);
}

function subtract(a: unknown, b: unknown): unknown {
  if (a instanceof Timestamp && b instanceof Timestamp) return duration(a.nanos - b.nanos);
  if (a instanceof Timestamp && b instanceof Duration) return time(timestampOf(a.nanos - b.nanos));
  if (a instanceof Duration && b instanceof Duration) return duration(a.nanos - b.nanos);
  throw noOverload();
}

const number = (v: unknown): bigint | number | undefined =>
  v instanceof UInt ? v.value : typeof v === 'bigint' || typeof v === 'number' ? v : undefined;

/** -1, 0 or 1; throws where values have no order. */
export function compare(a: unknown, b: unknown): number {
  const [x, y] = [number(a), number(b)];
  if (x !== undefined && y !== undefined) {
    if (Number.isNaN(x) || Number.isNaN(y)) throw new CelError('NaN values cannot be ordered');
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration))
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  throw noOverload();
}

function size(v: unknown): bigint {
  if (typeof v === 'string') return BigInt([...v].length);
  if (v instanceof Uint8Array) return BigInt(v.length);
  if (v instanceof ListValue) return BigInt(v.items.length);
  if (v instanceof MapValue) return BigInt(v.entries.size);
  throw noOverload();
}

function index(container: unknown, key: unknown): unknown {
  if (container instanceof ListValue) {
    const i = number(key);
    if (i === undefined || (typeof i === 'number' && !Number.isInteger(i))) throw noOverload();
    if (i < 0 || i >= container.items.length) throw new CelError(`index out of bounds: ${i}`);
    return container.items[Number(i)];
  }
  if (container instanceof MapValue) {
    if (!container.has(key)) throw new CelError(`no such key: ${printKey(key)}`);
    return container.get(key);
  }
  if (container instanceof ObjectValue && typeof key === 'string') return field(container, key);
  if (container instanceof Optional) return container.present ? optionalIndex(container.inner, key) : NONE;
  throw noOverload();
}

const printKey = (key: unknown): string => (key instanceof UInt ? String(key.value) : String(key));

export function field(v: unknown, name: string): unknown {
  if (v === null) throw new CelError(`no such key: ${name}`);
  if (v instanceof ObjectValue) {
    if (!v.has(name)) throw new CelError(`no such key: ${name}`);
    return v.get(name);
  }
  if (v instanceof MapValue) {
    if (!v.has(name)) throw new CelError(`no such key: ${name}`);
    return v.get(name);
  }
  if (v instanceof Optional) return v.present ? optionalField(v.inner, name) : NONE;
  throw noOverload();
}

export function hasField(v: unknown, name: string): boolean {
  if (v === null) return false;
  if (v instanceof ObjectValue || v instanceof MapValue) return v.has(name);
  if (v instanceof Optional) return v.present && hasField(v.inner, name);
  throw noOverload();
}

export function optionalField(v: unknown, name: string): unknown {
  if (v instanceof Optional) return v.present ? optionalField(v.inner, name) : NONE;
  return hasField(v, name) ? some(field(v, name)) : NONE;
}

function optionalIndex(v: unknown, key: unknown): unknown {
  if (v instanceof Optional) return v.present ? optionalIndex(v.inner, key) : NONE;
  if (v instanceof MapValue) return v.has(key) ? some(v.get(key)) : NONE;
  if (v instanceof ListValue && typeof key === 'bigint') return key >= 0n && key < v.items.length ? some(v.items[Number(key)]) : NONE;
  return NONE;
}

function contains(item: unknown, container: unknown): boolean {
  if (container instanceof ListValue) return container.items.some(x => equals(x, item));
  if (container instanceof MapValue) return container.has(item);
  if (container instanceof ObjectValue && typeof item === 'string') return container.has(item);
  throw noOverload();
}

function conversion(to: string, from: unknown): CelError {
  return new CelError(`type conversion error from '${typeName(from)}' to '${to}'`);
}

function toInt(v: unknown): bigint {
  if (typeof v === 'bigint') return v;
  if (v instanceof UInt) return int(v.value);
  if (v instanceof Timestamp) return v.nanos / 1_000_000_000n;
  if (v instanceof Duration) return v.nanos;
  if (typeof v === 'number') {
    if (!Number.isFinite(v) || v <= -(2 ** 63) || v >= 2 ** 63) throw new CelError('integer overflow');
    return BigInt(Math.trunc(v));
  }
  if (typeof v !== 'string' || !/^[+-]?\d+$/.test(v)) throw conversion('int', v);
  const n = BigInt(v.replace('+', ''));
  if (n < INT_MIN || n > INT_MAX) throw conversion('int', v);
  return n;
}

function toUint(v: unknown): UInt {
  if (v instanceof UInt) return v;
  if (typeof v === 'bigint') return uint(v);
  if (typeof v === 'number') {
    if (!Number.isFinite(v) || v < 0 || v >= 2 ** 64) throw new CelError('unsigned integer overflow');
    return new UInt(BigInt(Math.trunc(v)));
  }
  if (typeof v !== 'string' || !/^\d+$/.test(v) || BigInt(v) > UINT_MAX) throw conversion('uint', v);
  return new UInt(BigInt(v));
}

function toDouble(v: unknown): number {
  if (typeof v === 'number') return v;
  if (typeof v === 'bigint') return Number(v);
  if (v instanceof UInt) return Number(v.value);
  if (typeof v !== 'string') throw conversion('double', v);
  if (/^[+-]?inf(inity)?$/i.test(v)) return v.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(v)) return Number.NaN;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(v)) throw conversion('double', v);
  return Number(v);
}

const TRUE = new Set(['1', 't', 'true', 'TRUE', 'True', 'T']);
const FALSE = new Set(['0', 'f', 'false', 'FALSE', 'False', 'F']);

function toBool(v: unknown): boolean {
  if (typeof v === 'boolean') return v;
  if (typeof v === 'string' && TRUE.has(v)) return true;
  if (typeof v === 'string' && FALSE.has(v)) return false;
  throw conversion('bool', v);
}

/** A double in Go's shortest form. */
function doubleText(v: number): string {
  if (Number.isNaN(v)) return 'NaN';
  if (!Number.isFinite(v)) return v > 0 ? '+Inf' : '-Inf';
  return goFloat(v, 21);
}

export function toText(v: unknown): string {
  if (typeof v === 'string') return v;
  if (typeof v === 'bigint' || typeof v === 'boolean') return String(v);
  if (v instanceof UInt) return String(v.value);
  if (typeof v === 'number') return doubleText(v);
  if (v instanceof Timestamp) return printTimestamp(v);
  if (v instanceof Duration) return printDuration(v);
  if (v instanceof Opaque && (v.type === 'net.IP' || v.type === 'net.CIDR')) return String(v.value);
  if (v instanceof Uint8Array) {
    const decoded = Buffer.from(v).toString('utf8');
    if (Buffer.compare(Buffer.from(decoded), v) !== 0) throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
    return decoded;
  }
  throw conversion('string', v);
}

function toTimestamp(v: unknown): Timestamp {
  if (v instanceof Timestamp) return v;
  if (typeof v === 'bigint') return time(timestampOf(v * 1_000_000_000n));
  const parsed = typeof v === 'string' ? parseTimestamp(v) : undefined;
  if (!parsed) throw conversion('google.protobuf.Timestamp', v);
  return parsed;
}

function toDuration(v: unknown): Duration {
  if (v instanceof Duration) return v;
  if (typeof v === 'bigint') return duration(v);
  const parsed = typeof v === 'string' ? parseDuration(v) : undefined;
  if (!parsed) throw conversion('google.protobuf.Duration', v);
  return parsed;
}

function matches(value: unknown, source: unknown): boolean {
  const fault = patternError(text(source));
  if (fault) throw new CelError(fault);
  return pattern(text(source)).test(text(value));
}

const part =
  (name: string): Implementation =>
  (v, zone = '') => {
    if (v instanceof Duration) {
      const unit = { getHours: 3_600_000_000_000n, getMinutes: 60_000_000_000n, getSeconds: 1_000_000_000n }[name];
      return unit === undefined ? (v.nanos % 1_000_000_000n) / 1_000_000n : v.nanos / unit;
    }
    if (!(v instanceof Timestamp)) throw noOverload();
    const found = timePart(v, name, text(zone));
    if (found === undefined) throw new CelError(`unknown time zone ${text(zone)}`);
    return found;
  };

const order =
  (test: (c: number) => boolean): Implementation =>
  (a, b) =>
    test(compare(a, b));

export const CORE_FUNCTIONS: readonly (readonly [string, Implementation])[] = [
  ['_==_', equals],
  ['_!=_', (a, b) => !equals(a, b)],
  ['!_', v => (typeof v === 'boolean' ? !v : raise(noOverload()))],
  ['-_', v => (typeof v === 'bigint' ? int(-v) : typeof v === 'number' ? -v : raise(noOverload()))],
  [
    '_+_',
    arithmetic(
      (a, b) => a + b,
      (a, b) => a + b,
      add,
    ),
  ],
  [
    '_-_',
    arithmetic(
      (a, b) => a - b,
      (a, b) => a - b,
      subtract,
    ),
  ],
  [
    '_*_',
    arithmetic(
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  ],
  [
    '_/_',
    arithmetic(
      (a, b) => a / nonZero(b, 'division'),
      (a, b) => a / b,
    ),
  ],
  ['_%_', arithmetic((a, b) => a % nonZero(b, 'modulus'), undefined)],
  ['_<_', order(c => c < 0)],
  ['_<=_', order(c => c <= 0)],
  ['_>_', order(c => c > 0)],
  ['_>=_', order(c => c >= 0)],
  ['@in', contains],
  ['_[_]', index],
  ['_[?_]', optionalIndex],
  ['size', size],
  ['type', v => new TypeValue(typeName(v))],
  ['dyn', v => v],
  ['int', toInt],
  ['uint', toUint],
  ['double', toDouble],
  ['bool', toBool],
  ['string', toText],
  ['bytes', v => (v instanceof Uint8Array ? v : Buffer.from(text(v)))],
  ['timestamp', toTimestamp],
  ['duration', toDuration],
  ['contains', (a, b) => text(a).includes(text(b))],
  ['startsWith', (a, b) => text(a).startsWith(text(b))],
  ['endsWith', (a, b) => text(a).endsWith(text(b))],
  ['matches', matches],
  ['format', (f, args) => formatText(text(f), list(args).items)],
  ['cel.@mapInsert', mapInsert],
  ...'getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek getHours getMinutes getSeconds getMilliseconds'
    .split(' ')
    .map(name => [name, part(name)] as const),
];

function raise(error: Error): never {
  throw error;
}

function mapInsert(map: unknown, key: unknown, value?: unknown): MapValue {
  if (!(map instanceof MapValue)) throw noOverload();
  const added = value === undefined && key instanceof MapValue ? [...key.entries.values()] : [[key, value] as const];
  for (const [k] of added) if (map.entries.has(keyText(k))) throw new CelError(`insert failed: key ${printKey(k)} already exists`);
  return mapOf([...map.entries.values(), ...added]);
}
