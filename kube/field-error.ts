// Field errors: what validation returns. One entry a fault, with the texts clients see
// (`spec.replicas: Invalid value: -1: must be greater than or equal to 0`).

import { NumberLiteral } from './number-literals.ts';
import { quoted } from './quote.ts';

export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotFound'
  | 'InternalError';

export interface FieldError {
  readonly reason: FieldErrorReason;
  /** Path as printed: `spec.containers[0].name`. */
  readonly field: string;
  /** Text without the path: the message of the cause. */
  readonly body: string;
  /** `<field>: <body>` */
  readonly text: string;
}

function fieldError(reason: FieldErrorReason, field: string, body: string): FieldError {
  return { reason, field, body, text: `${field}: ${body}` };
}

/** Texts that are quoted alike in JSON and in messages. */
const PLAIN = /^[\x20-\x7e]*$/;

/** How a bad value is printed: strings quoted, everything else as compact JSON, absent as null. */
function printValue(value: unknown): string {
  if (value instanceof NumberLiteral && value.exact !== undefined) return String(value.exact);
  if (typeof value === 'string') return PLAIN.test(value) ? JSON.stringify(value) : quoted(value);
  return value === undefined ? 'null' : JSON.stringify(value);
}

const withDetail = (head: string, detail: string): string => (detail ? `${head}: ${detail}` : head);

export const required = (field: string, detail = ''): FieldError =>
  fieldError('FieldValueRequired', field, withDetail('Required value', detail));

export const invalidValue = (field: string, value: unknown, detail: string): FieldError =>
  fieldError('FieldValueInvalid', field, withDetail(`Invalid value: ${printValue(value)}`, detail));

export const typeInvalid = (field: string, value: unknown, detail: string): FieldError =>
  fieldError('FieldValueTypeInvalid', field, withDetail(`Invalid value: ${printValue(value)}`, detail));

/** `supported` is printed in the order given; sort it where the reference does. */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError =>
  fieldError(
    'FieldValueNotSupported',
    field,
    withDetail(
      `Unsupported value: ${printValue(value)}`,
      supported.length ? `supported values: ${supported.map(s => JSON.stringify(s)).join(', ')}` : '',
    ),
  );

export const forbiddenField = (field: string, detail: string): FieldError =>
  fieldError('FieldValueForbidden', field, withDetail('Forbidden', detail));

export const duplicate = (field: string, value: unknown): FieldError =>
  fieldError('FieldValueDuplicate', field, `Duplicate value: ${printValue(value)}`);

/** `max` in bytes. */
export const tooLong = (field: string, max: number): FieldError =>
  fieldError('FieldValueTooLong', field, `Too long: may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`);

export const tooMany = (field: string, actual: number, max: number): FieldError =>
  fieldError('FieldValueTooMany', field, `Too many: ${actual}: must have at most ${max} ${max === 1 ? 'item' : 'items'}`);

export const fieldNotFound = (field: string, value: unknown): FieldError =>
  fieldError('FieldValueNotFound', field, `Not found: ${printValue(value)}`);

export const internalField = (field: string, message: string): FieldError =>
  fieldError('InternalError', field, `Internal error: ${message}`);

/** `parent.name`, or `name` at the root. */
export const child = (parent: string, name: string): string => (parent ? `${parent}.${name}` : name);
/** `parent[3]` */
export const index = (parent: string, i: number): string => `${parent}[${i}]`;
/** `parent[key]` */
export const mapKey = (parent: string, key: string): string => `${parent}[${key}]`;
