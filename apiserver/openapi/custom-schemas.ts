// Definitions of custom kinds: the schema of the CRD, with the common fields of every resource. Version 2 cannot say everything:
// what it lacks is left out, and below an unstructured value nothing is said at all.
import { isObject, objectOf } from '../../kube/index.ts';
import type { CustomKind } from '../crd/custom-kind.ts';
import { type Dialect, type JsonSchema, reference } from './resource.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

/** `io.karmada.policy.v1alpha1.PropagationPolicy` for the group policy.karmada.io. */
export function customName(kind: CustomKind, list = false): string {
  return `${kind.group.split('.').reverse().join('.')}.${kind.version}.${list ? kind.listKind : kind.kind}`;
}

/** The definitions of a custom kind and of its list. */
export function customDefinitions(kind: CustomKind, dialect: Dialect): [name: string, schema: JsonSchema][] {
  const body = convert(kind.rawSchema, dialect);
  const text = (description: string): JsonSchema => ({ description, type: 'string' });
  const identity = {
    apiVersion: text('APIVersion defines the version of the schema that this object follows.'),
    kind: text('Kind names what this object is.'),
  };
  const ref = (name: string): JsonSchema => {
    const value = { $ref: reference(name, dialect) };
    return dialect === 'v3' ? { allOf: [value] } : value;
  };
  const gvk = (name: string): JsonSchema[] => [{ group: kind.group, kind: name, version: kind.version }];
  const properties = { ...identity, metadata: ref(`${META}ObjectMeta`), ...without(objectOf(body['properties'])) };
  // Named properties would be the only ones to kubectl, which checks lists and old servers by version 2.
  const anything = dialect === 'v2' && kind.rawSchema['x-kubernetes-preserve-unknown-fields'] === true;
  const object: JsonSchema = {
    ...(anything ? { type: 'object' } : { ...body, type: 'object', properties }),
    'x-kubernetes-group-version-kind': gvk(kind.kind),
  };
  const list: JsonSchema = {
    type: 'object',
    required: ['items'],
    properties: {
      ...identity,
      metadata: ref(`${META}ListMeta`),
      items: { type: 'array', items: { $ref: reference(customName(kind), dialect) } },
    },
    'x-kubernetes-group-version-kind': gvk(kind.listKind),
  };
  return [
    [customName(kind), object],
    [customName(kind, true), list],
  ];
}

function without(properties: JsonSchema): JsonSchema {
  const { apiVersion: _a, kind: _k, metadata: _m, ...rest } = properties;
  return rest;
}

const V3_ONLY = new Set(['nullable', 'oneOf', 'anyOf', 'not', 'x-kubernetes-validations']);
const SCHEMAS = new Set(['items', 'additionalProperties', 'not']);
const LISTS = new Set(['allOf', 'anyOf', 'oneOf']);

function convert(raw: Readonly<Record<string, unknown>>, dialect: Dialect): JsonSchema {
  const made: JsonSchema = {};
  const loose = dialect === 'v2' && (raw['x-kubernetes-preserve-unknown-fields'] === true || raw['nullable'] === true);
  for (const [key, value] of Object.entries(raw)) {
    if (
      dialect === 'v2' &&
      (V3_ONLY.has(key) || (loose && (key === 'properties' || key === 'items' || key === 'type' || key === 'required')))
    )
      continue;
    if (key === 'properties')
      made[key] = Object.fromEntries(Object.entries(objectOf(value)).map(([k, v]) => [k, convert(objectOf(v), dialect)]));
    else if (SCHEMAS.has(key) && isObject(value)) made[key] = convert(value, dialect);
    else if (LISTS.has(key) && Array.isArray(value)) made[key] = value.map(v => convert(objectOf(v), dialect));
    else if (key !== 'additionalProperties' || value !== true || dialect === 'v3') made[key] = value;
  }
  return made;
}
