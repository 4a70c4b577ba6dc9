// Values of API objects that are one JSON token but more than a string or a number: times, durations, IntOrString.
// Each is checked and brought to the form it is stored in; refusals carry the reference's texts.
import { formatDuration, parseDuration } from '../duration.ts';
import type { IntOrString } from '../int-or-string.ts';
import { formatMicroTime, formatTime, parseMicroTime, parseTime } from '../time.ts';

/** A JSON value that does not fit its type; the message is the reference's. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** What kind of JSON token a value is. */
function tokenName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function stringValue(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new DecodeError(`json: cannot unmarshal ${tokenName(value)} into Go value of type string`);
}

/** A Time as stored; null for none. */
export function canonicalTime(value: unknown): string | null {
  return value === null ? null : formatTime(parseTime(stringValue(value)));
}

/** A MicroTime as stored; null for none. */
export function canonicalMicroTime(value: unknown): string | null {
  return value === null ? null : formatMicroTime(parseMicroTime(stringValue(value)));
}

/** A Duration as stored. */
export function canonicalDuration(value: unknown): string {
  return formatDuration(parseDuration(value === null ? '' : stringValue(value)));
}

const INT32 = 2 ** 31;

/** An IntOrString as stored. */
export function canonicalIntOrString(value: unknown): IntOrString {
  if (typeof value === 'string') return value;
  if (value === null) return 0;
  if (typeof value !== 'number') throw new DecodeError(`json: cannot unmarshal ${tokenName(value)} into Go value of type int32`);
  if (Number.isInteger(value) && value >= -INT32 && value < INT32) return value;
  throw new DecodeError(`json: cannot unmarshal number ${value} into Go value of type int32`);
}
