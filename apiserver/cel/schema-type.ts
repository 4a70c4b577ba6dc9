// The type of `self` made from a schema, with the bounds that cost estimates need.
import type { Schema } from '../crd/schema.ts';
import { escapeField, isAccessible } from './field-names.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listType, mapType, STRING, TIMESTAMP, type Type } from './types.ts';

/** Bytes of a request: no value in it is larger. */
const REQUEST_BYTES = 3 * 1024 * 1024;

/** The type of values of a schema; undefined where rules cannot see them. `resource` adds apiVersion, kind and metadata. */
export function schemaType(s: Schema, resource: boolean): Type | undefined {
  if (s.intOrString) return { ...DYN, max: REQUEST_BYTES - 2 };
  switch (s.types[0]) {
    case 'array':
      return arrayType(s);
    case 'object':
      return objectType(s, resource);
    case 'string':
      return textType(s);
    case 'boolean':
      return { ...BOOL, max: 0 };
    case 'number':
      return { ...DOUBLE, max: 0 };
    case 'integer':
      return { ...INT, max: 0 };
    default:
      return undefined;
  }
}

function arrayType(s: Schema): Type | undefined {
  const item = s.items && schemaType(s.items, s.items.embedded);
  if (!item || !s.items) return undefined;
  return listType(item, s.maxItems ?? Math.floor(REQUEST_BYTES / (minSize(s.items) + 1)));
}

function objectType(s: Schema, resource: boolean): Type | undefined {
  if (s.additional !== undefined && s.additional !== true && s.properties.size === 0) {
    const value = schemaType(s.additional, s.additional.embedded);
    if (!value) return undefined;
    const key = { ...STRING, max: REQUEST_BYTES - 2 };
    return mapType(key, value, s.maxProperties ?? Math.floor((REQUEST_BYTES - 2) / (minSize(s.additional) + 6)));
  }
  const fields = new Map<string, Type>();
  if (resource) {
    const text = { ...STRING, max: REQUEST_BYTES };
    for (const name of ['apiVersion', 'kind']) fields.set(name, text);
    fields.set('metadata', {
      name: 'object',
      params: [],
      fields: new Map([
        ['name', text],
        ['generateName', text],
      ]),
    });
  }
  for (const [name, p] of s.properties) {
    if ((resource && fields.has(name)) || !isAccessible(name)) continue;
    const type = schemaType(p, p.embedded);
    if (type) fields.set(escapeField(name), type);
  }
  return { name: 'object', params: [], fields };
}

function textType(s: Schema): Type {
  switch (s.rawFormat) {
    case 'byte':
      return { ...BYTES, max: s.maxLength ?? REQUEST_BYTES - 2 };
    case 'duration':
      return { ...DURATION, max: Math.min(s.maxLength ?? REQUEST_BYTES, REQUEST_BYTES - 2) };
    case 'date':
    case 'date-time':
      return { ...TIMESTAMP, max: s.rawFormat === 'date' ? 10 : 32 };
    default:
      break;
  }
  if (s.enum) return { ...STRING, max: Math.max(...s.enum.map(v => (typeof v === 'string' ? v.length : 0))) };
  return { ...STRING, max: s.maxLength === undefined ? REQUEST_BYTES - 2 : s.maxLength * 4 };
}

/** The fewest bytes a value takes in JSON. */
function minSize(s: Schema): number {
  if (s.intOrString) return 1;
  switch (s.types[0]) {
    case 'boolean':
      return 4;
    case 'string':
      return s.rawFormat === 'date' ? 10 : s.rawFormat === 'date-time' ? 20 : 2;
    case 'array':
      return 2;
    case 'object': {
      let size = 2;
      for (const name of s.required) {
        const p = s.properties.get(name);
        if (p && !p.hasDefault) size += name.length + 4 + minSize(p);
      }
      return size;
    }
    default:
      return 1;
  }
}
