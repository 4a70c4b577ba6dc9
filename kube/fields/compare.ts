// Which fields differ between two values of one schema. Only the smallest pieces count: scalars, lists and maps that are owned as a
// whole, and empty ones. A list item, and a container that is there on one side only, is itself a field beside what is in it.
import { equal, isObject } from '../json.ts';
import { asMember, EMPTY, type FieldSet, LEAF, union } from './field-set.ts';
import { itemElement, itemsByElement } from './list-items.ts';
import { fieldElement } from './path-element.ts';
import { type FieldSchema, type ListSchema, type MapSchema, memberOf, schemaFor } from './schema.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

export interface CompareOptions {
  /** Top-level fields to pass over. */
  readonly skip?: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();
const SAME: Comparison = { added: EMPTY, modified: EMPTY, removed: EMPTY };

type Found = { -readonly [part in keyof Comparison]?: FieldSet };

/** What turns `left` into `right`. */
export function compare(schema: MapSchema, left: unknown, right: unknown, o: CompareOptions = {}): Comparison {
  const found = compareMaps(schema, objectOr(left), objectOr(right), o.skip ?? NONE);
  return found ? { ...SAME, ...found } : SAME;
}

/** All fields of a value that stands where there was nothing: the `added` of a comparison with an empty object. */
export function whole(schema: MapSchema, value: unknown, o: CompareOptions = {}): FieldSet {
  const out: Record<string, FieldSet> = {};
  fill(out, { schema, map: objectOr(value) ?? {}, skip: o.skip ?? NONE });
  return out;
}

const objectOr = (value: unknown): Readonly<Record<string, unknown>> | undefined => (isObject(value) ? value : undefined);
const listOr = (value: unknown): readonly unknown[] | undefined => (Array.isArray(value) ? value : undefined);

const isEmptyMap = (map: object | undefined): boolean => {
  for (const _ in map) return false;
  return true;
};

/** The node of a value that is there on one side only. */
function wholeNode(schema: FieldSchema, value: unknown): FieldSet | undefined {
  if (schema.type === 'scalar') return LEAF;
  const s = schemaFor(schema, value);
  if (s.type === 'map') return wholeMap(s, value);
  if (s.type === 'list' && s.kind !== 'atomic' && Array.isArray(value) && value.length > 0) return wholeItems(s, value);
  return LEAF;
}

function wholeMap(schema: MapSchema, value: unknown): FieldSet | undefined {
  const map = schema.atomic ? undefined : objectOr(value);
  const out: Record<string, FieldSet> = schema.unownedSelf ? {} : { '.': LEAF };
  if (map && fill(out, { schema, map, skip: NONE })) return out;
  return schema.unownedSelf ? undefined : LEAF;
}

interface Walk {
  readonly schema: MapSchema;
  readonly map: Readonly<Record<string, unknown>>;
  readonly skip: ReadonlySet<string>;
}

/** Puts the nodes of the members of a map into `out`; whether there are any. */
function fill(out: Record<string, FieldSet>, { schema, map, skip }: Walk): boolean {
  let any = false;
  for (const name in map) {
    const value = map[name];
    const below =
      value === undefined || (skip.size > 0 && skip.has(name)) || schema.unowned?.has(name) ? undefined : memberOf(schema, name);
    const node = below && wholeNode(below, value);
    if (!node) continue;
    out[fieldElement(name)] = node;
    any = true;
  }
  return any;
}

function wholeItems(schema: ListSchema, items: readonly unknown[]): FieldSet {
  const out: Record<string, FieldSet> = { '.': LEAF };
  for (const item of items) {
    const of = itemElement(schema, item);
    if ('fault' in of) continue;
    // Items that share an element are owned together, as one piece.
    out[of.element] = out[of.element] === undefined ? asMember(wholeNode(schema.items, item)) : LEAF;
  }
  return Object.keys(out).length > 1 ? out : LEAF;
}

function compareNodes(schema: FieldSchema, left: unknown, right: unknown): Found | undefined {
  if (left === right) return undefined;
  if (left === undefined) return part('added', wholeNode(schema, right));
  if (right === undefined) return part('removed', wholeNode(schema, left));
  const [l, r] = [schemaFor(schema, left === null ? right : left), schemaFor(schema, right === null ? left : right)];
  const found = compareAs(r, left, right);
  return l.type === r.type ? found : join(compareAs(l, left, right), found);
}

function compareAs(schema: ReturnType<typeof schemaFor>, left: unknown, right: unknown): Found | undefined {
  if (schema.type === 'map' && !schema.atomic) {
    const [l, r] = [objectOr(left), objectOr(right)];
    if (!isEmptyMap(l) || !isEmptyMap(r)) return compareMaps(schema, l, r, NONE);
  } else if (schema.type === 'list' && schema.kind !== 'atomic') {
    const [l, r] = [listOr(left), listOr(right)];
    if (l?.length || r?.length) return compareItems(schema, l ?? [], r ?? []);
  }
  return equal(left, right) ? undefined : { modified: LEAF };
}

type Members = Readonly<Record<string, unknown>> | undefined;

/** An own member. JSON holds no functions, and all that objects inherit is functions, `__proto__` apart. */
function own(map: Members, name: string): unknown {
  const value = map?.[name];
  return (typeof value === 'function' || name === '__proto__') && !(map && Object.hasOwn(map, name)) ? undefined : value;
}

function compareMaps(schema: MapSchema, left: Members, right: Members, skip: ReadonlySet<string>): Found | undefined {
  let found: Found | undefined;
  for (const name in right) {
    const [before, now] = [own(left, name), right[name]];
    if (before !== now) found = compareMember(schema, { name, before, now, skip }, found);
  }
  for (const name in left) {
    if (own(right, name) === undefined) found = compareMember(schema, { name, before: left[name], now: undefined, skip }, found);
  }
  return found;
}

interface Member {
  readonly name: string;
  readonly before: unknown;
  readonly now: unknown;
  readonly skip: ReadonlySet<string>;
}

function compareMember(schema: MapSchema, m: Member, found: Found | undefined): Found | undefined {
  if ((m.skip.size > 0 && m.skip.has(m.name)) || schema.unowned?.has(m.name)) return found;
  const below = memberOf(schema, m.name);
  const change = below && compareNodes(below, m.before, m.now);
  return change ? into(found, fieldElement(m.name), change) : found;
}

function compareItems(schema: ListSchema, left: readonly unknown[], right: readonly unknown[]): Found | undefined {
  if (equal(left, right)) return undefined;
  const [l, r] = [itemsByElement(schema, left), itemsByElement(schema, right)];
  let found: Found | undefined;
  for (const [element, items] of r) found = into(found, element, compareSame(schema, l.get(element) ?? [], items));
  for (const [element, items] of l) if (!r.has(element)) found = into(found, element, compareSame(schema, items, []));
  return found;
}

/** The items of one element. More than one are owned as one piece. */
function compareSame(schema: ListSchema, left: readonly unknown[], right: readonly unknown[]): Found | undefined {
  if (left.length < 2 && right.length < 2) return compareItem(schema, left[0], right[0]);
  if (left.length >= 2 && right.length >= 2) return equal(left, right) ? undefined : { modified: LEAF };
  if (left.length >= 2) return { removed: LEAF, ...(right.length > 0 ? { added: asMember(wholeNode(schema.items, right[0])) } : {}) };
  return { added: LEAF, ...(left.length > 0 ? { removed: asMember(wholeNode(schema.items, left[0])) } : {}) };
}

function compareItem(schema: ListSchema, left: unknown, right: unknown): Found | undefined {
  if (left !== undefined && right !== undefined) return compareNodes(schema.items, left, right);
  const node = asMember(wholeNode(schema.items, left ?? right));
  return left === undefined ? { added: node } : { removed: node };
}

const part = (name: keyof Comparison, node: FieldSet | undefined): Found | undefined => node && { [name]: node };

const PARTS = ['added', 'modified', 'removed'] as const;

/** What was found below an element, put among what was found beside it. */
function into(found: Found | undefined, element: string, below: Found | undefined): Found | undefined {
  if (!below) return found;
  const out = found ?? {};
  for (const name of PARTS) {
    const node = below[name];
    if (!node) continue;
    const children = (out[name] ?? {}) as Record<string, FieldSet>;
    children[element] = node;
    out[name] = children;
  }
  return out;
}

function join(a: Found | undefined, b: Found | undefined): Found | undefined {
  if (!a || !b) return a ?? b;
  const out: Found = { ...a };
  for (const name of PARTS) {
    const [mine, theirs] = [a[name], b[name]];
    if (mine && theirs) out[name] = mine === LEAF ? asMember(theirs) : theirs === LEAF ? asMember(mine) : union(mine, theirs);
    else if (theirs) out[name] = theirs;
  }
  return out;
}
