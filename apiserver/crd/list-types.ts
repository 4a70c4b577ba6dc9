// Invariants of `set` and `map` lists: no doubles, and elements of a map list are objects.
import { equal, type FieldError, field, isObject, literalAt, NumberLiteral } from '../../kube/index.ts';
import { memberSchema, type Schema } from './schema.ts';
import { sortKeys } from './sort-keys.ts';

/** All doubles in set and map lists of a value. */
export function validateListTypes(value: unknown, schema: Schema, path: string): FieldError[] {
  if (!schema.deep.lists) return [];
  if (Array.isArray(value)) return validateList(value, schema, path);
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap(name => {
    const member = memberSchema(schema, name);
    if (!member) return [];
    return validateListTypes(value[name], member, schema.properties.has(name) ? field.child(path, name) : field.mapKey(path, name));
  });
}

function validateList(list: readonly unknown[], schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.listType === 'set') errors.push(...doubles(list).map(i => field.duplicate(field.index(path, i), sortKeys(list[i]))));
  if (schema.listType === 'map') errors.push(...validateMapList(list, schema, path));
  const { items } = schema;
  if (items?.deep.lists) list.forEach((item, i) => void errors.push(...validateListTypes(item, items, field.index(path, i))));
  return errors;
}

function validateMapList(list: readonly unknown[], schema: Schema, path: string): FieldError[] {
  const wrong = list.findIndex(item => item !== null && !isObject(item));
  if (wrong >= 0) return [field.invalidValue(field.index(path, wrong), list[wrong], 'must be an object for an array of list-type map')];
  const keys = list.map(item => (isObject(item) ? keyFields(item, schema) : null));
  return doubles(keys)
    .filter(i => keys[i] !== null)
    .map(i => field.duplicate(field.index(path, i), keys[i]));
}

function keyFields(item: Record<string, unknown>, schema: Schema): Record<string, unknown> {
  const key: Record<string, unknown> = {};
  for (const k of [...schema.listMapKeys].sort()) if (k !== '__proto__' && Object.hasOwn(item, k)) key[k] = item[k];
  return key;
}

/** 1 and 1.0 are two values. */
const scalarId = (value: unknown): string =>
  value instanceof NumberLiteral ? `number ${value.exact ?? `float ${value.number}`}` : `${typeof value} ${String(value)}`;

/** Indexes of the elements that equal an earlier one; a value that occurs often is told once. */
function doubles(list: readonly unknown[]): number[] {
  const firsts = new Map<string, number[]>();
  const found: number[] = [];
  const told = new Set<number>();
  list.forEach((item, i) => {
    const id = typeof item === 'object' && item !== null ? 'object' : scalarId(literalAt(list, i, item));
    const candidates = firsts.get(id) ?? [];
    const first = candidates.find(c => equal(list[c], item));
    if (first === undefined) firsts.set(id, [...candidates, i]);
    else if (!told.has(first)) {
      told.add(first);
      found.push(i);
    }
  });
  return found;
}
