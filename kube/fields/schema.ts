// How the values of a kind are owned: which maps and lists are one piece, and what identifies the items of the others.

/** A value of a known shape, or `any`: told by what it is (maps go field by field, lists are one piece). */
export type FieldSchema = ScalarSchema | ListSchema | MapSchema | { readonly type: 'any' };

export interface ScalarSchema {
  readonly type: 'scalar';
  readonly scalar: 'string' | 'numeric' | 'boolean' | 'untyped';
}

export interface ListSchema {
  readonly type: 'list';
  /** `atomic`: one piece. `set`: scalars. `map`: objects that differ in their keys. */
  readonly kind: 'atomic' | 'set' | 'map';
  /** Of `map`: names of the keys, sorted. */
  readonly keys: readonly string[];
  /** Values of keys that an item leaves out. */
  readonly keyDefaults: ReadonlyMap<string, unknown>;
  readonly items: FieldSchema;
}

export interface MapSchema {
  readonly type: 'map';
  readonly atomic: boolean;
  /** Declared fields. Filled after the fact where a type contains itself. */
  readonly fields: ReadonlyMap<string, FieldSchema>;
  /** Everything else; undefined where nothing else is declared. */
  readonly values: FieldSchema | undefined;
  /** Names of fields that nobody ever owns. */
  readonly unowned?: ReadonlySet<string>;
  /** The map itself is owned by nobody, only what is in it. */
  readonly unownedSelf?: boolean;
  /** Of an object as a whole: the same with nothing left unowned. */
  readonly complete?: MapSchema;
}

export const ANY: FieldSchema = { type: 'any' };
const NO_FIELDS: ReadonlyMap<string, FieldSchema> = new Map();
export const UNTYPED: ScalarSchema = { type: 'scalar', scalar: 'untyped' };

const ANY_MAP: MapSchema = { type: 'map', atomic: false, fields: NO_FIELDS, values: ANY };
const ANY_LIST: ListSchema = { type: 'list', kind: 'atomic', keys: [], keyDefaults: new Map(), items: ANY };

/** The schema of a member, as far as it is declared. */
export const memberOf = (map: MapSchema, name: string): FieldSchema | undefined => map.fields.get(name) ?? map.values;

/** What `any` is for this value; null counts as a map, which is what an absent map may be. */
export function schemaFor(schema: FieldSchema, value: unknown): ScalarSchema | ListSchema | MapSchema {
  if (schema.type !== 'any') return schema;
  if (Array.isArray(value)) return ANY_LIST;
  return typeof value === 'object' ? ANY_MAP : UNTYPED;
}
