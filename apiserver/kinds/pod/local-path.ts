// Paths inside a volume or below a folder of the node: they must not lead out of it.
import { invalidValue } from '../checks.ts';
import type { Faults } from '../read.ts';

/** A relative path that stays below where it starts. */
export function localDescending(faults: Faults, path: string, target: string): void {
  if (target.startsWith('/')) faults.push(invalidValue(path, target, 'must be a relative path'));
  noBacksteps(faults, path, target);
}

/** A path without `..`. */
export function noBacksteps(faults: Faults, path: string, target: string): void {
  if (target.split('/').includes('..')) faults.push(invalidValue(path, target, "must not contain '..'"));
}
