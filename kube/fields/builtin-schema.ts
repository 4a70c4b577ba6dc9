// The field schemas of the built-in kinds, from the table of their types. One a message type, made at its first use.
import { fieldsByName } from '../decode/typed.ts';
import { builtinType, type FieldType, jsonForm, type MessageType, messageType } from '../types.ts';
import { ANY, type FieldSchema, type ListSchema, type MapSchema, type ScalarSchema, UNTYPED } from './schema.ts';

const OBJECT_META = 'apimachinery.pkg.apis.meta.v1.ObjectMeta';
const NO_FIELDS: ReadonlyMap<string, FieldSchema> = new Map();

/** What the server alone sets, or what says which object it is. */
const UNOWNED_METADATA: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]);
const UNOWNED_ROOT: ReadonlySet<string> = new Set(['apiVersion', 'kind']);

const structs = new Map<string, MapSchema>();
const roots = new Map<string, MapSchema | undefined>();

/** The schema of a built-in kind; undefined for any other. */
export function builtinSchema(apiVersion: string, kind: string): MapSchema | undefined {
  const id = `${apiVersion} ${kind}`;
  if (!roots.has(id)) {
    const type = builtinType(apiVersion, kind);
    roots.set(id, type && rootSchema(fieldSchemas(type)));
  }
  return roots.get(id);
}

/** The schema of an object with these fields: apiVersion, kind and most of its metadata belong to nobody. */
export function rootSchema(fields: ReadonlyMap<string, FieldSchema>, values?: FieldSchema): MapSchema {
  const string: ScalarSchema = { type: 'scalar', scalar: 'string' };
  const all = new Map<string, FieldSchema>([...fields, ['apiVersion', string], ['kind', string], ['metadata', objectMetaSchema()]]);
  const complete: MapSchema = { type: 'map', atomic: false, fields: all, values };
  return { ...complete, fields: new Map([...all, ['metadata', rootMetadata()]]), unowned: UNOWNED_ROOT, complete };
}

let metadata: MapSchema | undefined;

function rootMetadata(): MapSchema {
  metadata ??= { ...objectMetaSchema(), unowned: UNOWNED_METADATA, unownedSelf: true };
  return metadata;
}

/** The metadata of an object inside another one. */
export function objectMetaSchema(): MapSchema {
  const type = messageType(OBJECT_META);
  if (!type) throw new Error('the facts have no ObjectMeta');
  return structSchema(type);
}

function structSchema(type: MessageType): MapSchema {
  const known = structs.get(type.name);
  if (known) return known;
  const fields = new Map<string, FieldSchema>();
  const schema: MapSchema = { type: 'map', atomic: type.mapType === 'atomic', fields, values: undefined };
  structs.set(type.name, schema);
  for (const [name, field] of fieldSchemas(type)) fields.set(name, field);
  return schema;
}

const fieldSchemas = (type: MessageType): Map<string, FieldSchema> =>
  new Map([...fieldsByName(type)].map(([name, field]) => [name, fieldSchema(field)]));

function fieldSchema(field: FieldType): FieldSchema {
  const one = elementSchema(field);
  if (field.shape === 'list') return listSchema(field, one);
  if (field.shape === 'map') return { type: 'map', atomic: field.mapType === 'atomic', fields: NO_FIELDS, values: one };
  return one.type === 'map' && field.mapType ? { ...one, atomic: field.mapType === 'atomic' } : one;
}

function listSchema(field: FieldType, items: FieldSchema): ListSchema {
  const kind = field.listType ?? 'atomic';
  const keys = kind === 'map' ? [...(field.listMapKeys ?? [])].sort() : [];
  return { type: 'list', kind, keys, keyDefaults: kind === 'map' ? keyDefaults(field, keys) : new Map(), items };
}

function keyDefaults(field: FieldType, keys: readonly string[]): Map<string, unknown> {
  const type = field.message ? messageType(field.message) : undefined;
  const fields = type && fieldsByName(type);
  return new Map(keys.flatMap(key => (fields?.get(key)?.default === undefined ? [] : [[key, fields.get(key)?.default]])));
}

const SCALARS: Readonly<Record<string, ScalarSchema['scalar']>> = {
  bool: 'boolean',
  int32: 'numeric',
  int64: 'numeric',
  double: 'numeric',
};
/** Any JSON: what OpenAPI describes as having no type. */
const WITHOUT_TYPE = /\.(JSON|JSONSchemaPropsOr\w+)$/;
/** An object that is owned as one. */
const WHOLE: MapSchema = { type: 'map', atomic: true, fields: NO_FIELDS, values: ANY };
const STRING_LIST: ListSchema = {
  type: 'list',
  kind: 'atomic',
  keys: [],
  keyDefaults: new Map(),
  items: { type: 'scalar', scalar: 'string' },
};

function elementSchema({ message, scalar }: FieldType): FieldSchema {
  if (!message) return { type: 'scalar', scalar: SCALARS[scalar ?? 'string'] ?? 'string' };
  const form = jsonForm(message);
  if (form === 'duration') return { type: 'scalar', scalar: 'string' };
  if (form === 'verbs' || message.endsWith('.ExtraValue')) return STRING_LIST;
  if (message.endsWith('.RawExtension')) return WHOLE;
  if (form === 'any' || form === 'fields' || WITHOUT_TYPE.test(message)) return ANY;
  const type = form ? undefined : messageType(message);
  return type ? structSchema(type) : UNTYPED;
}
