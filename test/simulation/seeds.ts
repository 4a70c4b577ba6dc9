// The runs of the test suite, shared out over files so that they run beside each other.
import { expect } from 'vitest';
import { report, simulate } from './run.ts';

const RUNS = Number(process.env['FLOTILLA_SIMULATION_RUNS'] ?? 500);

/** Every second run from seed `first` on; fails with the seed, what went wrong, and the shortest trace that fails. */
export async function everySecondSeed(first: 1 | 2): Promise<void> {
  for (let seed = first; seed <= RUNS; seed += 2) {
    const outcome = await simulate(seed);
    if (outcome.faults.length > 0) expect.fail(await report(outcome));
  }
}

export const SEEDS_MS = 900_000;
