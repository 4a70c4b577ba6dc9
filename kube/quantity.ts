// Resource quantities (`100m`, `1.5Gi`, `2e3`): exact arithmetic, and the text the reference prints.
//
// Two representations, as in the reference, because they differ where a number leaves 64 bits: `small` amounts answer 0
// or wrapped numbers, decimal ones the low 64 bits. What was parsed keeps its spelling until arithmetic touches it.
// Exponents come from users, so no operation expands more than MAX_SHIFT digits.
import { canonicalText, type QuantityFormat, suffixOf } from './quantity-text.ts';

export type { QuantityFormat } from './quantity-text.ts';

export interface Quantity {
  /** value = unscaled × 10^exponent */
  readonly unscaled: bigint;
  readonly exponent: number;
  /** Held in 64 bits; arithmetic that overflows makes it decimal. */
  readonly small: boolean;
  readonly format: QuantityFormat;
  /** The accepted spelling, where the reference keeps it. */
  readonly text?: string;
}

/** A text that is no quantity; the message is the reference's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_NUMBER = 'unable to parse numeric part of quantity';
const WRONG_SUFFIX = "unable to parse quantity's suffix";

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const NANO = -9;
const MAX_SHIFT = 4096;

const fits = (n: bigint): boolean => n <= MAX_INT64 && n >= MIN_INT64;
const low64 = (n: bigint): bigint => BigInt.asIntN(64, n);
const power10 = (n: number): bigint => 10n ** BigInt(n);
const absolute = (n: bigint): bigint => (n < 0n ? -n : n);

/** Zero, in the format of most quantities. */
export const zeroQuantity: Quantity = { unscaled: 0n, exponent: 0, small: true, format: 'DecimalSI' };

/** A quantity of whole units. */
export function quantityOf(value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
  const unscaled = BigInt(value);
  return { unscaled, exponent: 0, small: fits(unscaled), format };
}

/** A quantity of thousandths. */
export function milliQuantity(value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
  const unscaled = BigInt(value);
  return { unscaled, exponent: -3, small: fits(unscaled), format };
}

