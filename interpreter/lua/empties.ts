// Lua cannot tell an empty list from an empty object, so every empty table leaves the machine as `[]`. Where the inputs had
// something empty at the same path, that decides; anywhere else an empty table means nothing and goes. Paths ignore positions
// in lists. It is one pass: what becomes empty by it stays.
import { isObject, plain500 } from '../../kube/index.ts';

type Path = string;
const SEPARATOR = '\u0000';

/** What is on the way to a key that the reference cannot look up (`[…` or `{…`), and the steps from there on. */
interface Blind {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly steps: readonly (string | number)[];
}

/** The result with its empty tables decided by the references (the inputs); changes `result`. */
export function settleEmpties(result: unknown, references: readonly unknown[]): unknown {
  const objects = new Set<Path>();
  const lists = new Set<Path>();
  for (const reference of references) collect(reference, '', objects, lists);
  const replaced: Blind[] = [];
  const fateOf = (path: Path): 'object' | 'list' | 'gone' => {
    if (objects.has(path)) return 'object';
    if (lists.has(path)) return 'list';
    if (path === SEPARATOR || path.split(SEPARATOR).some(isUnusable)) throw unusablePath();
    return 'gone';
  };
  const settle = (value: unknown, path: Path, blind?: Blind): void => {
    if (Array.isArray(value)) settleList(value, path, blind);
    else if (isObject(value)) settleObject(value, path, blind);
  };
  const settleList = (list: unknown[], path: Path, blind?: Blind): void => {
    for (let i = list.length - 1; i >= 0; i--) {
      const inner = blind && { ...blind, steps: [...blind.steps, i] };
      if (!isEmptyList(list[i])) {
        settle(list[i], path, inner);
        continue;
      }
      const fate = fateOf(path);
      if (fate === 'object' && inner) replaced.push(inner);
      else if (fate === 'object') list[i] = path.includes('|') ? [] : {};
      else if (fate === 'gone' && !inner) list.splice(i, 1);
    }
  };
  const settleObject = (object: Record<string, unknown>, path: Path, blind?: Blind): void => {
    for (const key of Object.keys(object)) {
      const innerPath = path + SEPARATOR + key;
      const inner = blind ? { ...blind, steps: [...blind.steps, key] } : isBlind(key) ? { holder: object, key, steps: [] } : undefined;
      if (!isEmptyList(object[key])) {
        settle(object[key], innerPath, inner);
        continue;
      }
      const fate = fateOf(innerPath);
      if (fate === 'object' && inner) replaced.push(inner);
      else if (fate === 'object' && !innerPath.includes('|')) object[key] = {};
      else if (fate === 'gone' && !inner) delete object[key];
    }
  };
  settle(result, '');
  for (const { holder, key, steps } of replaced) holder[key] = madeAnew(steps);
  return result;
}

/** The reference makes an object at such a key anew, with nothing beside it. */
function madeAnew([step, ...rest]: readonly (string | number)[]): unknown {
  if (step === undefined) return {};
  if (typeof step === 'string') return { [step]: madeAnew(rest) };
  return [...Array.from({ length: step }, () => null), madeAnew(rest)];
}

const isBlind = (key: string): boolean => /^[[{]/.test(key);

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
