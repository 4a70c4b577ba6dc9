// Durations as schemas and CEL read them: Go's form (`1h30m`, `-1.5s`), and for the schema format also `3 days`.
const UNIT_NANOS = new Map<string, number>([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 6e10],
  ['h', 3.6e12],
]);
const LONG_UNIT = /^(ns|nano|us|µs|micro|ms|milli|s|sec|m|min|h|hr|hour|d|day|w|week)(s|onds?|oseconds?|utes?|ute|rs|ays|eks)?$/i;
const MAX_NANOS = 2n ** 63n - 1n;

/** Nanoseconds of a Go duration; undefined when the text is none or does not fit 64 bits. */
export function parseGoDuration(text: string): bigint | undefined {
  const m = /^([+-]?)(.+)$/.exec(text);
  if (!m) return undefined;
  const body = m[2] ?? '';
  if (body === '0') return 0n;
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const nanos = BigInt(UNIT_NANOS.get(unit) ?? 0);
    total += BigInt(whole || '0') * nanos;
    if (fraction) total += (BigInt(fraction.slice(0, 18)) * nanos) / 10n ** BigInt(Math.min(fraction.length, 18));
  }
  if (total > MAX_NANOS + (m[1] === '-' ? 1n : 0n)) return undefined;
  return m[1] === '-' ? -total : total;
}

/** Whether a text has the schema format `duration`. */
export function isDurationText(text: string): boolean {
  if (parseGoDuration(text) !== undefined) return true;
  const parts = [...text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)];
  return parts.length > 0 && parts.every(p => LONG_UNIT.test(p[2] ?? ''));
}
