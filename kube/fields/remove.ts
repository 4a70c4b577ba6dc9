// A value without some of its fields. What loses all it had becomes null, which is what the reference leaves there.
import { isObject } from '../json.ts';
import { setOwn } from '../patch/own-key.ts';
import { type FieldSet, isEmpty, isMember } from './field-set.ts';
import { itemElement } from './list-items.ts';
import { fieldElement } from './path-element.ts';
import { type FieldSchema, type ListSchema, type MapSchema, memberOf, schemaFor } from './schema.ts';

/** `value` without the members of `set` and all below them; the value itself where nothing goes. */
export function removeFields(schema: FieldSchema, value: unknown, set: FieldSet): unknown {
  if (isEmpty(set)) return value;
  const s = schemaFor(schema, value);
  if (s.type === 'list') return Array.isArray(value) ? fromList(s, value, set) : null;
  if (s.type === 'map') return isObject(value) ? fromMap(s, value, set) : null;
  return value;
}

function fromList(schema: ListSchema, items: readonly unknown[], set: FieldSet): unknown {
  const left: unknown[] = [];
  for (const item of items) {
    const of = schema.kind === 'atomic' ? { fault: '' } : itemElement(schema, item);
    const node = 'element' in of ? set[of.element] : undefined;
    if (node && isMember(node)) continue;
    left.push(node ? removeFields(schema.items, item, node) : item);
  }
  return left;
}

function fromMap(schema: MapSchema, map: Readonly<Record<string, unknown>>, set: FieldSet): unknown {
  const left: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(map)) {
    const node = set[fieldElement(name)];
    if (node && isMember(node)) continue;
    const below = node && memberOf(schema, name);
    const kept = below ? removeFields(below, value, node) : value;
    setOwn(left, name, kept);
  }
  return left;
}