const SHAPE = /^([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

/** Reads a quantity; throws a QuantityError with the reference's text. */
export function parseQuantity(text: string): Quantity {
  if (text === '') throw new QuantityError(WRONG_FORMAT);
  const parsed = SHAPE.exec(text);
  if (!parsed) throw new QuantityError(WRONG_FORMAT);
  const [, sign = '', zeros = '', digits = '', fraction = '', suffix = ''] = parsed;
  const unit = suffixOf(suffix);
  if (!unit) throw new QuantityError(WRONG_SUFFIX);
  const parts = { negative: sign === '-', whole: digits || '0', fraction, noDigits: zeros + digits + fraction === '' };
  return parseSmall(text, parts, unit) ?? parseLarge(parts, unit);
}

interface Parts {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  readonly noDigits: boolean;
}
interface Unit {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function parseSmall(text: string, p: Parts, unit: Unit): Quantity | undefined {
  const binary = unit.base === 2;
  if (binary && p.fraction !== '') return undefined;
  const room = binary ? 14 - p.whole.length - Math.trunc((unit.exponent * 3) / 10) : 18 - p.whole.length - p.fraction.length;
  const exponent = (binary ? 0 : unit.exponent) - p.fraction.length;
  if (room < 0 || exponent < NANO) return undefined;
  const digits = p.whole + p.fraction;
  const magnitude = BigInt(digits) * (binary ? 2n ** BigInt(unit.exponent) : 1n);
  if (!fits(magnitude)) return undefined;
  const quantity = { unscaled: p.negative ? -magnitude : magnitude, exponent, small: true, format: unit.format };
  const kept = exponent % 3 === 0 && !digits.startsWith('0') && !digits.endsWith('000') && !(binary && BigInt(digits) % 8n === 0n);
  return kept ? { ...quantity, text } : quantity;
}

function parseLarge(p: Parts, unit: Unit): Quantity {
  if (p.noDigits) throw new QuantityError(WRONG_NUMBER);
  const binary = unit.base === 2;
  let magnitude = BigInt(p.whole + p.fraction);
  if (binary) magnitude *= 2n ** BigInt(unit.exponent);
  let exponent = (binary ? 0 : unit.exponent) - p.fraction.length;
  let format = unit.format;
  if (magnitude !== 0n && (exponent < NANO || exponent - NANO <= MAX_SHIFT)) {
    magnitude = rescale(magnitude, exponent, NANO);
    exponent = NANO;
  }
  if (format === 'BinarySI' && exponent === NANO) {
    const one = power10(-NANO);
    if (magnitude > MAX_INT64 * one) {
      magnitude = MAX_INT64;
      exponent = 0;
    } else if (magnitude < one && magnitude > 0n) format = 'DecimalSI';
  }
  return { unscaled: p.negative ? -magnitude : magnitude, exponent, small: false, format };
}

/** The same amount at another exponent, rounded away from zero. */
function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (from >= to) return unscaled * power10(from - to);
  if (unscaled === 0n) return 0n;
  const away = unscaled < 0n ? -1n : 1n;
  if (to - from > MAX_SHIFT && absolute(unscaled) < power10(MAX_SHIFT)) return away;
  const divisor = power10(to - from);
  const quotient = unscaled / divisor;
  return unscaled % divisor === 0n ? quotient : quotient + away;
}

/** The quantity as the API prints it: the kept spelling, else the canonical one. */
export function formatQuantity(q: Quantity): string {
  return q.text ?? canonicalText(q);
}

const isZero = (q: Quantity): boolean => q.unscaled === 0n;

/** a + b, in the format of `a` unless that is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const format = isZero(a) ? b.format : a.format;
  const small = a.small && b.small;
  if (small && isZero(b)) return { unscaled: a.unscaled, exponent: a.exponent, small, format };
  if (small && isZero(a)) return { unscaled: b.unscaled, exponent: b.exponent, small, format };
  const exponent = Math.min(a.exponent, b.exponent);
  if (Math.max(a.exponent, b.exponent) - exponent > MAX_SHIFT) {
    // The smaller one is beyond any digit that could be printed.
    const larger = isZero(a) || (!isZero(b) && b.exponent > a.exponent) ? b : a;
    return { unscaled: larger.unscaled, exponent: larger.exponent, small: false, format };
  }
  const unscaled = rescale(a.unscaled, a.exponent, exponent) + rescale(b.unscaled, b.exponent, exponent);
  return { unscaled, exponent, small: small && fits(unscaled), format };
}

/** a - b, in the format of `a` unless that is zero. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return addQuantities(a, negateQuantity(b));
}

/** q × k. */
export function multiplyQuantity(q: Quantity, k: bigint): Quantity {
  const decimal = { unscaled: q.unscaled * k, exponent: q.exponent, small: false, format: q.format };
  if (!q.small) return decimal;
  if (decimal.unscaled === 0n) return { ...decimal, exponent: isZero(q) ? q.exponent : 0, small: true };
  const whole = exactWhole(q);
  if (whole === undefined || !fits(whole * k)) return decimal;
  return { ...decimal, small: fits(decimal.unscaled) };
}

/** The amount as a whole 64-bit number, undefined if it has a fraction or needs more. */
function exactWhole(q: Quantity): bigint | undefined {
  if (q.exponent > 18) return undefined;
  if (q.exponent < 0) return q.unscaled % power10(-q.exponent) === 0n ? q.unscaled / power10(-q.exponent) : undefined;
  const whole = q.unscaled * power10(q.exponent);
  return fits(whole) ? whole : undefined;
}

export function negateQuantity(q: Quantity): Quantity {
  return { unscaled: -q.unscaled, exponent: q.exponent, small: q.small && fits(-q.unscaled), format: q.format };
}

/** Order by amount; format and spelling do not count. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  const signA = signOfQuantity(a);
  const signB = signOfQuantity(b);
  if (signA !== signB || signA === 0) return signA < signB ? -1 : signA > signB ? 1 : 0;
  const magnitude = (q: Quantity): number => q.exponent + absolute(q.unscaled).toString().length;
  if (magnitude(a) !== magnitude(b)) return magnitude(a) < magnitude(b) === signA > 0 ? -1 : 1;
  // Equal magnitudes differ in exponent by no more than their own digits.
  const exponent = Math.min(a.exponent, b.exponent);
  const x = a.unscaled * power10(a.exponent - exponent);
  const y = b.unscaled * power10(b.exponent - exponent);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** -1, 0 or 1. */
export function signOfQuantity(q: Quantity): -1 | 0 | 1 {
  return q.unscaled < 0n ? -1 : q.unscaled > 0n ? 1 : 0;
}

/** Whole units, rounded away from zero; beyond 64 bits as the reference answers. */
export const quantityValue = (q: Quantity): bigint => scaledQuantity(q, 0);

/** Thousandths, rounded away from zero; beyond 64 bits as the reference answers. */
export const quantityMilliValue = (q: Quantity): bigint => scaledQuantity(q, -3);

/** The amount in units of 10^exponent as a 64-bit number. */
export function scaledQuantity(q: Quantity, exponent: number): bigint {
  const shift = q.exponent - exponent;
  return q.small ? scaledSmall(q.unscaled, shift) : scaledLarge(q.unscaled, shift);
}

const WRAPPING_SHIFTS = new Set([0, 1, 2, 3, 6, 9]);

function scaledSmall(unscaled: bigint, shift: number): bigint {
  if (shift < 0) return rescale(unscaled, shift, 0);
  if (unscaled === 0n) return 0n;
  if (shift > 18) return 0n;
  const product = unscaled * power10(shift);
  if (fits(product)) return product;
  return WRAPPING_SHIFTS.has(shift) ? low64(product) : 0n;
}

function scaledLarge(unscaled: bigint, shift: number): bigint {
  if (shift === 0) return low64(unscaled);
  if (shift > 0) return low64(low64(unscaled) * (shift > 18 ? MIN_INT64 : power10(shift)));
  if (unscaled < MAX_INT64 && -shift < 19) {
    const divisor = power10(-shift);
    const wrapped = low64(unscaled);
    return wrapped / divisor + (wrapped % divisor === 0n ? 0n : 1n);
  }
  if (-shift > MAX_SHIFT) return unscaled > 0n ? 1n : 0n;
  const divisor = power10(-shift);
  const floor = unscaled / divisor - (unscaled < 0n && unscaled % divisor !== 0n ? 1n : 0n);
  return low64(unscaled % divisor === 0n ? floor : floor + 1n);
}

/** The exact 64-bit whole number, or undefined where the quantity has another form. */
export function exactQuantity(q: Quantity): bigint | undefined {
  if (!q.small || q.exponent < 0) return undefined;
  return isZero(q) ? 0n : exactWhole(q);
}

/** The quantity rounded away from zero to multiples of 10^exponent, and whether nothing was lost. */
export function roundUpQuantity(q: Quantity, exponent: number): { readonly quantity: Quantity; readonly exact: boolean } {
  if (q.exponent >= exponent) {
    if (q.small) return { quantity: q, exact: true };
    const { text: _, ...bare } = q;
    return { quantity: bare, exact: true };
  }
  const unscaled = rescale(q.unscaled, q.exponent, exponent);
  const quantity: Quantity = { unscaled, exponent, small: q.small, format: q.format };
  return { quantity, exact: compareQuantities(quantity, q) === 0 };
}

/** A floating-point approximation, for ratios and metrics. */
export function quantityNumber(q: Quantity): number {
  return Number(`${q.unscaled}e${q.exponent}`);
}

/** The quantity of a parsed JSON value: text, number or null (zero). Throws a QuantityError for anything else. */
export function quantityOfJson(value: unknown): Quantity {
  if (value === null || value === undefined) return zeroQuantity;
  if (typeof value === 'string') return parseQuantity(trimmed(value));
  if (typeof value === 'number') return parseQuantity(String(value));
  throw new QuantityError(WRONG_FORMAT);
}

/** The quantity of a JSON token as written (`"1Gi"`, `1.50`), where a parsed number would have lost its spelling. */
export function quantityOfToken(token: string): Quantity {
  if (token === 'null') return zeroQuantity;
  const quoted = token.length >= 2 && token.startsWith('"') && token.endsWith('"');
  return parseQuantity(trimmed(quoted ? token.slice(1, -1) : token));
}

const trimmed = (text: string): string => text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '');
