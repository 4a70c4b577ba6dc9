// Suffixes of quantities, and their canonical text: the largest suffix that leaves a whole number.

/** Which family of suffixes a quantity was written in. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

interface Unit {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

const DECIMAL = new Map<string, number>([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const BINARY = new Map<string, number>([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);
const DECIMAL_SUFFIX = new Map([...DECIMAL].map(([suffix, exponent]) => [exponent, suffix]));
const BINARY_SUFFIX = new Map([...BINARY].map(([suffix, exponent]) => [exponent, suffix]));

/** What a suffix multiplies with; undefined if it is none. Exponents are 32-bit and wrap, as in the reference. */
export function suffixOf(suffix: string): Unit | undefined {
  const decimal = DECIMAL.get(suffix);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = BINARY.get(suffix);
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return undefined;
  const exponent = BigInt(suffix.slice(1).replace(/^\+/, ''));
  if (BigInt.asIntN(64, exponent) !== exponent) return undefined;
  return { base: 10, exponent: Number(BigInt.asIntN(32, exponent)), format: 'DecimalExponent' };
}

interface Amount {
  readonly unscaled: bigint;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

/** The canonical text of an amount. Beyond the largest suffix the reference prints none, and so do we. */
export function canonicalText(q: Amount): string {
  if (q.unscaled === 0n) return '0';
  if (q.format === 'BinarySI') {
    const whole = wholeOf(q);
    if (whole !== undefined && (whole >= 1024n || whole <= -1024n)) return binaryText(whole);
  }
  const { number, times } = withoutFactor(q.unscaled, 10n);
  const exponent = q.exponent + times;
  const over = ((exponent % 3) + 3) % 3;
  const rounded = number * 10n ** BigInt(over);
  if (q.format === 'DecimalExponent') return exponent === over ? `${rounded}` : `${rounded}e${exponent - over}`;
  return `${rounded}${DECIMAL_SUFFIX.get(exponent - over) ?? ''}`;
}

function binaryText(whole: bigint): string {
  const { number, times } = withoutFactor(whole, 1024n);
  return `${number}${BINARY_SUFFIX.get(times * 10) ?? ''}`;
}

/** The amount as a whole number, undefined if it has a fraction. */
function wholeOf(q: Amount): bigint | undefined {
  if (q.exponent >= 0) return q.unscaled * 10n ** BigInt(q.exponent);
  const { number, times } = withoutFactor(q.unscaled, 10n);
  const exponent = q.exponent + times;
  return exponent < 0 ? undefined : number * 10n ** BigInt(exponent);
}

function withoutFactor(value: bigint, factor: bigint): { number: bigint; times: number } {
  let number = value;
  let times = 0;
  while (number !== 0n && number % factor === 0n) {
    number /= factor;
    times++;
  }
  return { number, times };
}
