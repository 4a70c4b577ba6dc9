// The types of the checker. A type made from a schema carries the bound of its size, which cost estimates use.

export interface Type {
  /** int, uint, double, bool, string, bytes, null_type, dyn, type, list, map, optional_type, param, error, or an opaque name. */
  readonly name: string;
  readonly params: readonly Type[];
  /** Fields of an object type. */
  readonly fields?: ReadonlyMap<string, Type>;
  /** Largest size of a string, list or map in elements; undefined = unknown. */
  readonly max?: number;
  /** Known fields may not be all: selection of others is allowed. */
  readonly open?: boolean;
}

const plain = (name: string): Type => ({ name, params: [] });
export const INT = plain('int');
export const UINT = plain('uint');
export const DOUBLE = plain('double');
export const BOOL = plain('bool');
export const STRING = plain('string');
export const BYTES = plain('bytes');
export const NULL = plain('null_type');
export const DYN = plain('dyn');
export const ERROR = plain('!error!');
export const TIMESTAMP = plain('google.protobuf.Timestamp');
export const DURATION = plain('google.protobuf.Duration');
export const TYPE = plain('type');
export const listType = (item: Type, max?: number): Type => ({ name: 'list', params: [item], ...(max === undefined ? {} : { max }) });
export const mapType = (key: Type, value: Type, max?: number): Type => ({
  name: 'map',
  params: [key, value],
  ...(max === undefined ? {} : { max }),
});
export const optionalType = (inner: Type): Type => ({ name: 'optional_type', params: [inner] });

/** `list(string)`, `map(string, int)` */
export function printType(t: Type): string {
  if (t.params.length > 0) return `${t.name}(${t.params.map(printType).join(', ')})`;
  return t.name === TIMESTAMP.name ? 'timestamp' : t.name === DURATION.name ? 'duration' : t.name;
}

export const isDyn = (t: Type): boolean => t.name === 'dyn' || t.name === '!error!';

const NAMES = new Map<string, Type>([
  ['timestamp', TIMESTAMP],
  ['duration', DURATION],
  ['quantity', plain('kubernetes.Quantity')],
  ['semver', plain('kubernetes.Semver')],
  ['url', plain('kubernetes.URL')],
  ['ip', plain('net.IP')],
  ['cidr', plain('net.CIDR')],
  ['format', plain('kubernetes.NamedFormat')],
  ['authorizer', plain('kubernetes.authorization.Authorizer')],
  ['pathcheck', plain('kubernetes.authorization.PathCheck')],
  ['groupcheck', plain('kubernetes.authorization.GroupCheck')],
  ['resourcecheck', plain('kubernetes.authorization.ResourceCheck')],
  ['decision', plain('kubernetes.authorization.Decision')],
  ['null', NULL],
]);

/** Reads the notation of signatures: `list<A>`, `map<K,V>`, `opt<A>`, a single capital is a type parameter. */
export function readType(text: string): Type {
  const open = text.indexOf('<');
  if (open < 0) {
    if (/^[A-Z]$/.test(text)) return { name: 'param', params: [plain(text)] };
    return NAMES.get(text) ?? plain(text);
  }
  const name = text.slice(0, open);
  const params = splitTop(text.slice(open + 1, -1)).map(readType);
  return { name: name === 'opt' ? 'optional_type' : name, params };
}

/** Splits at commas outside brackets. */
export function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const c of text) {
    if (c === '<' || c === '(') depth++;
    if (c === '>' || c === ')') depth--;
    if (c === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += c;
  }
  if (part.trim()) parts.push(part.trim());
  return parts;
}

/** Values of type parameters found so far. */
export type Bindings = Map<string, Type>;

/** Whether a value of type `from` may stand where `to` is wanted; binds type parameters of `to`. */
export function assignable(to: Type, from: Type, bindings: Bindings): boolean {
  // What is not known yet fits everywhere and decides nothing.
  if (from.name === 'param') return true;
  if (to.name === 'param') {
    const id = to.params[0]?.name ?? '';
    const bound = bindings.get(id);
    if (!bound) {
      bindings.set(id, from);
      return true;
    }
    if (assignable(bound, from, new Map())) {
      if (isDyn(from) || containsDyn(from)) bindings.set(id, from);
      return true;
    }
    if (!assignable(from, bound, new Map())) return false;
    bindings.set(id, from);
    return true;
  }
  if (isDyn(to) || isDyn(from)) return true;
  if (to.name === 'null_type' || from.name === 'null_type') return nullable(to) && nullable(from);
  if (to.name !== from.name || to.params.length !== from.params.length) return false;
  return to.params.every((p, i) => assignable(p, from.params[i] ?? DYN, bindings));
}

const SCALARS = new Set(['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'optional_type', 'type']);

function nullable(t: Type): boolean {
  return t.name === 'null_type' || !SCALARS.has(t.name);
}

function containsDyn(t: Type): boolean {
  return isDyn(t) || t.params.some(containsDyn);
}

/** A type with its parameters replaced; unbound ones become dyn. */
export function substitute(t: Type, bindings: Bindings): Type {
  if (t.name === 'param') return bindings.get(t.params[0]?.name ?? '') ?? DYN;
  if (t.params.length === 0) return t;
  return { ...t, params: t.params.map(p => substitute(p, bindings)) };
}
