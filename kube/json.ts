// JSON values as the API carries them, with the few structural operations everything else is built on.

import { carryLiterals } from './number-literals.ts';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** A plain JSON object: not null, not a list. Narrow foreign values with this before reading a field. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value itself if it is a plain object, else an empty one; for reading optional nested fields. */
export function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

/** The value itself if it is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value itself if it is a string, else ''. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Reads a nested field, undefined as soon as a step is missing. `at(o, 'spec', 'template', 'spec')`. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    if (!Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

/** Deep equality of JSON values; key order is free, a key with value undefined counts as absent. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (Array.isArray(b)) return false;
  return equalObjects(a as Record<string, unknown>, b as Record<string, unknown>);
}

/** JSON values inherit functions alone, which equal no value, and `__proto__`. */
function equalObjects(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let present = 0;
  for (const key in a) {
    const value = a[key];
    if (value === undefined) continue;
    present++;
    if (!equal(value, b[key]) || (key === '__proto__' && !Object.hasOwn(b, key))) return false;
  }
  for (const key in b) if (b[key] !== undefined) present--;
  return present === 0;
}

/** A deep copy of a JSON value. */
export function clone<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  return (Array.isArray(value) ? cloneList(value) : cloneObject(value as Record<string, unknown>)) as T;
}

function cloneList(list: readonly unknown[]): unknown[] {
  const copy = list.slice();
  for (let i = 0; i < copy.length; i++) copy[i] = clone(copy[i]);
  carryLiterals(list, copy);
  return copy;
}

function cloneObject(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: clone(value[key]), enumerable: true, configurable: true, writable: true });
    else copy[key] = clone(value[key]);
  }
  carryLiterals(value, copy);
  return copy;
}

/** Freezes a JSON value in depth, so that whoever changes an object out of a cache fails at once. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}
