// Field errors about values that are more than a text or a number.
import type { FieldError } from '../../kube/index.ts';
import { print, type Shape } from './go-json.ts';

/** `field: Invalid value: {…}: detail` with the value printed as `shape`. */
export function invalidAs(field: string, value: unknown, shape: Shape, detail: string): FieldError {
  return fault('FieldValueInvalid', field, `Invalid value: ${print(value, shape)}: ${detail}`);
}

function fault(reason: FieldError['reason'], field: string, body: string): FieldError {
  return { reason, field, body, text: `${field}: ${body}` };
}
