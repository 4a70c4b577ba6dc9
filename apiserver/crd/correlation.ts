// Which part of the old object a part of the new one corresponds to. Members of objects and maps correlate by name, elements of
// `map` lists by their keys; elements of atomic lists and sets do not correlate at all.
import { equal, isObject } from '../../kube/index.ts';
import { memberSchema, type Schema } from './schema.ts';

export class Correlation {
  readonly value: unknown;
  readonly old: unknown;
  readonly schema: Schema;
  #same: boolean | undefined;
  #index: Map<string, unknown> | undefined;

  constructor(value: unknown, old: unknown, schema: Schema) {
    this.value = value;
    this.old = old;
    this.schema = schema;
  }

  /** Whether old and new are equal: then errors in here are tolerated. */
  get same(): boolean {
    this.#same ??= equalBySchema(this.value, this.old, this.schema);
    return this.#same;
  }

  member(name: string): Correlation | undefined {
    if (!isObject(this.value) || !isObject(this.old)) return undefined;
    if (!Object.hasOwn(this.value, name) || !Object.hasOwn(this.old, name)) return undefined;
    const schema = memberSchema(this.schema, name);
    return schema ? new Correlation(this.value[name], this.old[name], schema) : undefined;
  }

  item(i: number): Correlation | undefined {
    const { items, listType } = this.schema;
    if (!items || listType !== 'map' || !Array.isArray(this.value) || !Array.isArray(this.old)) return undefined;
    this.#index ??= indexByKeys(this.old, this.schema);
    const key = keyOfItem(this.value[i], this.schema);
    const old = key === undefined ? undefined : this.#index.get(key);
    return old === undefined ? undefined : new Correlation(this.value[i], old, items);
  }
}

/** The identity of an element of a `map` list; undefined when it is no object. */
export function keyOfItem(item: unknown, schema: Schema): string | undefined {
  if (!isObject(item)) return undefined;
  return JSON.stringify(
    schema.listMapKeys.map(k => (Object.hasOwn(item, k) ? item[k] : (schema.items?.properties.get(k)?.default ?? null))),
  );
}

/** Elements of a `map` list by identity; of doubles the first. */
function indexByKeys(list: readonly unknown[], schema: Schema): Map<string, unknown> {
  const index = new Map<string, unknown>();
  for (const item of list) {
    const key = keyOfItem(item, schema);
    if (key !== undefined && !index.has(key)) index.set(key, item);
  }
  return index;
}

/** Members that no schema describes do not correlate, so an object that has some never counts as unchanged. */
function equalBySchema(a: unknown, b: unknown, schema: Schema): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return equalLists(a, b, schema);
  if (!isObject(a) || !isObject(b)) return equal(a, b);
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every(n => {
    const member = memberSchema(schema, n);
    return member !== undefined && Object.hasOwn(b, n) && equalBySchema(a[n], b[n], member);
  });
}

function equalLists(a: readonly unknown[], b: readonly unknown[], schema: Schema): boolean {
  if (a.length !== b.length) return false;
  const { items } = schema;
  if (schema.listType !== 'map' || !items) return equal(a, b);
  const index = indexByKeys(b, schema);
  return a.every(item => equalBySchema(item, index.get(keyOfItem(item, schema) ?? ''), items));
}
