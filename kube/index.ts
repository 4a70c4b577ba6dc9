// The door of the bottom library.

export * from './address.ts';
export * from './age.ts';
export * from './client.ts';
export * from './clock.ts';
export * from './decode/scalar.ts';
export * from './duration.ts';
export * from './expressions.ts';
export type { FieldError, FieldErrorReason } from './field-error.ts';
export * as field from './field-error.ts';
export * from './field-selector.ts';
export * from './int-or-string.ts';
export * from './json.ts';
export * from './names.ts';
export * from './object.ts';
export * from './patch/index.ts';
export * from './quantity.ts';
export * from './quote.ts';
export type { LabelOperator, Requirement } from './requirement.ts';
export * from './resource.ts';
export * from './selectable-fields.ts';
export * from './selector.ts';
export * from './status-error.ts';
export * from './time.ts';
export * from './types.ts';
export * from './worker.ts';
