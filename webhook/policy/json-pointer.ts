// RFC 6901, as far as a path can be wrong.

/** The reference joins the fault and its class by a line break. */
const NOT_A_POINTER = 'JSON pointer must be empty or start with a "/"\nJSON pointer error';

/** Why `text` is no JSON pointer; undefined for a good one. */
export function faultOfJsonPointer(text: string): string | undefined {
  return text !== '' && !text.startsWith('/') ? NOT_A_POINTER : undefined;
}
