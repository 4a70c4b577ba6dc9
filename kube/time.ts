// Times in API objects: RFC 3339 text in any zone, stored in UTC with whole seconds (Time) or microseconds (MicroTime).
// Parsing walks the layout piece by piece, because the texts of refusals name the piece that failed.
import { quotedBytes } from './quote.ts';

/** A text that is no time or duration; the message is the reference's. */
export class TimeError extends Error {
  override readonly name = 'TimeError';
}

/** A moment: whole seconds since 1970 and nanoseconds within. */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

const SECONDS_LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICROS_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

type Piece = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'zone';
type Step = readonly [prefix: string, text: string, piece: Piece];

const DATE: readonly Step[] = [
  ['', '2006', 'year'],
  ['-', '01', 'month'],
  ['-', '02', 'day'],
  ['T', '15', 'hour'],
  [':', '04', 'minute'],
  [':', '05', 'second'],
];
const ZONE: Step = ['', 'Z07:00', 'zone'];
const FRACTION: Step = ['', '.000000', 'fraction'];

interface Parsed {
  /** What the piece counts, zone in seconds east. */
  readonly value: number;
  readonly length: number;
  /** Set where the number is out of range: what to call it. */
  readonly range?: string;
}

function parsePiece(piece: Piece, text: string): Parsed | undefined {
  switch (piece) {
    case 'year':
      return number(/^[0-9]{4}/, text);
    case 'month':
      return number(/^[0-9]{2}/, text, [1, 12, 'month']);
    case 'day':
      return number(/^[0-9]{2}/, text);
    case 'hour':
      return number(/^[0-9]{1,2}/, text, [0, 23, 'hour']);
    case 'minute':
      return number(/^[0-9]{2}/, text, [0, 59, 'minute']);
    case 'second':
      return number(/^[0-9]{2}/, text, [0, 59, 'second']);
    case 'fraction':
      return fraction(/^[.,][0-9]{6}/, text);
    default:
      return zone(text);
  }
}

function number(pattern: RegExp, text: string, range?: readonly [low: number, high: number, name: string]): Parsed | undefined {
  const digits = pattern.exec(text)?.[0];
  if (digits === undefined) return undefined;
  const value = Number(digits);
  return { value, length: digits.length, ...(range && (value < range[0] || value > range[1]) ? { range: range[2] } : {}) };
}

function fraction(pattern: RegExp, text: string): Parsed | undefined {
  const digits = pattern.exec(text)?.[0];
  return digits === undefined ? undefined : { value: Number(digits.slice(1, 10).padEnd(9, '0')), length: digits.length };
}

function zone(text: string): Parsed | undefined {
  if (text.startsWith('Z')) return { value: 0, length: 1 };
  const [whole, sign, hours, minutes] = /^([-+])([0-9]{2}):([0-9]{2})/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const range = Number(minutes) > 60 ? 'time zone offset minute' : Number(hours) > 24 ? 'time zone offset hour' : undefined;
  const east = (Number(hours) * 60 + Number(minutes)) * 60;
  return { value: sign === '-' ? -east : east, length: whole.length, ...(range ? { range } : {}) };
}

function parse(text: string, layout: string): Instant {
  const steps = layout === MICROS_LAYOUT ? [...DATE, FRACTION, ZONE] : [...DATE, ZONE];
  const cannot = (rest: string, element: string): TimeError =>
    new TimeError(
      `parsing time ${quotedBytes(text)} as ${quotedBytes(layout)}: cannot parse ${quotedBytes(rest)} as ${quotedBytes(element)}`,
    );
  const wrong = (why: string): TimeError => new TimeError(`parsing time ${quotedBytes(text)}: ${why}`);
  const found = new Map<Piece, number>();
  let rest = text;
  for (const [prefix, element, piece] of steps) {
    if (!rest.startsWith(prefix)) throw cannot(rest, prefix);
    rest = rest.slice(prefix.length);
    const parsed = parsePiece(piece, rest);
    if (!parsed) throw cannot(rest, element);
    if (parsed.range) throw wrong(`${parsed.range} out of range`);
    found.set(piece, parsed.value);
    rest = rest.slice(parsed.length);
    if (piece === 'second' && layout === SECONDS_LAYOUT) {
      // A fraction is taken also where the layout has none.
      const extra = fraction(/^[.,][0-9]+/, rest);
      found.set('fraction', extra?.value ?? 0);
      rest = rest.slice(extra?.length ?? 0);
    }
  }
  if (rest !== '') throw wrong(`extra text: ${quotedBytes(rest)}`);
  return instant(found) ?? fail(wrong('day out of range'));
}

function fail(error: Error): never {
  throw error;
}

function instant(found: ReadonlyMap<Piece, number>): Instant | undefined {
  const get = (piece: Piece): number => found.get(piece) ?? 0;
  const date = new Date(0);
  date.setUTCFullYear(get('year'), get('month') - 1, get('day'));
  if (get('day') < 1 || date.getUTCDate() !== get('day')) return undefined;
  date.setUTCHours(get('hour'), get('minute'), get('second'));
  return { seconds: date.getTime() / 1000 - get('zone'), nanos: get('fraction') };
}

/** Reads an RFC 3339 time; throws a TimeError. */
export function parseTime(text: string): Instant {
  return parse(text, SECONDS_LAYOUT);
}

/** Reads a time with exactly six digits of fraction; throws a TimeError. */
export function parseMicroTime(text: string): Instant {
  return parse(text, MICROS_LAYOUT);
}

/** Milliseconds since 1970 of a time in an object; undefined where there is none or it does not parse. */
export function timeMillis(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const { seconds, nanos } = parseTime(value);
    return seconds * 1000 + Math.floor(nanos / 1e6);
  } catch (error) {
    if (error instanceof TimeError) return undefined;
    throw error;
  }
}

/** The zero time of Go, which counts as absent. */
const ZERO_SECONDS = -62135596800;

const secondsText = (seconds: number): string => {
  const text = new Date(seconds * 1000).toISOString();
  return text.slice(0, text.length - 5);
};

/** RFC 3339 in UTC with whole seconds, null for the zero time: how a Time is stored. */
export function formatTime({ seconds, nanos }: Instant): string | null {
  return seconds === ZERO_SECONDS && nanos === 0 ? null : `${secondsText(seconds)}Z`;
}

/** RFC 3339 in UTC with microseconds, null for the zero time: how a MicroTime is stored. */
export function formatMicroTime({ seconds, nanos }: Instant): string | null {
  if (seconds === ZERO_SECONDS && nanos === 0) return null;
  return `${secondsText(seconds)}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}
