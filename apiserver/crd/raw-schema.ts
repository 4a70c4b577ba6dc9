// An `openAPIV3Schema` as written, before anything is known about its validity: what CRD validation walks.
import { isObject, listOf, stringOf } from '../../kube/index.ts';

export type RawSchema = Readonly<Record<string, unknown>>;

export const schemaOf = (value: unknown): RawSchema | undefined => (isObject(value) ? value : undefined);
export const typeOf = (s: RawSchema): string => stringOf(s['type']);
export const isTrue = (s: RawSchema, key: string): boolean => s[key] === true;
export const schemasOf = (s: RawSchema, key: string): RawSchema[] => listOf(s[key]).filter(isObject);
export const properties = (s: RawSchema): [string, RawSchema][] =>
  isObject(s['properties']) ? Object.entries(s['properties']).map(([k, v]) => [k, isObject(v) ? v : {}]) : [];
export const property = (s: RawSchema, name: string): RawSchema | undefined =>
  isObject(s['properties']) && Object.hasOwn(s['properties'], name) ? schemaOf(s['properties'][name]) : undefined;
export const texts = (s: RawSchema, key: string): string[] => listOf(s[key]).filter(v => typeof v === 'string');
/** A text field that the internal form holds by pointer: absent and empty differ. */
export const pointer = (s: RawSchema, key: string): string | undefined => (typeof s[key] === 'string' ? s[key] : undefined);
export const present = (value: unknown): boolean => value !== undefined && value !== null;
