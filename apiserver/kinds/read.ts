// Reading decoded objects: absent and null are one, and a field of another type than expected reads as its zero value.
// Decoding has checked the types before; these functions only keep the checks below free of casts.
import { type FieldError, isObject } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';

export type Obj = Readonly<Record<string, unknown>>;
export type Faults = FieldError[];

const NONE: Obj = Object.freeze({});
const EMPTY: readonly never[] = Object.freeze([]);

export const has = (o: Obj, key: string): boolean => o[key] !== undefined && o[key] !== null;

/** The nested object, or an empty one. */
export function sub(o: Obj, key: string): Obj {
  const v = o[key];
  return isObject(v) ? v : NONE;
}

/** The nested object where it is present. */
export function optional(o: Obj, key: string): Obj | undefined {
  const v = o[key];
  return isObject(v) ? v : undefined;
}

export function text(o: Obj, key: string): string {
  const v = o[key];
  return typeof v === 'string' ? v : '';
}

export function number(o: Obj, key: string): number {
  const v = o[key];
  return typeof v === 'number' ? v : 0;
}

export const flag = (o: Obj, key: string): boolean => o[key] === true;

/** A list of objects. */
export function items(o: Obj, key: string): readonly Obj[] {
  const v = o[key];
  return Array.isArray(v) ? (v as readonly Obj[]) : EMPTY;
}

/** A list of strings. */
export function strings(o: Obj, key: string): readonly string[] {
  const v = o[key];
  return Array.isArray(v) ? (v as readonly string[]) : EMPTY;
}

/** Entries of a map of strings, sorted by key. */
export function entries(o: Obj, key: string): [string, string][] {
  return Object.entries(sub(o, key) as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The nested object to be changed in place, made where absent. */
export function ensure(o: MutableObject, key: string): MutableObject {
  const v = o[key];
  if (isObject(v)) return v;
  const made: MutableObject = {};
  o[key] = made;
  return made;
}

/** Sets a field that is absent. */
export function preset(o: MutableObject, key: string, value: unknown): void {
  if (o[key] === undefined || o[key] === null) o[key] = value;
}

/** Sets a field that is absent or an empty string. */
export function presetText(o: MutableObject, key: string, value: string): void {
  if (o[key] === undefined || o[key] === null || o[key] === '') o[key] = value;
}

/** The objects of a list, to be changed in place. */
export function mutable(o: MutableObject, key: string): MutableObject[] {
  const v = o[key];
  return Array.isArray(v) ? v.filter(isObject) : [];
}

/** The nested object to be changed in place, where present. */
export function inside(o: MutableObject | undefined, key: string): MutableObject | undefined {
  const v = o?.[key];
  return isObject(v) ? v : undefined;
}
