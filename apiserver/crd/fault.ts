// A fault that validation found, before it is placed below a field.
import type { FieldError } from '../../kube/index.ts';

export interface Fault {
  /** What makes two faults the same: doubles are told once. */
  readonly id: string;
  /** Path inside the validated value; undefined means it belongs to no field. */
  readonly path: string | undefined;
  build(field: string): FieldError;
}

/** A fault of the value at `path`. */
export const fault = (path: string, text: string, build: (f: string) => FieldError): Fault => ({ id: `${path} ${text}`, path, build });
