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

/** The very same value where nothing is to be left out: most objects are in this form already. */
function compact(value: unknown, list = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map(item => compact(item, list));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (!isObject(value)) return value;
  let made: Record<string, unknown> | undefined;
  for (const key in value) {
    if (RAW_ITEMS.has(key) || (key === 'value' && RAW_VALUES.has(list))) continue;
    const item = value[key];
    const absent = isAbsent(key, item);
    const next = absent || typeof item !== 'object' ? item : compact(item, key);
    if (!absent && next === item) continue;
    made ??= { ...value };
    if (absent) delete made[key];
    else made[key] = next;
  }
  return made ?? value;
}

function isAbsent(key: string, item: unknown): boolean {
  if (item === null || item === undefined) return true;
  if (Array.isArray(item)) return item.length === 0 && !KEPT_LISTS.has(key);
  return isObject(item) && Object.keys(item).length === 0 && (MAPS.has(key) || key === 'value');
}
