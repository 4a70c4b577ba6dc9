// Forgets old revisions: every five minutes, what was current five minutes before. Who still reads there gets 410.
import { periodic, type Runnable } from '../../kube/index.ts';
import type { LoopOptions } from './loop-context.ts';

const EVERY_MS = 5 * 60_000;

export function compactionLoop({ core, log }: LoopOptions): Runnable {
  const { store } = core.plane.cache;
  let before = 0;
  return periodic({ name: 'compaction', everyMs: EVERY_MS, clock: core.plane.clock, ...(log ? { log } : {}) }, async () => {
    const now = store.revision;
    if (before > 0) await store.compact(before);
    before = now;
  });
}
