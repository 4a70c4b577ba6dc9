// Defaulting: fills absent fields, and replaces null where the field is not nullable and has a default. Null without a default
// is dropped from objects. Running it twice changes nothing.
import { clone, isObject } from '../../kube/index.ts';
import { memberSchema, type Schema } from './schema.ts';

/** Drops nulls that are not allowed from objects and fills defaults, in place. */
export function applyDefaults(value: unknown, schema: Schema): void {
  fillDefaults(value, schema);
  dropNulls(value, schema);
}

function dropNulls(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items) for (const item of value) dropNulls(item, items);
  } else if (isObject(value)) {
    for (const name in value) {
      const member = memberSchema(schema, name);
      if (!member) continue;
      if (value[name] === null && !member.nullable) delete value[name];
      else dropNulls(value[name], member);
    }
  }
}

function fillDefaults(value: unknown, schema: Schema): void {
  if (!schema.deep.defaults) return;
  if (Array.isArray(value)) defaultItems(value, schema);
  else if (isObject(value)) defaultMembers(value, schema);
}

const replaceable = (value: unknown, schema: Schema): boolean => value === null && !schema.nullable && schema.hasDefault;

function defaultItems(list: unknown[], schema: Schema): void {
  const { items } = schema;
  if (!items) return;
  for (let i = 0; i < list.length; i++) {
    if (replaceable(list[i], items)) list[i] = clone(items.default);
    fillDefaults(list[i], items);
  }
}

function defaultMembers(object: Record<string, unknown>, schema: Schema): void {
  for (const [name, property] of schema.properties) {
    if (property.hasDefault && (!Object.hasOwn(object, name) || replaceable(object[name], property)))
      set(object, name, clone(property.default));
  }
  for (const name of Object.keys(object)) {
    const member = memberSchema(schema, name);
    if (!member) continue;
    if (replaceable(object[name], member)) set(object, name, clone(member.default));
    fillDefaults(object[name], member);
  }
}

function set(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}
