// Kinds with a mutating rule are stored in the form in which a typed client writes them: structures that are never absent are there, empty lists and maps are not,
// and neither are nulls. Users see that form (`overriders: {}` in every OverridePolicy), and the schema is checked after it is made.
import { type AnyObject, isObject } from '../kube/index.ts';

/** What a kind writes in any case: structures of the spec with what stands there where nothing was given, and lists given empty. */
export interface TypedForm {
  readonly always?: Readonly<Record<string, unknown>>;
  readonly emptyLists?: readonly string[];
}

/** Fields of maps; an empty one is not written. Other empty objects are structures, which say something by being there. */
const MAPS = new Set(['matchLabels', 'resourceRequest', 'nodeSelector', 'preservedLabelState', 'labels', 'annotations']);
/** Lists that are written even when they are empty. */
const KEPT_LISTS = new Set(['types', 'rules']);
/** Lists whose items are, or hold in `value`, JSON of any kind. */
const RAW_ITEMS = new Set(['manifests']);
const RAW_VALUES = new Set(['plaintext', 'json', 'yaml']);

/** The object in typed form. */
export function typedForm(object: AnyObject, { always = {}, emptyLists = [] }: TypedForm): AnyObject {
  const { spec, metadata, ...rest } = object;
  const { name, ...meta } = metadata;
  const given = isObject(spec) ? spec : {};
  const kept = emptyLists.filter(key => Array.isArray(given[key]) && given[key].length === 0);
  return {
    ...rest,
    metadata: { ...(compact(meta) as AnyObject['metadata']), ...(name ? { name } : {}) },
    spec: { ...always, ...(compact(given) as object), ...Object.fromEntries(kept.map(key => [key, []])) },
  };
}

function compact(value: unknown, list = ''): unknown {
  if (Array.isArray(value)) return value.map(item => compact(item, list));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    if (key === 'value' && RAW_VALUES.has(list)) return [[key, item]];
    if (isAbsent(key, item)) return [];
    return [[key, RAW_ITEMS.has(key) ? item : compact(item, key)]];
  });
  return Object.fromEntries(kept);
}

function isAbsent(key: string, item: unknown): boolean {
  if (item === null || item === undefined) return true;
  if (Array.isArray(item)) return item.length === 0 && !KEPT_LISTS.has(key);
  return isObject(item) && Object.keys(item).length === 0 && (MAPS.has(key) || key === 'value');
}
