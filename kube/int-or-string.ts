// IntOrString fields: a number, or a text such as `25%`.
import { quoted } from './quote.ts';

export type IntOrString = number | string;

/** A text that is no percentage; the message is the reference's. */
export class PercentError extends Error {
  override readonly name = 'PercentError';
}

const MAX_INT = 2n ** 63n - 1n;

/** The number itself, or the number a text spells; 0 for other texts. */
export function intValue(value: IntOrString): number {
  if (typeof value === 'number') return value;
  return /^[-+]?[0-9]+$/.test(value) && fits(value) ? Number(value) : 0;
}

const fits = (text: string): boolean => {
  const n = BigInt(text.replace(/^\+/, ''));
  return n <= MAX_INT && n >= -MAX_INT - 1n;
};

/** A number as it is, a percentage of `total` rounded as told; throws a PercentError for other texts. */
export function scaledValue(value: IntOrString, o: { readonly total: number; readonly round: 'up' | 'down' }): number {
  if (typeof value === 'number') return value;
  const broken = (why: string): PercentError => new PercentError(`invalid value for IntOrString: ${why}`);
  if (!value.endsWith('%')) throw broken('invalid type: string is not a percentage');
  const digits = value.slice(0, -1);
  const shaped = /^[-+]?[0-9]+$/.test(digits);
  if (!shaped || !fits(digits)) {
    const why = shaped ? 'value out of range' : 'invalid syntax';
    throw broken(`invalid value ${quoted(value)}: strconv.Atoi: parsing ${quoted(digits)}: ${why}`);
  }
  const part = (Number(digits) * o.total) / 100;
  // Without a negative zero, which JSON writers print differently.
  return (o.round === 'up' ? Math.ceil(part) : Math.floor(part)) + 0;
}
