// What strategic merge must know of a value's type: the strategy and merge key of each field below it.
import { type FieldType, jsonForm, type MessageType, messageType } from '../types.ts';
import { StrategicFault } from './strategic-fault.ts';

/** A struct with fields, a map whose values have one type, or a scalar. */
export type MergeSchema =
  | { readonly kind: 'struct'; readonly name: string; readonly type: MessageType | undefined }
  | { readonly kind: 'map'; readonly element: MergeSchema }
  | { readonly kind: 'scalar'; readonly name: string };

export interface FieldMerge {
  /** Type of the field's value, or of the elements of its list. */
  readonly schema: MergeSchema;
  readonly strategy: 'merge' | 'replace' | undefined;
  readonly retainKeys: boolean;
  readonly mergeKey: string;
}

export function structSchema(type: MessageType): MergeSchema {
  return { kind: 'struct', name: type.name.slice(type.name.lastIndexOf('.') + 1), type };
}

/** How the field of that name merges; a fault for names the type does not have. */
export function lookup(schema: MergeSchema, key: string): FieldMerge {
  if (schema.kind === 'map') return { schema: schema.element, strategy: undefined, retainKeys: false, mergeKey: '' };
  if (schema.kind === 'scalar')
    throw new StrategicFault(500, `merging an object in json but data type is not struct, instead is: ${schema.name}`);
  const field = schema.type && findField(schema.type, key);
  if (!field) throw new StrategicFault(500, `unable to find api field in struct ${schema.name} for the json field ${JSON.stringify(key)}`);
  const strategy = field.patchStrategy.find(s => s !== 'retainKeys');
  return {
    schema: valueSchema(field),
    strategy: strategy === 'merge' || strategy === 'replace' ? strategy : undefined,
    retainKeys: field.patchStrategy.includes('retainKeys'),
    mergeKey: field.patchMergeKey ?? '',
  };
}

function findField(type: MessageType, key: string): FieldType | undefined {
  const own = type.fields.get(key);
  if (own && !own.inline) return own;
  for (const field of type.fields.values()) {
    if (!field.inline || !field.message) continue;
    const inner = messageType(field.message);
    const found = inner && findField(inner, key);
    if (found) return found;
  }
  return undefined;
}

function valueSchema(field: FieldType): MergeSchema {
  const element = elementSchema(field);
  return field.shape === 'map' ? { kind: 'map', element } : element;
}

const SCALARS = new Map([
  ['double', 'float64'],
  ['bytes', 'uint8'],
]);
const WITHOUT_FIELDS = /\.(JSON|JSONSchemaPropsOr\w+)$/;

function elementSchema({ message, scalar = 'string' }: FieldType): MergeSchema {
  if (!message) return { kind: 'scalar', name: SCALARS.get(scalar) ?? scalar };
  const type = messageType(message);
  if (!type || jsonForm(message) || WITHOUT_FIELDS.test(message))
    return { kind: 'struct', name: message.slice(message.lastIndexOf('.') + 1), type: undefined };
  return structSchema(type);
}
