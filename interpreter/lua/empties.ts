// Lua cannot tell an empty list from an empty object, so every empty table leaves the machine as `[]`. Where the inputs had
// something empty at the same path, that decides; anywhere else an empty table means nothing and goes. Paths ignore positions
// in lists. It is one pass: what becomes empty by it stays.
import { isObject, plain500 } from '../../kube/index.ts';

type Path = string;
const SEPARATOR = '\u0000';

/** The result with its empty tables decided by the references (the inputs); changes `result`. */
export function settleEmpties(result: unknown, references: readonly unknown[]): unknown {
  const objects = new Set<Path>();
  const lists = new Set<Path>();
  for (const reference of references) collect(reference, '', objects, lists);
  const settle = (value: unknown, path: Path): void => {
    if (Array.isArray(value)) settleList(value, path);
    else if (isObject(value)) settleObject(value, path);
  };
  const decide = (path: Path): 'object' | 'list' | 'gone' => (objects.has(path) ? 'object' : lists.has(path) ? 'list' : 'gone');
  const settleList = (list: unknown[], path: Path): void => {
    for (let i = list.length - 1; i >= 0; i--) {
      if (!isEmptyList(list[i])) settle(list[i], path);
      else if (decide(path) === 'object') list[i] = path.includes('|') ? [] : {};
      else if (decide(path) === 'gone') list.splice(i, 1);
    }
  };
  const settleObject = (object: Record<string, unknown>, path: Path): void => {
    for (const key of Object.keys(object)) {
      const inner = path + SEPARATOR + key;
      if (!isEmptyList(object[key])) {
        settle(object[key], inner);
        continue;
      }
      const fate = decide(inner);
      if (fate === 'gone' && (inner === SEPARATOR || inner.split(SEPARATOR).some(isUnusable))) throw unusablePath();
      if (fate === 'object' && !inner.includes('|')) object[key] = {};
      else if (fate === 'gone') delete object[key];
    }
  };
  settle(result, '');
  return result;
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Keys at which the reference cannot change a field. */
const isUnusable = (key: string): boolean => /[*?|#@]/.test(key);

const unusablePath = (): Error =>
  plain500(
    'convert empty object back to empty slice failed: sjson delete empty slice field failed: cannot delete value from a complex path',
  );

function collect(value: unknown, path: Path, objects: Set<Path>, lists: Set<Path>): void {
  if (Array.isArray(value)) {
    if (value.length === 0) lists.add(path);
    for (const item of value) collect(item, path, objects, lists);
  } else if (isObject(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) objects.add(path);
    for (const key of keys) collect(value[key], path + SEPARATOR + key, objects, lists);
  }
}
