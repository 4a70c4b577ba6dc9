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
  return membersOf(schema, objectOr(value) ?? {}, o.skip ?? NONE);
}

const objectOr = (value: unknown): Readonly<Record<string, unknown>> | undefined => (isObject(value) ? value : undefined);
const listOr = (value: unknown): readonly unknown[] | undefined => (Array.isArray(value) ? value : undefined);

const isEmptyMap = (map: object | undefined): boolean => {
  for (const _ in map) return false;
  return true;
};

/** The node of a value that is there on one side only. */
function wholeNode(schema: FieldSchema, value: unknown): FieldSet | undefined {
  const s = schemaFor(schema, value);
  if (s.type === 'map') return wholeMap(s, value);
  if (s.type === 'list' && s.kind !== 'atomic' && Array.isArray(value) && value.length > 0) return asMember(wholeItems(s, value));
  return LEAF;
}

function wholeMap(schema: MapSchema, value: unknown): FieldSet | undefined {
  const map = objectOr(value);
  if (!schema.atomic && map && !isEmptyMap(map)) {
    const members = membersOf(schema, map, NONE);
    if (!schema.unownedSelf) return asMember(members);
    return isEmptyMap(members) ? undefined : members;
  }
  return schema.unownedSelf ? undefined : LEAF;
}

function membersOf(schema: MapSchema, map: Readonly<Record<string, unknown>>, skip: ReadonlySet<string>): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const name in map) {
    const value = map[name];
    const below = value === undefined || skip.has(name) || schema.unowned?.has(name) ? undefined : memberOf(schema, name);
    const node = below && wholeNode(below, value);
    if (node) out[fieldElement(name)] = node;
  }
  return out;
}

function wholeItems(schema: ListSchema, items: readonly unknown[]): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const item of items) {
    const of = itemElement(schema, item);
    if ('fault' in of) continue;
    // Items that share an element are owned together, as one piece.
    out[of.element] = out[of.element] === undefined ? asMember(wholeNode(schema.items, item)) : LEAF;
  }
  return out;
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

const own = (map: Members, name: string): unknown => (map && Object.hasOwn(map, name) ? map[name] : undefined);

function compareMaps(schema: MapSchema, left: Members, right: Members, skip: ReadonlySet<string>): Found | undefined {
  let found: Found | undefined;
  const one = (name: string): void => {
    if (skip.has(name) || schema.unowned?.has(name)) return;
    const below = memberOf(schema, name);
    if (below) found = into(found, fieldElement(name), compareNodes(below, own(left, name), own(right, name)));
  };
  for (const name in right) one(name);
  for (const name in left) if (own(right, name) === undefined) one(name);
  return found;
}

function compareItems(schema: ListSchema, left: readonly unknown[], right: readonly unknown[]): Found | undefined {
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
