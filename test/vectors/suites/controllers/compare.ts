// Comparisons of the controllers' suites.
import { equal, isObject } from '../../../../kube/index.ts';
import { agree, differ, type Verdict } from '../../suite.ts';

/** The value without null, {} and [] members, in depth: what typed structures of the reference add or drop. */
export function loose(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loose);
  if (!isObject(value)) return value;
  const kept = Object.entries(value)
    .map(([key, item]) => [key, loose(item)] as const)
    .filter(([, item]) => !isEmpty(item));
  return Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

export function compare(got: unknown, expected: unknown, same: (a: unknown, b: unknown) => boolean = equal): Verdict {
  return same(got, expected) ? agree : differ(got, expected);
}

export const compareLoose = (got: unknown, expected: unknown): Verdict => compare(loose(got), loose(expected));
