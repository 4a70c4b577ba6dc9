// How figures are taken and printed: one line a figure, beside the machine's own limit measured in the same run.

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The limit it is compared with, in the same unit. */
  readonly limit?: { readonly name: string; readonly value: number };
}

export function print(f: Figure): void {
  const limit = f.limit
    ? `   ${((100 * f.value) / f.limit.value).toFixed(0)} % of ${number(f.limit.value)} ${f.unit} (${f.limit.name})`
    : '';
  console.log(`${f.name.padEnd(64)} ${number(f.value).padStart(10)} ${f.unit}${limit}`);
}

const number = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2));

/** Runs `count` tasks, `inFlight` at a time; returns how many a second. */
export async function rate(count: number, inFlight: number, task: (i: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await task(i);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return count / ((performance.now() - start) / 1000);
}

export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? Number.NaN;
}

/** The named size, a third and a tenth of it. */
export const growing = (size: number): readonly number[] => [Math.round(size / 10), Math.round(size / 3), size];
