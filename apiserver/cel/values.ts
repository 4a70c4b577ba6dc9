// Values of expressions: bigint for int, UInt, number for double, string, Uint8Array, boolean, null, Timestamp, Duration, and the
// classes below. Values of custom objects are wrapped by their schema when they are reached, not before.
import { isObject } from '../../kube/index.ts';
import { keyOfItem } from '../crd/correlation.ts';
import { memberSchema, type Schema } from '../crd/schema.ts';
import { UInt } from './ast.ts';
import { escapeField, unescapeField } from './field-names.ts';
import { Duration, parseDuration, parseTimestamp, Timestamp } from './time-values.ts';

/** An evaluation fault: what users see before ` evaluating rule`. */
export class CelError extends Error {}

export const noOverload = (): CelError => new CelError('no such overload');

export class ListValue {
  readonly items: readonly unknown[];
  /** How lists of this schema compare; undefined = in order. */
  readonly schema: Schema | undefined;
  readonly #json: readonly unknown[] | undefined;
  constructor(items: readonly unknown[], schema?: Schema, json?: readonly unknown[]) {
    this.items = items;
    this.schema = schema;
    this.#json = json;
  }
  /** The identity of an element of a `map` list. */
  keyAt(i: number): string | undefined {
    return this.schema ? keyOfItem(this.#json?.[i], this.schema) : undefined;
  }
  get json(): readonly unknown[] | undefined {
    return this.#json;
  }
}

export class MapValue {
  readonly entries: ReadonlyMap<string, readonly [key: unknown, value: unknown]>;
  constructor(entries: ReadonlyMap<string, readonly [unknown, unknown]>) {
    this.entries = entries;
  }
  get(key: unknown): unknown {
    return this.entries.get(keyText(key))?.[1];
  }
  has(key: unknown): boolean {
    return this.entries.has(keyText(key));
  }
}

/** A message written as `Name{field: value}`. */
export class StructValue extends MapValue {
  readonly type: string;
  constructor(type: string, entries: ReadonlyMap<string, readonly [unknown, unknown]>) {
    super(entries);
    this.type = type;
  }
}

/** An object of a schema: fields by their escaped names. */
export class ObjectValue {
  readonly json: Readonly<Record<string, unknown>>;
  readonly schema: Schema;
  readonly #made = new Map<string, unknown>();
  constructor(json: Readonly<Record<string, unknown>>, schema: Schema) {
    this.json = json;
    this.schema = schema;
  }
  has(name: string): boolean {
    const real = unescapeField(name);
    return real !== undefined && Object.hasOwn(this.json, real) && this.json[real] !== null && this.schema.properties.has(real);
  }
  get(name: string): unknown {
    if (!this.#made.has(name)) {
      const real = unescapeField(name) ?? name;
      this.#made.set(name, fromSchema(this.json[real], memberSchema(this.schema, real)));
    }
    return this.#made.get(name);
  }
  get names(): string[] {
    return Object.keys(this.json)
      .filter(n => this.schema.properties.has(n) && this.json[n] !== null)
      .map(escapeField);
  }
}

export class Optional {
  readonly present: boolean;
  readonly inner: unknown;
  constructor(present: boolean, inner?: unknown) {
    this.present = present;
    this.inner = inner;
  }
}
export const NONE = new Optional(false);
export const some = (value: unknown): Optional => new Optional(true, value);

export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A value of a library of its own: `same` decides equality. */
export class Opaque<T = unknown> {
  readonly type: string;
  readonly value: T;
  readonly same: (a: T, b: T) => boolean;
  constructor(type: string, value: T, same: (a: T, b: T) => boolean) {
    this.type = type;
    this.value = value;
    this.same = same;
  }
}

/** Text that is the same for equal map keys. */
export function keyText(key: unknown): string {
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'boolean') return `b${key}`;
  if (key instanceof UInt) return `n${key.value}`;
  if (typeof key === 'bigint') return `n${key}`;
  return typeof key === 'number' ? `n${key}` : `x${typeof key}`;
}

export function mapOf(pairs: Iterable<readonly [unknown, unknown]>): MapValue {
  const entries = new Map<string, readonly [unknown, unknown]>();
  for (const pair of pairs) entries.set(keyText(pair[0]), pair);
  return new MapValue(entries);
}

/** A JSON value without a schema: objects are maps, whole numbers ints. */
export function fromJson(json: unknown): unknown {
  if (typeof json === 'number') return Number.isInteger(json) && Math.abs(json) <= 2 ** 63 ? int64(json) : json;
  if (Array.isArray(json)) return new ListValue(json.map(fromJson));
  if (isObject(json)) return mapOf(Object.keys(json).map(k => [k, fromJson(json[k])] as const));
  return json ?? null;
}

/** The int of a JSON number; the largest float below 2^63 stands for the largest int, which JSON text can hold. */
function int64(n: number): bigint {
  return n >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(n);
}

