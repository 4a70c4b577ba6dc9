// Replica numbers are int32 in the API, and sums of them wrap as they do there.

/** Adds up in int32. */
export function sum32(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum = (sum + value) | 0;
  return sum;
}
