// Does a JSON value decode into a built-in type? Only what cannot be decoded counts: unknown fields pass.
import { isObject } from '../json.ts';
import { parseQuantity } from '../quantity.ts';
import { type FieldType, jsonForm, type MessageType, messageType } from '../types.ts';
import { goKind, goType } from './go-text.ts';
import { getOwn } from './own-key.ts';

const TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** The first fault in the order of the type's fields; undefined when the value decodes. */
export function checkDecodes(value: unknown, type: MessageType): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (!isObject(value)) return `cannot restore struct from: ${goKind(value)}`;
  for (const field of type.fields.values()) {
    const inner = field.inline && field.message ? messageType(field.message) : undefined;
    const fault = inner ? checkDecodes(value, inner) : checkField(getOwn(value, field.name), field);
    if (fault) return fault;
  }
  return undefined;
}

function checkField(value: unknown, field: FieldType): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (field.shape === 'list') return Array.isArray(value) ? first(value, field) : `cannot restore slice from ${goKind(value)}`;
  if (field.shape === 'map') return isObject(value) ? first(Object.values(value), field) : `cannot restore map from ${goKind(value)}`;
  return checkValue(value, field);
}

function first(values: readonly unknown[], field: FieldType): string | undefined {
  for (const value of values) {
    const fault = value === null ? undefined : checkValue(value, field);
    if (fault) return fault;
  }
  return undefined;
}

function checkValue(value: unknown, { message, scalar = 'string' }: FieldType): string | undefined {
  if (!message) return checkScalar(value, scalar);
  const form = jsonForm(message);
  if (form) return checkForm(value, form);
  if (/\.(ExtraValue|Verbs)$/.test(message)) return Array.isArray(value) ? undefined : `cannot restore slice from ${goKind(value)}`;
  if (/\.(JSON|JSONSchemaPropsOr\w+)$/.test(message)) return undefined;
  const type = messageType(message);
  return type ? checkDecodes(value, type) : undefined;
}

const SCALAR_KINDS: Record<string, string> = { string: 'string', bool: 'bool', int32: 'int32', int64: 'int64', double: 'float64' };

function checkScalar(value: unknown, scalar: string): string | undefined {
  if (scalar === 'bytes')
    return typeof value === 'string' || Array.isArray(value) ? undefined : `cannot restore slice from ${goKind(value)}`;
  const kind = SCALAR_KINDS[scalar] ?? 'string';
  if (typeof value === 'object') return `unrecognized type: ${kind}`;
  const wanted = scalar === 'string' ? 'string' : scalar === 'bool' ? 'boolean' : 'number';
  if (typeof value !== wanted)
    return typeof value === 'number' ? `cannot convert ${goType(value)} to ${kind}` : `unrecognized type: ${kind}`;
  return undefined;
}

function checkForm(value: unknown, form: NonNullable<ReturnType<typeof jsonForm>>): string | undefined {
  switch (form) {
    case 'quantity':
      return quantityFault(typeof value === 'string' || typeof value === 'number' ? String(value) : '');
    case 'int-or-string':
      return typeof value === 'string' || Number.isInteger(value)
        ? undefined
        : `json: cannot unmarshal ${word(value)} into Go value of type int32`;
    case 'time':
    case 'micro-time':
      if (typeof value !== 'string') return `json: cannot unmarshal ${word(value)} into Go value of type string`;
      return TIME.test(value)
        ? undefined
        : `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`;
    case 'duration':
      return typeof value === 'string' ? undefined : `json: cannot unmarshal ${word(value)} into Go value of type string`;
    case 'verbs':
      return Array.isArray(value) ? undefined : `cannot restore slice from ${goKind(value)}`;
    default:
      return undefined;
  }
}

function quantityFault(text: string): string | undefined {
  try {
    parseQuantity(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const word = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};
