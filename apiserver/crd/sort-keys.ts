// Values in messages print with sorted keys.
import { isObject } from '../../kube/index.ts';

/** A copy of a JSON value with the keys of all objects sorted. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  const made: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort())
    Object.defineProperty(made, key, { value: sortKeys(value[key]), enumerable: true, configurable: true, writable: true });
  return made;
}
