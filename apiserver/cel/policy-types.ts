// The types of the variables of admission policies.
import { builtinType, type FieldType, jsonForm, type MessageType, messageType } from '../../kube/index.ts';
import { BOOL, BYTES, DOUBLE, DYN, INT, listType, mapType, readType, STRING, TIMESTAMP, type Type } from './types.ts';

const object = (fields: Readonly<Record<string, Type>>): Type => ({ name: 'object', params: [], fields: new Map(Object.entries(fields)) });
const gvk = object({ group: STRING, version: STRING, kind: STRING });
const gvr = object({ group: STRING, version: STRING, resource: STRING });
const REQUEST = object({
  kind: gvk,
  resource: gvr,
  subResource: STRING,
  requestKind: gvk,
  requestResource: gvr,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: object({ username: STRING, uid: STRING, groups: listType(STRING), extra: mapType(STRING, listType(STRING)) }),
  dryRun: BOOL,
  options: DYN,
});
/** Metadata that the reference does not show to policies. */
const HIDDEN = new Set(['managedFields', 'selfLink']);

function namespaceType(): Type {
  const type = builtinType('v1', 'Namespace');
  return type ? messageFields(type, 0) : DYN;
}

function messageFields(type: MessageType, depth: number): Type {
  const fields = new Map<string, Type>();
  for (const f of type.fields.values()) if (!HIDDEN.has(f.name)) fields.set(f.name, fieldType(f, depth));
  return { name: 'object', params: [], fields };
}

function fieldType(f: FieldType, depth: number): Type {
  const value = valueType(f, depth);
  if (f.shape === 'list') return listType(value);
  return f.shape === 'map' ? mapType(STRING, value) : value;
}

const SCALARS = new Map<string, Type>([
  ['string', STRING],
  ['bool', BOOL],
  ['int32', INT],
  ['int64', INT],
  ['double', DOUBLE],
  ['bytes', BYTES],
]);

function valueType(f: FieldType, depth: number): Type {
  if (!f.message) return SCALARS.get(f.scalar ?? 'string') ?? DYN;
  const form = jsonForm(f.message);
  if (form === 'time' || form === 'micro-time') return TIMESTAMP;
  const type = form || depth > 4 ? undefined : messageType(f.message);
  return type ? messageFields(type, depth + 1) : DYN;
}

/** Variables every expression of a policy may use; `params` and `variables` come with the policy. */
export const ADMISSION_TYPES: ReadonlyMap<string, Type> = new Map([
  ['object', DYN],
  ['oldObject', DYN],
  ['request', REQUEST],
  ['namespaceObject', namespaceType()],
  ['authorizer', readType('authorizer')],
  ['authorizer.requestResource', readType('resourcecheck')],
]);

/** What expressions of mutating policies may make. */
export const MUTATION_TYPES: ReadonlyMap<string, Type> = new Map([
  ['@struct Object', { name: 'Object', params: [], open: true }],
  ['@struct JSONPatch', object({ op: STRING, path: STRING, from: STRING, value: DYN })],
]);
