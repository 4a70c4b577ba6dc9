// The door of the bottom library.
export * from './client.ts';
export * from './clock.ts';
export type { FieldError, FieldErrorReason } from './field-error.ts';
export * as field from './field-error.ts';
export * from './json.ts';
export * from './object.ts';
export * from './quantity.ts';
export * from './resource.ts';
export * from './status-error.ts';
export * from './types.ts';
export * from './worker.ts';
