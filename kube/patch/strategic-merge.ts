// Strategic merge patch (specification §3.3): maps merge, lists merge or replace as the field's type says, directives beginning
// with `$` steer it and never reach the result. Neither document is changed.
import { clone, isObject } from '../json.ts';
import type { MessageType } from '../types.ts';
import { goKind } from './go-text.ts';
import { type FieldMerge, lookup, type MergeSchema, structSchema } from './merge-schema.ts';
import { getOwn, setOwn } from './own-key.ts';
import { badDirective, badPatchType, listIn, StrategicFault } from './strategic-fault.ts';
import { applySpecialItems, checkOrder, elementKind, mergeItems, ordered, unite } from './strategic-list.ts';

type Map = Record<string, unknown>;

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList';
const ELEMENT_ORDER = '$setElementOrder';

/** The merged object; throws a StrategicFault for a patch that contradicts itself or the type. */
export function strategicMerge(original: Readonly<Map>, patch: Readonly<Map>, type: MessageType): Map {
  return mergeMap(original, patch, structSchema(type));
}

function mergeMap(original: Readonly<Map>, patch: Readonly<Map>, schema: MergeSchema): Map {
  if (Object.hasOwn(patch, PATCH)) return applyDirective(patch);
  const rest = { ...patch };
  const merged = { ...original };
  retainKeys(merged, rest);
  applyElementOrders(merged, rest, schema);
  for (const [key, value] of Object.entries(rest)) {
    if (value === null) delete merged[key];
    else mergeKeyOf(merged, { key, value, schema });
  }
  return merged;
}

function applyDirective(patch: Readonly<Map>): Map {
  const { [PATCH]: directive, ...rest } = patch;
  if (directive === 'replace') return clone(rest);
  if (directive === 'delete') return {};
  throw badPatchType(directive, patch);
}

interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly schema: MergeSchema;
}

function mergeKeyOf(merged: Map, { key, value, schema }: Entry): void {
  const deleting = key.startsWith(DELETE_FROM_LIST);
  const name = deleting ? fieldNameOf(key, DELETE_FROM_LIST) : key;
  const current = getOwn(merged, name);
  if (current === undefined || current === null || !sameShape(current, value)) {
    const fresh = deleting ? undefined : freshValue(value);
    if (fresh !== undefined) setOwn(merged, name, fresh);
  } else if (isObject(value)) {
    const field = lookup(schema, name);
    setOwn(merged, name, field.strategy === 'replace' ? clone(value) : mergeMap(current as Map, value, field.schema));
  } else if (Array.isArray(value)) {
    setOwn(merged, name, mergeList(current as unknown[], value, { field: lookup(schema, name), deleting }));
  } else setOwn(merged, name, value);
}

const sameShape = (a: unknown, b: unknown): boolean => goKind(a) === goKind(b);

function fieldNameOf(key: string, directive: string): string {
  const slash = key.indexOf('/');
  if (key.slice(0, slash) !== directive) throw badDirective(directive === ELEMENT_ORDER ? 'setElementOrder list' : 'primitive list');
  return key.slice(slash + 1);
}

function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  o: { readonly field: FieldMerge; readonly deleting: boolean },
): unknown[] {
  const { strategy, mergeKey, schema } = o.field;
  if (strategy !== 'merge') return clone(patch) as unknown[];
  if (!original.length && !patch.length) return [...original];
  const kind = elementKind(original, patch);
  if (kind !== 'map') {
    if (o.deleting) return original.filter(item => !patch.includes(item));
    return ordered(unite(original, patch), { mergeKey, wanted: patch, server: original, maps: false });
  }
  if (!mergeKey) throw new StrategicFault(500, 'cannot merge lists without merge key');
  const special = applySpecialItems(original, patch, mergeKey);
  const merged = mergeItems(special.original, special.patch, {
    mergeKey,
    merge: (a, b) => mergeMap(a, b, schema),
    fresh: withoutDirectives,
  });
  return ordered(merged, { mergeKey, wanted: special.patch, server: special.original, maps: true });
}

/** `$retainKeys`: drops the keys it does not name. */
function retainKeys(merged: Map, patch: Map): void {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return;
  const names = patch[RETAIN_KEYS];
  delete patch[RETAIN_KEYS];
  if (!Array.isArray(names)) throw badDirective('retainKeys');
  const retained = new Set<unknown>(names);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(DELETE_FROM_LIST) || key.startsWith(ELEMENT_ORDER)) continue;
    if (!retained.has(key)) throw badDirective('retainKeys');
  }
  for (const key of Object.keys(merged)) if (!retained.has(key)) delete merged[key];
}

/** Merges and orders the lists that a `$setElementOrder` speaks of, and takes both out of the patch. */
function applyElementOrders(merged: Map, patch: Map, schema: MergeSchema): void {
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith(ELEMENT_ORDER)) continue;
    const order = listIn(value);
    delete patch[key];
    const name = fieldNameOf(key, ELEMENT_ORDER);
    orderField(merged, patch, { name, order, schema });
  }
}

function orderField(merged: Map, patch: Map, o: { readonly name: string; readonly order: unknown[]; readonly schema: MergeSchema }): void {
  const { name, order } = o;
  const original = Object.hasOwn(merged, name) ? listIn(merged[name]) : undefined;
  const change = Object.hasOwn(patch, name) ? listIn(patch[name]) : undefined;
  const field = lookup(o.schema, name);
  checkOrder(change ?? [], order, field.mergeKey);
  if (!original && !change) return;
  let items = original ?? [];
  if (change) items = original ? mergeList(original, change, { field, deleting: false }) : (withoutDirectives(change) as unknown[]);
  const kind = elementKind(original ?? [], change ?? []);
  setOwn(
    merged,
    name,
    ordered(items, { mergeKey: field.mergeKey, wanted: order, server: original ?? [], maps: kind === 'map' && field.mergeKey !== '' }),
  );
  delete patch[name];
}

/** A value that is new to the object: nulls and directives in its maps are dropped. */
function freshValue(value: unknown): unknown {
  return withoutDirectives(withoutNulls(value));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept: Map = {};
  for (const [key, item] of Object.entries(value)) if (item !== null) setOwn(kept, key, withoutNulls(item));
  return kept;
}

/** Without the maps that are nothing but a `$patch` directive; undefined when the value itself is one. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter(item => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, PATCH)) return undefined;
  const kept: Map = {};
  for (const [key, item] of Object.entries(value)) {
    const rest = withoutDirectives(item);
    if (rest !== undefined) setOwn(kept, key, rest);
  }
  return kept;
}
