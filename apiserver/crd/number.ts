// Number checks of schema validation: range of the type and format, multipleOf, minimum, maximum. Integers are compared with
// the bound truncated to an integer, as the reference does.
import { field, NumberLiteral } from '../../kube/index.ts';
import { type Fault, fault } from './fault.ts';
import { goNumber, isInt64, isJsonInteger } from './go-number.ts';
import type { Schema } from './schema.ts';

/** The value to compute with: exact where a double is not. */
const amount = (value: number | NumberLiteral): number | bigint => (value instanceof NumberLiteral ? (value.exact ?? value.number) : value);

export function numberFaults(value: number | NumberLiteral, schema: Schema, path: string): Fault[] {
  const type = schema.types.length === 1 ? (schema.types[0] ?? '') : '';
  const faults: Fault[] = [];
  const push = (...more: (Fault | undefined)[]): void => {
    for (const f of more) if (f) faults.push(f);
  };
  push(rangeFault(amount(value), type, schema.format, 'Checked', path));
  if (schema.multipleOf !== undefined)
    push(rangeFault(schema.multipleOf, type, schema.format, 'MultipleOf', path), multipleFault(value, schema.multipleOf, path));
  if (schema.minimum !== undefined)
    push(rangeFault(schema.minimum, type, schema.format, 'Minimum boundary', path), minimumFault(value, schema, path));
  if (schema.maximum !== undefined)
    push(rangeFault(schema.maximum, type, schema.format, 'Maximum boundary', path), maximumFault(value, schema, path));
  return faults;
}

function rangeFault(value: number | bigint, type: string, format: string, what: string, path: string): Fault | undefined {
  if (inRange(value, type, format)) return undefined;
  const kind = format ? `with format ${format}` : '(default format)';
  const text = `${what} value must be of type ${type} ${kind} in ${path}`;
  return { id: text, path: undefined, build: f => field.invalidValue(f, '', text) };
}

function inRange(value: number | bigint, type: string, format: string): boolean {
  const whole = typeof value === 'bigint' || isInt64(value);
  if (type === 'integer') return whole && (format !== 'int32' || (value >= -(2 ** 31) && value < 2 ** 31));
  return format !== 'float' || !Number.isFinite(Number(value)) || Number.isFinite(Math.fround(Number(value)));
}

const invalid = (path: string, value: number | NumberLiteral, text: string): Fault =>
  fault(path, text, f => field.invalidValue(f, value, `${path} ${text}`));

function multipleFault(value: number | NumberLiteral, multipleOf: number, path: string): Fault | undefined {
  const integer = isInt64(value);
  const factor = integer ? Math.trunc(multipleOf) : multipleOf;
  if (integer ? factor <= 0 : factor < 0) {
    const text = `factor MultipleOf declared for ${path} must be positive: ${goNumber(factor)}`;
    return fault(path, text, f => field.invalidValue(f, factor, text));
  }
  const fits = integer ? BigInt(amount(value)) % BigInt(factor) === 0n : isJsonInteger(quotient(Number(value), factor));
  return fits ? undefined : invalid(path, value, `in body should be a multiple of ${goNumber(factor)}`);
}

const quotient = (value: number, factor: number): number => (factor < 1 ? (1 / factor) * value : value / factor);

function minimumFault(value: number | NumberLiteral, schema: Schema, path: string): Fault | undefined {
  const bound = isInt64(value) ? Math.trunc(schema.minimum ?? 0) : (schema.minimum ?? 0);
  if (schema.exclusiveMinimum ? amount(value) > bound : amount(value) >= bound) return undefined;
  return invalid(path, value, `in body should be greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${goNumber(bound)}`);
}

function maximumFault(value: number | NumberLiteral, schema: Schema, path: string): Fault | undefined {
  const bound = isInt64(value) ? Math.trunc(schema.maximum ?? 0) : (schema.maximum ?? 0);
  if (schema.exclusiveMaximum ? amount(value) < bound : amount(value) <= bound) return undefined;
  return invalid(path, value, `in body should be less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${goNumber(bound)}`);
}
