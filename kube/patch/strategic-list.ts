// Merging and ordering lists in a strategic merge patch. Items are matched by merge key (maps) or by value (scalars); the order is
// the patch's own or that of `$setElementOrder`, with items only the server has kept near their old neighbours.
import { equal, isObject } from '../json.ts';
import { goKind, goText } from './go-text.ts';
import { getOwn } from './own-key.ts';
import { badArgument, badPatchType, noMergeKey, StrategicFault } from './strategic-fault.ts';

type Item = Record<string, unknown>;

/** What kind the items of these lists have; all must be of one kind, and none a list. */
export function elementKind(...lists: readonly (readonly unknown[])[]): string {
  let kind: string | undefined;
  for (const item of lists.flat()) {
    const current = item === null ? 'nil' : goKind(item);
    if (current === 'slice') throw new StrategicFault(422, 'lists of lists are not supported');
    if (kind !== undefined && kind !== current)
      throw new StrategicFault(500, `list element types are not identical: ${goText(lists.filter(list => list !== undefined))}`);
    kind = current;
  }
  if (kind === undefined) throw new StrategicFault(500, 'no elements in any of the given slices');
  return kind;
}

/** Are these the same item: equal scalars, or maps with equal merge keys? */
function same(a: unknown, b: unknown, mergeKey: string): boolean {
  if (!mergeKey) return equal(a, b);
  const key = keyOf(a, mergeKey);
  return key !== undefined && equal(key, keyOf(b, mergeKey));
}

const keyOf = (item: unknown, mergeKey: string): unknown => (isObject(item) ? getOwn(item, mergeKey) : undefined);

function requireKeys(items: readonly unknown[], mergeKey: string): void {
  for (const item of items)
    if (!isObject(item)) throw new StrategicFault(500, `value for key ${goText(item)} is not a map.`);
    else if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
}

/** Takes `$patch` items out of a patch list and does what they say to the original. */
export function applySpecialItems(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
): { readonly original: unknown[]; readonly patch: unknown[] } {
  let kept = [...original];
  let replace = false;
  const plain: unknown[] = [];
  for (const item of patch as readonly Item[]) {
    const directive = getOwn(item, '$patch');
    if (!Object.hasOwn(item, '$patch')) plain.push(item);
    else if (directive === 'delete') {
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
      kept = kept.filter(other => !same(other, item, mergeKey));
    } else if (directive === 'replace') replace = true;
    else if (directive === 'merge') throw new StrategicFault(500, 'merging lists cannot yet be specified in the patch');
    else throw badPatchType(directive, item);
  }
  return replace ? { original: plain, patch: [] } : { original: kept, patch: plain };
}

/** Merges each patch item into its partner, or appends it. */
export function mergeItems(
  original: readonly unknown[],
  patch: readonly unknown[],
  o: { readonly mergeKey: string; readonly merge: (original: Item, patch: Item) => unknown; readonly fresh: (item: Item) => unknown },
): unknown[] {
  const merged = [...original];
  for (const item of patch as readonly Item[]) {
    if (!Object.hasOwn(item, o.mergeKey)) throw noMergeKey(item, o.mergeKey);
    const i = merged.findIndex(other => same(other, item, o.mergeKey));
    if (i < 0) merged.push(o.fresh(item));
    else merged[i] = o.merge(merged[i] as Item, item);
  }
  return merged;
}

/** Both lists, each value once. */
export function unite(original: readonly unknown[], patch: readonly unknown[]): unknown[] {
  return [...new Set([...original, ...patch])];
}

export interface Order {
  readonly mergeKey: string;
  /** The order wanted of the items it names. */
  readonly wanted: readonly unknown[];
  /** The order the server had. */
  readonly server: readonly unknown[];
  readonly maps: boolean;
}

/** Orders merged items: those `wanted` names in that order, the others where the server had them. */
export function ordered(items: readonly unknown[], o: Order): unknown[] {
  const named: unknown[] = [];
  const others: unknown[] = [];
  if (o.mergeKey) {
    requireKeys(items, o.mergeKey);
    requireKeys(o.wanted, o.mergeKey);
  }
  for (const item of items) (o.wanted.some(w => same(w, item, o.mergeKey)) ? named : others).push(item);
  return interleave(sortLike(others, o.server, o), sortLike(named, o.wanted, o), o);
}

function sortLike(items: readonly unknown[], order: readonly unknown[], o: Order): unknown[] {
  if (o.maps) {
    requireKeys(items, o.mergeKey);
    requireKeys(order, o.mergeKey);
  }
  const place = (item: unknown): number => order.findIndex(other => same(other, item, o.mergeKey));
  const before = (a: unknown, b: unknown): boolean => {
    const i = place(a);
    const j = i < 0 ? -1 : place(b);
    return i < 0 || j < 0 || i < j;
  };
  const sorted: unknown[] = [];
  for (const item of items) {
    let at = sorted.length;
    while (at > 0 && before(item, sorted[at - 1])) at--;
    sorted.splice(at, 0, item);
  }
  return sorted;
}

/** Server items come before a named item only where both had a place in the server's list and theirs was earlier. */
function interleave(others: readonly unknown[], named: readonly unknown[], o: Order): unknown[] {
  const place = (item: unknown): number => o.server.findIndex(other => same(other, item, o.mergeKey));
  const all: unknown[] = [];
  let i = 0;
  for (const item of named) {
    const end = place(item);
    while (i < others.length && end >= 0 && place(others[i]) >= 0 && place(others[i]) < end) all.push(others[i++]);
    all.push(item);
  }
  return [...all, ...others.slice(i)];
}

/** Refuses a patch list whose items do not follow the order of `$setElementOrder`; items that are directives have no place in it. */
export function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (!patch.length || !order.length) return;
  const items = mergeKey ? patch.filter(item => mapOf(item)['$patch'] !== 'delete') : patch;
  let next = 0;
  for (const wanted of order) {
    while (mergeKey && next < items.length && Object.hasOwn(mapOf(items[next]), '$patch')) next++;
    if (next >= items.length) return;
    if (mergeKey) requireKeys([mapOf(items[next]), mapOf(wanted)], mergeKey);
    if (same(items[next], wanted, mergeKey)) next++;
  }
  if (next < items.length)
    throw new StrategicFault(500, `The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`);
}

function mapOf(item: unknown): Item {
  if (!isObject(item)) throw badArgument('map[string]interface {}', item);
  return item;
}
