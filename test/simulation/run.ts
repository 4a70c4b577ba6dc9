// One run, and the shortest one that fails like it.
import { type Operation, planOf } from './plan.ts';
import { World } from './world.ts';

/** Simulated time within which everything must be as the users wrote it, once the faults have ended. */
const SETTLE_MS = 60 * 60_000;
const LOOK_MS = 30_000;
const SHRINK_TRIES = 80;

export interface Outcome {
  readonly seed: number;
  /** What went wrong; empty after a good run. */
  readonly faults: readonly string[];
  readonly writes: number;
}

export async function simulate(seed: number, operations: readonly Operation[] = planOf(seed)): Promise<Outcome> {
  const world = new World(seed);
  await world.begin();
  for (const operation of operations) await world.perform(operation);
  await world.calm();
  for (let ms = 0; ms < SETTLE_MS; ms += LOOK_MS) {
    await world.rest(LOOK_MS);
    if (world.differences().length === 0) break;
  }
  // What became right must stay so.
  await world.rest(2 * LOOK_MS);
  world.end();
  return { seed, faults: [...world.violations, ...world.differences()], writes: world.users.writes };
}

/** Fewer operations that still fail: each is left out in turn, larger pieces first, until nothing can go. */
async function shortest(seed: number, failing: readonly Operation[] = planOf(seed)): Promise<readonly Operation[]> {
  let operations = failing;
  let tries = 0;
  for (let size = Math.ceil(operations.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < operations.length && tries < SHRINK_TRIES; ) {
      const fewer = [...operations.slice(0, from), ...operations.slice(from + size)];
      tries++;
      if ((await simulate(seed, fewer)).faults.length > 0) operations = fewer;
      else from += size;
    }
  }
  return operations;
}

/** Seed, faults and the shortest trace as text: what a failing test prints. */
export async function report({ seed, faults }: Outcome): Promise<string> {
  const trace = (await shortest(seed)).map(operation => `  ${JSON.stringify(operation)}`);
  return [`seed ${seed}: ${faults.slice(0, 6).join('; ')}`, 'shortest trace that fails:', ...trace].join('\n');
}
