// The text of a JSON body as the reference's decoder reads it: each byte that is no UTF-8, and each escaped half of a surrogate
// pair, stands for U+FFFD, in keys as in values.
import { isUtf8 } from 'node:buffer';

const REPLACEMENT = '\ufffd';
const ESCAPED = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|[^u])/g;
const MAY_BE_HALF = /\\u[dD][89a-fA-F]/;
const HALF = /^\\u.{4}$/;

export function jsonText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = isUtf8(bytes) ? buffer.toString('utf8') : replaced(buffer);
  return MAY_BE_HALF.test(text) ? text.replace(ESCAPED, token => (HALF.test(token) ? REPLACEMENT : token)) : text;
}

/** Buffer's own decoder replaces a sequence cut short once, not byte by byte. */
function replaced(bytes: Buffer): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; ) {
    const width = [1, 2, 3, 4].find(n => i + n <= bytes.length && isUtf8(bytes.subarray(i, i + n)));
    parts.push(width ? bytes.toString('utf8', i, i + width) : REPLACEMENT);
    i += width ?? 1;
  }
  return parts.join('');
}
