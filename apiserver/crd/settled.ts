// Whether defaulting and pruning would leave an object alone: most objects that are read were written through the same schema,
// and asking first is one walk that copies nothing. A "no" may be wrong where metadata has a schema of its own, a "yes" never is.
import { isObject } from '../../kube/index.ts';
import { METADATA, TYPE_META } from './prune.ts';
import type { Schema } from './schema.ts';

/** Whether `applyDefaults` and `prune` would change nothing; metadata is looked at by others. */
export const isSettled = (object: Readonly<Record<string, unknown>>, schema: Schema): boolean => settledObject(object, schema, TYPE_META);

const NO_FIELDS: ReadonlySet<string> = new Set();

function settled(value: unknown, schema: Schema | undefined): boolean {
  if (Array.isArray(value)) return settledItems(value, schema);
  if (!isObject(value)) return true;
  if (!schema?.embedded) return settledObject(value, schema, NO_FIELDS);
  const { metadata } = value;
  return settledObject(value, schema, TYPE_META) && (!isObject(metadata) || Object.keys(metadata).every(key => METADATA.has(key)));
}

function settledItems(list: readonly unknown[], schema: Schema | undefined): boolean {
  const items = schema?.items;
  if (!items && schema?.preserveUnknown) return true;
  return list.every(item => !(item === null && items?.hasDefault) && settled(item, items));
}

/** `kept` are never pruned. */
function settledObject(object: Readonly<Record<string, unknown>>, schema: Schema | undefined, kept: ReadonlySet<string>): boolean {
  if (schema?.deep.defaults)
    for (const [name, { hasDefault }] of schema.properties) if (hasDefault && !Object.hasOwn(object, name)) return false;
  for (const name in object) {
    const property = schema?.properties.get(name);
    const member = property ?? schema?.additional;
    if (member === undefined) {
      if (schema?.preserveUnknown || kept.has(name)) continue;
      return false;
    }
    const below = member === true ? undefined : member;
    if (object[name] === null && below && !below.nullable) return false;
    if (kept.has(name) && below && isPlain(below)) continue;
    if (!settled(object[name], below)) return false;
  }
  return true;
}

/** Says of what type the value is and no more. */
const isPlain = ({ properties, additional, items, deep }: Schema): boolean =>
  properties.size === 0 && additional === undefined && items === undefined && !deep.defaults;
