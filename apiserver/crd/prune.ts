// Pruning: removes what the schema does not know, in place, and tells the paths. Fields of an embedded resource's metadata are
// checked against the fields every object's metadata has.
import { isObject } from '../../kube/index.ts';
import { memberSchema, type Schema } from './schema.ts';

/** Fields of every object: never pruned from one. */
export const TYPE_META: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
/** Fields of every object's metadata. */
export const METADATA: ReadonlySet<string> = new Set(
  (
    'name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds ' +
    'labels annotations ownerReferences finalizers managedFields'
  ).split(' '),
);

/** Removes unknown fields of a custom object in place; returns their paths, sorted, those inside embedded metadata last. */
export function prune(object: Record<string, unknown>, schema: Schema): string[] {
  const removed: string[] = [];
  pruneObject(object, schema, '', true, removed);
  removed.sort();
  const meta: string[] = [];
  if (schema.deep.embedded) pruneEmbedded(object, schema, '', meta);
  return [...removed, ...meta.sort()];
}

const join = (path: string, name: string): string => (path ? `${path}.${name}` : name);

function pruneValue(value: unknown, schema: Schema | undefined, path: string, removed: string[]): void {
  if (Array.isArray(value)) {
    const items = schema?.items;
    if (schema?.preserveUnknown && !items) return;
    for (let i = 0; i < value.length; i++) pruneValue(value[i], items, `${path}[${i}]`, removed);
  } else if (isObject(value)) pruneObject(value, schema, path, false, removed);
}

function pruneObject(object: Record<string, unknown>, schema: Schema | undefined, path: string, root: boolean, removed: string[]): void {
  for (const key of Object.keys(object)) {
    const property = schema?.properties.get(key);
    if ((root || schema?.embedded) && TYPE_META.has(key)) continue;
    if (property) pruneValue(object[key], property, join(path, key), removed);
    else if (schema?.additional !== undefined)
      pruneValue(object[key], schema.additional === true ? undefined : schema.additional, join(path, key), removed);
    else if (!schema?.preserveUnknown) {
      removed.push(join(path, key));
      delete object[key];
    }
  }
}

function pruneEmbedded(value: unknown, schema: Schema, path: string, removed: string[]): void {
  if (!schema.deep.embedded) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items) value.forEach((item, i) => void pruneEmbedded(item, items, `${path}[${i}]`, removed));
    return;
  }
  if (!isObject(value)) return;
  const metadata = schema.embedded ? value['metadata'] : undefined;
  if (isObject(metadata)) {
    for (const key of Object.keys(metadata)) {
      if (METADATA.has(key)) continue;
      removed.push(`${join(path, 'metadata')}.${key}`);
      delete metadata[key];
    }
  }
  for (const key of Object.keys(value)) {
    const member = memberSchema(schema, key);
    if (member) pruneEmbedded(value[key], member, join(path, key), removed);
  }
}

/** Prunes a value that stands for itself, such as a default. */
export function prunePart(value: unknown, schema: Schema): void {
  pruneValue(value, schema, '', []);
}
