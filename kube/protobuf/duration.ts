// Durations as JSON shows them: `1h2m3.5s`. The wire has nanoseconds.

const UNITS: readonly (readonly [string, bigint])[] = [
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['µs', 1_000n],
  ['us', 1_000n],
  ['ns', 1n],
];

/** The shortest usual text of nanoseconds given as a decimal or a number. */
export function formatDuration(nanos: unknown): string {
  const total = BigInt(typeof nanos === 'bigint' || typeof nanos === 'number' || typeof nanos === 'string' ? nanos : 0);
  if (total === 0n) return '0s';
  const sign = total < 0n ? '-' : '';
  const rest = total < 0n ? -total : total;
  if (rest < 1_000_000_000n) {
    const [unit, size] =
      rest < 1_000n ? (['ns', 1n] as const) : rest < 1_000_000n ? (['µs', 1_000n] as const) : (['ms', 1_000_000n] as const);
    return `${sign}${decimal(rest, size)}${unit}`;
  }
  const hours = rest / 3_600_000_000_000n;
  const minutes = (rest / 60_000_000_000n) % 60n;
  const seconds = `${decimal(rest % 60_000_000_000n, 1_000_000_000n)}s`;
  return `${sign}${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = digits
    ? String(value % unit)
        .padStart(digits, '0')
        .replace(/0+$/, '')
    : '';
  return `${value / unit}${fraction ? `.${fraction}` : ''}`;
}

/** Nanoseconds of a duration's text, as a number (exact below 104 days). */
export function parseDuration(text: string): number {
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d*)(?:\.(\d*))?([a-zµ]+)/g)) {
    const size = UNITS.find(([name]) => name === unit)?.[1] ?? 0n;
    total += BigInt(whole || '0') * size + (fraction ? (BigInt(fraction) * size) / 10n ** BigInt(fraction.length) : 0n);
  }
  return Number(text.startsWith('-') ? -total : total);
}
