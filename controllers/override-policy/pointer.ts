// RFC 6901 pointers of field overriders: they must lead to a string, and the new string goes back to the same place.
import { unescapeToken } from './json-patch.ts';

function tokens(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new Error('JSON pointer must be empty or start with a "/"');
  return pointer.slice(1).split('/').map(unescapeToken);
}

function step(value: unknown, token: string): unknown {
  if (Array.isArray(value)) {
    if (!/^[+-]?\d+$/.test(token)) throw new Error(`strconv.Atoi: parsing "${token}": invalid syntax`);
    const index = Number(token);
    if (index < 0 || index >= value.length) throw new Error(`index out of bounds array[0,${value.length - 1}] index '${index}'`);
    return value[index];
  }
  if (typeof value === 'object' && value !== null) {
    if (!Object.hasOwn(value, token)) throw new Error(`object has no key "${token}"`);
    return (value as Record<string, unknown>)[token];
  }
  throw new Error(`invalid token reference "${token}"`);
}

/** The value a pointer leads to; throws where it leads nowhere. */
export function resolvePointer(root: unknown, pointer: string): unknown {
  return tokens(pointer).reduce(step, root);
}

/** Puts a value to where a resolvable pointer leads, in place. */
export function setAtPointer(root: unknown, pointer: string, value: unknown): void {
  const path = tokens(pointer);
  const last = path.pop();
  if (last === undefined) throw new Error('the whole object cannot be replaced');
  const parent = path.reduce(step, root) as Record<string, unknown>;
  parent[last] = value;
}
