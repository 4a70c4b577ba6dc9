// Validation of a whole custom object: schema, embedded resources, list types, and then the rules of x-kubernetes-validations,
// which run only when nothing before them makes their outcome meaningless.
import { type FieldError, field } from '../../kube/index.ts';
import { Correlation } from './correlation.ts';
import { validateEmbedded } from './embedded.ts';
import { validateListTypes } from './list-types.ts';
import type { Schema } from './schema.ts';
import { validateValue } from './validate.ts';

/** Runs the rules of a schema over an object; `old` only on update. */
export type RunRules = (object: unknown, old: unknown, correlation: Correlation | undefined) => FieldError[];

const BLOCKING = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const UNCHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** All faults of a new object except those of its metadata; `scale` are those of its replica counts. */
export function validateNew(object: unknown, schema: Schema, rules?: RunRules, scale: readonly FieldError[] = []): FieldError[] {
  const errors = [
    ...validateValue(object, schema, ''),
    ...scale,
    ...validateEmbedded(object, schema, ''),
    ...validateListTypes(object, schema, ''),
  ];
  return [...errors, ...runRules(errors, rules, () => rules?.(object, undefined, undefined) ?? [])];
}

/** All faults of an update; those of unchanged parts are tolerated, and so are broken lists where the old object had some. */
export function validateChange(
  object: unknown,
  old: unknown,
  schema: Schema,
  rules?: RunRules,
  scale: readonly FieldError[] = [],
): FieldError[] {
  const correlation = new Correlation(object, old, schema);
  const errors = [...validateValue(object, schema, '', correlation), ...scale, ...validateEmbedded(object, schema, '')];
  const lists = validateListTypes(object, schema, '');
  if (lists.length > 0 && validateListTypes(old, schema, '').length === 0) errors.push(...lists);
  return [...errors, ...runRules(errors, rules, () => rules?.(object, old, correlation) ?? [])];
}

function runRules(errors: readonly FieldError[], rules: RunRules | undefined, run: () => FieldError[]): FieldError[] {
  if (!rules) return [];
  return errors.some(e => BLOCKING.has(e.reason)) ? [field.invalidValue('<nil>', null, UNCHECKED)] : run();
}
