// The fields an applied configuration owns: each scalar, each list and map that is one piece, each list item and map entry, and
// what is given empty or null. Containers that hold something are not owned themselves.
import { isObject } from '../json.ts';
import type { CompareOptions } from './compare.ts';
import { asMember, type FieldSet, isEmpty, LEAF } from './field-set.ts';
import { itemsByElement } from './list-items.ts';
import { fieldElement } from './path-element.ts';
import { type FieldSchema, type ListSchema, type MapSchema, memberOf, schemaFor } from './schema.ts';

/** The set of an object; the top-level fields in `skip` are passed over. */
export function appliedSet(schema: MapSchema, object: Readonly<Record<string, unknown>>, o: CompareOptions = {}): FieldSet {
  return mapChildren(schema, object, o.skip);
}

/** What is owned at and below a value; undefined where nothing is. */
function nodeOf(schema: FieldSchema, value: unknown): FieldSet | undefined {
  const s = schemaFor(schema, value);
  if (s.type === 'scalar' || (s.type === 'map' ? s.atomic : s.kind === 'atomic')) return LEAF;
  const below =
    s.type === 'map' ? (isObject(value) ? mapChildren(s, value) : undefined) : Array.isArray(value) ? itemNodes(s, value) : undefined;
  return below && !isEmpty(below) ? below : undefined;
}

function mapChildren(schema: MapSchema, map: Readonly<Record<string, unknown>>, skip?: ReadonlySet<string>): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const [name, value] of Object.entries(map)) {
    const below = value === undefined || skip?.has(name) || schema.unowned?.has(name) ? undefined : memberOf(schema, name);
    if (!below) continue;
    const node = nodeOf(below, value);
    const empty = value === null || (isObject(value) && isEmpty(value as FieldSet));
    const bare = below.type === 'map' && below.unownedSelf === true;
    const own = !bare && (empty || !schema.fields.has(name));
    const kept = own ? asMember(node) : bare && node === LEAF ? undefined : node;
    if (kept) out[fieldElement(name)] = kept;
  }
  return out;
}

function itemNodes(schema: ListSchema, items: readonly unknown[]): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const [element, same] of itemsByElement(schema, items))
    out[element] = same.length > 1 ? LEAF : asMember(nodeOf(schema.items, same[0]));
  return out;
}

/** The set with the declared fields that lie on the way to its members: a field whose parts are owned counts as owned. */
export function withNamedFields(set: FieldSet, schema: FieldSchema): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const element of Object.keys(set)) {
    const node = set[element] as FieldSet;
    if (element === '.' || isEmpty(node)) {
      out[element] = node;
      continue;
    }
    const name = element.startsWith('f:') && schema.type !== 'scalar' && schema.type !== 'list' ? element.slice(2) : undefined;
    const below = belowOf(schema, element);
    const made = below ? withNamedFields(node, below) : node;
    out[element] = name !== undefined && schema.type === 'map' && schema.fields.has(name) ? asMember(made) : made;
  }
  return out;
}

function belowOf(schema: FieldSchema, element: string): FieldSchema | undefined {
  if (schema.type === 'any') return schema;
  if (schema.type === 'map') return element.startsWith('f:') ? memberOf(schema, element.slice(2)) : undefined;
  return schema.type === 'list' && element.startsWith('k:') ? schema.items : undefined;
}
