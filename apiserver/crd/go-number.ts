// How Go prints and classifies numbers: messages carry both.

import { NumberLiteral } from '../../kube/index.ts';

/** Whether a JSON number decodes to an int64 (and not to a float). */
export function isInt64(value: number | NumberLiteral): boolean {
  if (value instanceof NumberLiteral) return value.exact !== undefined;
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}

/** `%v` of a number: integers in full, floats in the shortest form with an exponent outside [1e-4, 1e6). */
export function goNumber(value: number, integer = isInt64(value)): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (integer) return BigInt(value).toString();
  return goFloat(value, 6);
}

/** The shortest text of a float, with an exponent from 10^limit on. */
export function goFloat(value: number, limit: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= limit) {
    const digits = Math.abs(exponent).toString().padStart(2, '0');
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
  }
  return plain(mantissa, exponent);
}

function plain(mantissa: string, exponent: number): string {
  const negative = mantissa.startsWith('-');
  const digits = mantissa.replace('-', '').replace('.', '');
  const sign = negative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits + '0'.repeat(exponent + 1 - digits.length);
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** Whether a float may stand where an integer is asked for. */
export const isWholeFloat = (f: number): boolean => Number.isInteger(f) && Math.abs(f) <= 2 ** 53 - 1;

/** Whether a float counts as an integer: within 2^53 and equal to one up to a relative error of 1e-9 above it. */
export function isJsonInteger(f: number): boolean {
  if (!Number.isFinite(f) || Math.abs(f) > 2 ** 53 - 1) return false;
  if (Number.isInteger(f)) return true;
  if (f < 0) return false;
  const g = Math.trunc(f);
  if (g === 0) return false;
  return Math.abs(f - g) / (f + g) < 1e-9;
}