/** A JSON value as its schema says. */
export function fromSchema(json: unknown, schema: Schema | undefined): unknown {
  if (json === null || json === undefined) return null;
  if (!schema || schema.intOrString) return fromJson(json);
  if (Array.isArray(json))
    return new ListValue(
      json.map(item => fromSchema(item, schema.items)),
      schema,
      json,
    );
  if (isObject(json)) return objectValue(json, schema);
  if (typeof json === 'number') {
    if (schema.types[0] === 'number') return json;
    return schema.types[0] === 'integer' && Number.isInteger(json) ? int64(json) : fromJson(json);
  }
  return typeof json === 'string' ? textValue(json, schema) : json;
}

function objectValue(json: Record<string, unknown>, schema: Schema): unknown {
  const { additional } = schema;
  if (additional !== undefined && schema.properties.size === 0)
    return mapOf(Object.keys(json).map(k => [k, fromSchema(json[k], additional === true ? undefined : additional)] as const));
  if (schema.types.length === 0 && schema.properties.size === 0) return fromJson(json);
  return new ObjectValue(json, schema);
}

function textValue(text: string, schema: Schema): unknown {
  const wrong = (what: string, why: string): CelError => new CelError(`Invalid ${what} formatted string ${text}: ${why}`);
  switch (schema.rawFormat) {
    case 'byte':
      return decodeBytes(text, why => wrong('byte', why));
    case 'duration': {
      const duration = parseDuration(text);
      if (!duration) throw wrong('duration', `time: invalid duration ${JSON.stringify(text)}`);
      return duration;
    }
    case 'date':
    case 'date-time': {
      const time = parseTimestamp(schema.rawFormat === 'date' ? `${text}T00:00:00Z` : text);
      if (!time) throw wrong(schema.rawFormat, `cannot parse ${JSON.stringify(text)}`);
      return time;
    }
    default:
      return text;
  }
}

/** Bytes are read in the URL alphabet of base64. */
function decodeBytes(text: string, wrong: (why: string) => CelError): Uint8Array {
  const bad = /[^A-Za-z0-9_=-]/.exec(text);
  if (bad) throw wrong(`illegal base64 data at input byte ${bad.index}`);
  return Buffer.from(text, 'base64url');
}

const numeric = (v: unknown): bigint | number | undefined =>
  typeof v === 'bigint' || typeof v === 'number' ? v : v instanceof UInt ? v.value : undefined;

/** Equality of any two values; numbers of different types compare by value. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const [x, y] = [numeric(a), numeric(b)];
  // biome-ignore lint/suspicious/noDoubleEquals: int and double compare by value
  if (x !== undefined && y !== undefined) return x == y;
  if (a instanceof ListValue) return b instanceof ListValue && equalLists(a, b);
  if (a instanceof MapValue) return b instanceof MapValue && equalMaps(a, b);
  if (a instanceof ObjectValue) return b instanceof ObjectValue && equalObjects(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Optional) return b instanceof Optional && a.present === b.present && (!a.present || equals(a.inner, b.inner));
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  return a instanceof Opaque && b instanceof Opaque && a.type === b.type && a.same(a.value, b.value);
}

/** The list on the left decides how the two compare. */
function equalLists(a: ListValue, b: ListValue): boolean {
  if (a.items.length !== b.items.length) return false;
  if (a.schema?.listType === 'set') return a.items.every(x => b.items.some(y => equals(x, y)));
  if (a.schema?.listType === 'map' && b.schema?.listType === 'map') {
    const byKey = new Map(b.items.map((item, i) => [b.keyAt(i) ?? '', item]));
    return a.items.every((item, i) => equals(item, byKey.get(a.keyAt(i) ?? '')));
  }
  return a.items.every((x, i) => equals(x, b.items[i]));
}

function equalMaps(a: MapValue, b: MapValue): boolean {
  if (a.entries.size !== b.entries.size) return false;
  for (const [id, [, value]] of a.entries) {
    const other = b.entries.get(id);
    if (!other || !equals(value, other[1])) return false;
  }
  return true;
}

function equalObjects(a: ObjectValue, b: ObjectValue): boolean {
  const names = a.names;
  return names.length === b.names.length && names.every(n => b.has(n) && equals(a.get(n), b.get(n)));
}

/** The name of a value's type. */
export function typeName(v: unknown): string {
  if (v === null) return 'null_type';
  if (typeof v === 'bigint') return 'int';
  if (typeof v === 'number') return 'double';
  if (typeof v === 'boolean') return 'bool';
  if (typeof v === 'string') return 'string';
  if (v instanceof UInt) return 'uint';
  if (v instanceof Uint8Array) return 'bytes';
  if (v instanceof ListValue) return 'list';
  if (v instanceof MapValue) return 'map';
  if (v instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (v instanceof Duration) return 'google.protobuf.Duration';
  if (v instanceof Optional) return 'optional_type';
  if (v instanceof Opaque) return v.type;
  return v instanceof TypeValue ? 'type' : 'object';
}
