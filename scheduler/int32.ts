// Replica numbers are int32 in the API, and sums of them wrap as they do there.

export const MAX_INT32 = 2 ** 31 - 1;

/** The value as an int32: what is beyond wraps around. */
export function int32(value: number): number {
  return Number.isSafeInteger(value) ? value | 0 : Number(BigInt.asIntN(32, BigInt(Math.trunc(value))));
}

/** Adds up in int32. */
export function sum32(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum = (sum + value) | 0;
  return sum;
}
