// Durations as Go writes them: `1h30m0s`, `-1.5s`, `300ms`. Exact in nanoseconds, hence bigint.
import { quotedBytes } from './quote.ts';
import { TimeError } from './time.ts';

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const LIMIT = 2n ** 63n;

/** Nanoseconds of a duration; throws a TimeError with the reference's text. */
export function parseDuration(text: string): bigint {
  const invalid = (): TimeError => new TimeError(`time: invalid duration ${quotedBytes(text)}`);
  const negative = text.startsWith('-');
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();
  let total = 0n;
  while (rest !== '') {
    const [number = '', whole = '', fraction = ''] = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest) ?? [];
    if (whole + fraction === '' || BigInt(whole || '0') > LIMIT) throw invalid();
    rest = rest.slice(number.length);
    const unit = /^[^.0-9]*/.exec(rest)?.[0] ?? '';
    if (unit === '') throw new TimeError(`time: missing unit in duration ${quotedBytes(text)}`);
    const size = UNITS.get(unit);
    if (size === undefined) throw new TimeError(`time: unknown unit ${quotedBytes(unit)} in duration ${quotedBytes(text)}`);
    rest = rest.slice(unit.length);
    total += BigInt(whole || '0') * size + fractionOf(fraction, size);
    if (total > LIMIT) throw invalid();
  }
  if (!negative && total === LIMIT) throw invalid();
  return negative ? -total : total;
}

/** Floating point, as the reference computes it; digits beyond 63 bits are dropped. */
function fractionOf(digits: string, unit: bigint): bigint {
  let kept = digits;
  while (kept !== '' && BigInt(kept) > LIMIT) kept = kept.slice(0, 19);
  if (kept === '') return 0n;
  return BigInt(Math.trunc(Number(kept) * (Number(unit) / 10 ** kept.length)));
}

const padded = (value: bigint, digits: number): string => {
  const fraction = String(value).padStart(digits, '0').replace(/0+$/, '');
  return fraction ? `.${fraction}` : '';
};

/** The canonical text of a duration in nanoseconds. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const n = nanos < 0n ? -nanos : nanos;
  if (n < 1_000n) return `${sign}${n}ns`;
  if (n < 1_000_000n) return `${sign}${n / 1_000n}${padded(n % 1_000n, 3)}\u00b5s`;
  if (n < 1_000_000_000n) return `${sign}${n / 1_000_000n}${padded(n % 1_000_000n, 6)}ms`;
  const seconds = n / 1_000_000_000n;
  const hours = seconds / 3600n;
  const minutes = (seconds / 60n) % 60n;
  const tail = `${seconds % 60n}${padded(n % 1_000_000_000n, 9)}s`;
  if (hours) return `${sign}${hours}h${minutes}m${tail}`;
  return minutes ? `${sign}${minutes}m${tail}` : `${sign}${tail}`;
}

/** Milliseconds of a duration in an object; undefined where there is none or it does not parse. */
export function durationMillis(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return Number(parseDuration(value)) / 1e6;
  } catch (error) {
    if (error instanceof TimeError) return undefined;
    throw error;
  }
}
