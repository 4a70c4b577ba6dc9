// Definitions of built-in types from the table of facts: fields, types, and how lists and maps merge.
import { builtinType, type FieldType, jsonForm, type MessageType, messageType, type SchemaFacts, schemaFacts } from '../../kube/index.ts';
import { type ApiResource, type Dialect, type JsonSchema, reference } from './resource.ts';

/** `io.k8s.api.apps.v1.Deployment` for the message `api.apps.v1.Deployment`. */
export const definitionName = (message: string): string => `io.k8s.${message.replace(/^([a-z]+)_/, '$1-')}`;

/** Messages that stand for any JSON value, or for a schema or something else. */
const ANY_VALUE = /apiextensions\.v1\.(JSON|JSONSchemaPropsOr(Bool|Array|StringArray))$/;

/** A message that is a list of texts in JSON. */
const EXTRA_VALUE = /\.ExtraValue$/;

const OBJECT_META = 'apimachinery.pkg.apis.meta.v1.ObjectMeta';
/** What `kubectl explain` tells of the metadata of any kind. */
const METADATA_TEXT =
  'ObjectMeta is metadata that all persisted resources must have: names, labels, and what the server notes about an object.';

/** Collects definitions, each with everything it refers to. */
export class BuiltinSchemas {
  readonly #dialect: Dialect;
  readonly #definitions = new Map<string, JsonSchema>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  get definitions(): ReadonlyMap<string, JsonSchema> {
    return this.#definitions;
  }

  /** Adds the kind of a resource and its list; gives the kind's name, undefined when nothing is known of it. */
  addKind(r: ApiResource): string | undefined {
    const apiVersion = r.group ? `${r.group}/${r.version}` : r.version;
    const type = builtinType(apiVersion, r.kind);
    if (!type) return undefined;
    const name = this.#add(type, r);
    this.#addList(apiVersion, r);
    return name;
  }

  /** Adds a message and what it refers to. */
  addMessage(message: string): string {
    const type = messageType(message);
    const name = definitionName(message);
    if (!this.#definitions.has(name)) {
      const form = jsonForm(message);
      if (form) this.#definitions.set(name, formSchema(form, this.#dialect));
      else if (ANY_VALUE.test(message)) this.#definitions.set(name, {});
      else if (type) this.#add(type);
    }
    return name;
  }

  #addList(apiVersion: string, r: ApiResource): void {
    const list = builtinType(apiVersion, `${r.kind}List`);
    if (list) this.#add(list, { ...r, kind: `${r.kind}List` });
  }

  #add(type: MessageType, gvk?: { readonly group: string; readonly version: string; readonly kind: string }): string {
    const name = definitionName(type.name);
    const known = this.#definitions.get(name);
    const schema: JsonSchema = known ?? { type: 'object' };
    if (gvk) addGroupVersionKind(schema, gvk);
    if (known) {
      // A kind that others refer to (the Pod of a PodList) was added without what only a root has.
      if (gvk) schema['properties'] = { ...this.#properties(type), ...(known['properties'] as JsonSchema) };
      return name;
    }
    this.#definitions.set(name, schema);
    if (type.name === OBJECT_META) schema['description'] = METADATA_TEXT;
    if (type.mapType === 'atomic') schema['x-kubernetes-map-type'] = 'atomic';
    const { required, unions } = schemaFacts(type.name);
    if (required.length > 0) schema['required'] = required;
    if (unions) schema['x-kubernetes-unions'] = unions;
    schema['properties'] = this.#properties(type);
    return name;
  }

  /** The facts about fields of inlined messages stand with the message that holds them. */
  #properties(type: MessageType, facts = schemaFacts(type.name)): JsonSchema {
    const properties: JsonSchema = {};
    for (const field of type.fields.values()) {
      const inner = field.inline && field.message ? messageType(field.message) : undefined;
      if (inner) Object.assign(properties, this.#properties(inner, facts));
      else properties[field.name] = this.#field(field, facts);
    }
    return properties;
  }

  #field(field: FieldType, facts: SchemaFacts): JsonSchema {
    const schema = this.#shape(field, facts.enums[field.name]);
    if (field.patchStrategy.length > 0) schema['x-kubernetes-patch-strategy'] = field.patchStrategy.join(',');
    if (field.patchMergeKey) schema['x-kubernetes-patch-merge-key'] = field.patchMergeKey;
    if (field.listType) schema['x-kubernetes-list-type'] = field.listType;
    if (field.listMapKeys) schema['x-kubernetes-list-map-keys'] = field.listMapKeys;
    if (field.mapType) schema['x-kubernetes-map-type'] = field.mapType;
    if (this.#dialect === 'v2') return schema;
    if (field.default !== undefined) schema['default'] = field.default;
    else if (facts.zero.has(field.name)) schema['default'] = zeroDefault(field);
    return schema;
  }

  #shape(field: FieldType, values: readonly string[] | undefined): JsonSchema {
    const one = this.#value(field);
    const value = values ? { ...one, enum: values } : one;
    if (field.shape === 'list') return { type: 'array', items: this.#element(field, value) };
    if (field.shape === 'map') return { type: 'object', additionalProperties: this.#element(field, value) };
    return value['$ref'] && this.#dialect === 'v3' ? { allOf: [value] } : value;
  }

  /** An element of a list or map is never null, but where its type has a form of its own. */
  #element(field: FieldType, value: JsonSchema): JsonSchema {
    const mayBeNull = field.message ? jsonForm(field.message) !== undefined || ANY_VALUE.test(field.message) : field.scalar === 'bytes';
    if (this.#dialect === 'v2' || mayBeNull || value['type'] === 'array') return value;
    return { ...(value['$ref'] ? { allOf: [value] } : value), default: zeroDefault(field) };
  }

  #value(field: FieldType): JsonSchema {
    if (field.message && EXTRA_VALUE.test(field.message))
      return { type: 'array', items: this.#dialect === 'v3' ? { type: 'string', default: '' } : { type: 'string' } };
    if (field.message) return { $ref: reference(this.addMessage(field.message), this.#dialect) };
    return scalarSchema(field.scalar ?? 'string');
  }
}

function zeroDefault({ message, scalar }: FieldType): unknown {
  if (message) return {};
  if (scalar === 'bool') return false;
  return scalar === 'string' ? '' : 0;
}

function addGroupVersionKind(
  schema: JsonSchema,
  { group, version, kind }: { readonly group: string; readonly version: string; readonly kind: string },
): void {
  const key = 'x-kubernetes-group-version-kind';
  const known = Array.isArray(schema[key]) ? (schema[key] as JsonSchema[]) : [];
  if (!known.some(k => k['group'] === group && k['version'] === version && k['kind'] === kind))
    schema[key] = [...known, { group, kind, version }];
}

function scalarSchema(scalar: string): JsonSchema {
  switch (scalar) {
    case 'bool':
      return { type: 'boolean' };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: scalar };
    case 'double':
      return { type: 'number', format: 'double' };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    default:
      return { type: 'string' };
  }
}

function formSchema(form: string, dialect: Dialect): JsonSchema {
  switch (form) {
    case 'quantity':
      return dialect === 'v3' ? { oneOf: [{ type: 'string' }, { type: 'number' }] } : { type: 'string' };
    case 'int-or-string':
      return dialect === 'v3'
        ? { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' }
        : { type: 'string', format: 'int-or-string' };
    case 'time':
    case 'micro-time':
      return { type: 'string', format: 'date-time' };
    case 'duration':
      return { type: 'string' };
    case 'verbs':
      return { type: 'array', items: { type: 'string' } };
    default:
      return { type: 'object' };
  }
}
