// The field schema of a custom kind, from the schema of its version. What is not described is told by what it is.
import { ANY, type FieldSchema, type ListSchema, type MapSchema, objectMetaSchema, rootSchema, UNTYPED } from '../../kube/index.ts';
import type { Schema } from '../crd/schema.ts';

/** The schema of whole objects. */
export function customSchema(schema: Schema): MapSchema {
  const fields = new Map([...schema.properties].map(([name, s]) => [name, fieldSchema(s)]));
  return rootSchema(fields, schema.preserveUnknown || schema.additional === true ? ANY : undefined);
}

const NUMBERS = new Set(['integer', 'number']);

function fieldSchema(s: Schema): FieldSchema {
  if (s.intOrString) return UNTYPED;
  const [type] = s.types;
  if (type === 'object') return mapSchema(s);
  if (type === 'array') return listSchema(s);
  if (type === undefined) return s.properties.size > 0 ? mapSchema(s) : ANY;
  if (NUMBERS.has(type)) return { type: 'scalar', scalar: 'numeric' };
  if (type === 'boolean') return { type: 'scalar', scalar: 'boolean' };
  return type === 'string' && s.rawFormat === '' ? { type: 'scalar', scalar: 'string' } : UNTYPED;
}

const TEXT: FieldSchema = { type: 'scalar', scalar: 'string' };

function mapSchema(s: Schema): MapSchema {
  const fields = new Map<string, FieldSchema>([...s.properties].map(([name, below]) => [name, fieldSchema(below)]));
  if (s.embedded) {
    for (const name of ['apiVersion', 'kind']) if (!fields.has(name)) fields.set(name, TEXT);
    fields.set('metadata', objectMetaSchema());
  }
  return { type: 'map', atomic: s.mapType === 'atomic', fields, values: valuesOf(s, fields.size) };
}

function valuesOf(s: Schema, declared: number): FieldSchema | undefined {
  if (s.additional && s.additional !== true) return fieldSchema(s.additional);
  return s.preserveUnknown || s.additional === true || declared === 0 ? ANY : undefined;
}

function listSchema(s: Schema): ListSchema {
  const items = s.items ? fieldSchema(s.items) : ANY;
  const kind = s.listType === 'map' || s.listType === 'set' ? s.listType : 'atomic';
  const keys = kind === 'map' ? [...s.listMapKeys].sort() : [];
  const preset = keys.flatMap((key): [string, unknown][] => {
    const below = s.items?.properties.get(key);
    return below?.hasDefault ? [[key, below.default]] : [];
  });
  return { type: 'list', kind, keys, keyDefaults: new Map(preset), items };
}
