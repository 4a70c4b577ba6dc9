// Timestamps and durations as values: nanoseconds in bigints.
import { parseGoDuration } from '../crd/duration-text.ts';

export class Timestamp {
  /** Nanoseconds since 1970. */
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9})\d*)?(?:Z|([+-])(\d{2}):(\d{2}))$/;
const FIRST = BigInt(Date.parse('0001-01-01T00:00:00Z')) * 1_000_000n;
const LAST = BigInt(Date.parse('9999-12-31T23:59:59Z')) * 1_000_000n + 999_999_999n;

/** An RFC 3339 time; undefined when the text is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const m = RFC3339.exec(text);
  if (!m) return undefined;
  const [, y = '', mo = '', d = '', h = '', mi = '', s = '', fraction = '', sign, oh = '0', om = '0'] = m;
  const date = new Date(0);
  date.setUTCFullYear(Number(y), Number(mo) - 1, Number(d));
  if (date.getUTCMonth() !== Number(mo) - 1 || Number(h) > 23 || Number(mi) > 59 || Number(s) > 59) return undefined;
  const offset = (sign === '-' ? -1 : 1) * (Number(oh) * 60 + Number(om));
  const seconds = date.getTime() / 1000 + Number(h) * 3600 + (Number(mi) - offset) * 60 + Number(s);
  return timestampOf(BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0') || '0'));
}

/** A timestamp in the range of years 1 to 9999. */
export function timestampOf(nanos: bigint): Timestamp | undefined {
  return nanos >= FIRST && nanos <= LAST ? new Timestamp(nanos) : undefined;
}

/** A duration in Go's form. */
export function parseDuration(text: string): Duration | undefined {
  const nanos = parseGoDuration(text);
  return nanos === undefined ? undefined : new Duration(nanos);
}

const fraction = (nanos: bigint): string => (nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`);

export function printDuration({ nanos }: Duration): string {
  const abs = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${abs / 1_000_000_000n}${fraction(abs % 1_000_000_000n)}s`;
}

const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);

export function printTimestamp({ nanos }: Timestamp): string {
  const seconds = floorDiv(nanos, 1_000_000_000n);
  const iso = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${iso}${fraction(nanos - seconds * 1_000_000_000n)}Z`;
}

/** A part of a time in a zone (`+02:00`, `Europe/Paris`, UTC without); undefined for an unknown zone. */
export function timePart(t: Timestamp, part: string, zone: string): bigint | undefined {
  const seconds = floorDiv(t.nanos, 1_000_000_000n);
  const shift = offsetSeconds(zone, Number(seconds) * 1000);
  if (shift === undefined) return undefined;
  const d = new Date((Number(seconds) + shift) * 1000);
  switch (part) {
    case 'getFullYear':
      return BigInt(d.getUTCFullYear());
    case 'getMonth':
      return BigInt(d.getUTCMonth());
    case 'getDayOfYear':
      return BigInt(Math.round((Date.UTC(2000, d.getUTCMonth(), d.getUTCDate()) - Date.UTC(2000, 0, 1)) / 86_400_000) - leapShift(d));
    case 'getDayOfMonth':
      return BigInt(d.getUTCDate() - 1);
    case 'getDate':
      return BigInt(d.getUTCDate());
    case 'getDayOfWeek':
      return BigInt(d.getUTCDay());
    case 'getHours':
      return BigInt(d.getUTCHours());
    case 'getMinutes':
      return BigInt(d.getUTCMinutes());
    case 'getSeconds':
      return BigInt(d.getUTCSeconds());
    default:
      return (t.nanos - seconds * 1_000_000_000n) / 1_000_000n;
  }
}

/** 2000 is a leap year: after February other years are one day behind. */
function leapShift(d: Date): number {
  const y = d.getUTCFullYear();
  const leap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
  return !leap && d.getUTCMonth() > 1 ? 1 : 0;
}

function offsetSeconds(zone: string, ms: number): number | undefined {
  if (zone === '' || zone === 'UTC') return 0;
  const fixed = /^([+-]?)(\d{2}):(\d{2})$/.exec(zone);
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 3600 + Number(fixed[3]) * 60);
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      dateStyle: 'short',
      timeStyle: 'medium',
    }).formatToParts(ms);
    const n = (type: string): number => Number(parts.find(p => p.type === type)?.value ?? 0);
    const year = n('year') + (n('year') < 100 ? 2000 : 0);
    return (Date.UTC(year, n('month') - 1, n('day'), n('hour'), n('minute'), n('second')) - Math.floor(ms / 1000) * 1000) / 1000;
  } catch {
    return undefined;
  }
}
