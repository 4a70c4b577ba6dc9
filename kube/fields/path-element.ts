// One step of a path in a field set, as FieldsV1 writes it, and as conflicts and refusals show it.
import { isObject } from '../json.ts';
import { EMPTY, type FieldSet, isEmpty, LEAF } from './field-set.ts';

const MAX_KNOWN = 20_000;
const MAX_KNOWN_LENGTH = 64;
const known = new Map<string, string>();

/** The element of a field. Elements are keys of objects, and making one anew for each write costs more than remembering it. */
export function fieldElement(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = `f:${name}`;
  if (known.size < MAX_KNOWN && name.length <= MAX_KNOWN_LENGTH) known.set(name, made);
  return made;
}

/** The element of a list item by its keys, which must be given in the order of their names. */
export const keyElement = (keys: Readonly<Record<string, unknown>>): string => `k:${JSON.stringify(keys)}`;
/** The same for one key that is a string, which most are. */
export const oneKeyElement = (name: string, value: string): string => `k:{${JSON.stringify(name)}:${JSON.stringify(value)}}`;
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;

/** `.spec`, `[name="c"]`, `[="x"]`, `[0]`. */
export function shownElement(element: string): string {
  const text = element.slice(2);
  if (element.startsWith('f:')) return `.${text}`;
  if (element.startsWith('v:')) return `[=${text}]`;
  if (element.startsWith('i:')) return `[${text}]`;
  const keys = JSON.parse(text) as Record<string, unknown>;
  return `[${Object.entries(keys)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}]`;
}

export const shownPath = (path: readonly string[]): string => path.map(shownElement).join('');

const RANK: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 };
const rank = (element: string): number => RANK[element[0] ?? ''] ?? RANK['i'] ?? 0;

/** The order of elements of one level: fields by name, then list items by key, scalars, indexes. */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0;
  const byRank = rank(a) - rank(b);
  if (byRank !== 0) return byRank;
  if (a.startsWith('f:')) return a < b ? -1 : 1;
  const [x, y] = [JSON.parse(a.slice(2)) as unknown, JSON.parse(b.slice(2)) as unknown];
  return isObject(x) && isObject(y) ? compareKeys(x, y) : compareScalars(x, y);
}

function compareKeys(a: Record<string, unknown>, b: Record<string, unknown>): number {
  const [left, right] = [Object.entries(a), Object.entries(b)];
  for (const [i, [name, value]] of left.entries()) {
    const other = right[i];
    if (!other) return 1;
    if (name !== other[0]) return name < other[0] ? -1 : 1;
    const order = compareScalars(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const KINDS = ['number', 'string', 'boolean'];

function compareScalars(a: unknown, b: unknown): number {
  const byKind = KINDS.indexOf(typeof a) - KINDS.indexOf(typeof b);
  if (byKind !== 0) return byKind;
  if (a === b) return 0;
  return (a as string) < (b as string) ? -1 : 1;
}

/** A set as a client may send it, brought into the one form that equal elements share; undefined where it is none. */
export function parseFieldSet(value: unknown): FieldSet | undefined {
  if (value === undefined || value === null) return EMPTY;
  const parsed = parseNode(value, 0);
  if (!parsed) return undefined;
  const { '.': _, ...root } = parsed;
  return root;
}

const MAX_DEPTH = 200;

function parseNode(value: unknown, depth: number): FieldSet | undefined {
  if (!isObject(value) || depth > MAX_DEPTH) return undefined;
  const out: Record<string, FieldSet> = {};
  for (const [key, below] of Object.entries(value)) {
    if (key === '.') {
      out['.'] = LEAF;
      continue;
    }
    const element = parseElement(key);
    if (element === undefined) return undefined;
    if (element === '') continue;
    const node = parseNode(below, depth + 1);
    if (!node) return undefined;
    out[element] = node;
  }
  const keys = Object.keys(out);
  if (keys.length === 1 && keys[0] === '.') return LEAF;
  return isEmpty(out) ? LEAF : out;
}

/** The one spelling of an element; '' for those of a kind that is not known, which are passed over; undefined where it is malformed. */
function parseElement(key: string): string | undefined {
  if (key.length < 2 || key[1] !== ':') return undefined;
  if (key.startsWith('f:')) return key;
  if (!/^[kvi]:/.test(key)) return '';
  try {
    const parsed: unknown = JSON.parse(key.slice(2));
    if (key.startsWith('i:')) return Number.isInteger(parsed) ? `i:${String(parsed)}` : undefined;
    if (key.startsWith('v:')) return valueElement(parsed);
    return isObject(parsed) ? keyElement(sortedByName(parsed)) : undefined;
  } catch {
    return undefined;
  }
}

const sortedByName = (keys: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
