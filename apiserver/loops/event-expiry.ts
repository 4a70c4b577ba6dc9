// Events live for an hour after their last write, as under a lease of the reference's storage: they go without admission and
// without a caller, and watchers see DELETED.
//
// All events live equally long, so a map in the order of last writes is the queue of what expires next.
import { type AnyObject, at, type Clock, errorText, type Logger, type Runnable, silent, sleep, timeMillis } from '../../kube/index.ts';
import type { Entry } from '../cache/index.ts';
import { ConflictError } from '../store/index.ts';
import { needed } from './collection-source.ts';
import type { LoopOptions } from './loop-context.ts';

const TTL_MS = 3600_000;
/** Expired events go together, so that many small ones do not cost a commit each. */
const GATHER_MS = 1000;

export function eventExpiryLoop({ core, log = silent }: LoopOptions, ttlMs = TTL_MS): Runnable {
  const { collection } = needed(core, '', 'events');
  const { clock, cache } = core.plane;
  return {
    name: 'event-expiry',
    async run(signal) {
      const written = new Map<string, { entry: Entry; atMs: number }>();
      const note = (entry: Entry, atMs: number): void => {
        written.delete(entry.key);
        written.set(entry.key, { entry, atMs });
      };
      const there = collection.list({ namespace: '', accept: () => true }).entries;
      const aged = there.map(entry => ({ entry, atMs: lastWriteMs(entry.object, clock) })).sort((a, b) => a.atMs - b.atMs);
      for (const { entry, atMs } of aged) note(entry, atMs);
      const stop = collection.subscribe('', event => {
        if (event.type === 'DELETED') written.delete(event.entry.key);
        else note(event.entry, clock.now());
      });
      try {
        while (!signal.aborted) {
          const [oldest] = written.values();
          await sleep(clock, Math.max(GATHER_MS, oldest ? oldest.atMs + ttlMs - clock.now() : ttlMs), signal).catch(() => undefined);
          if (signal.aborted) return;
          await expire([...due(written, clock.now() - ttlMs)], log);
        }
      } finally {
        stop();
      }
    },
  };

  async function expire(entries: readonly Entry[], to: Logger): Promise<void> {
    await Promise.all(
      entries.map(async ({ key, revision }) => {
        try {
          await cache.commit([{ key, expect: revision }]);
        } catch (error) {
          // Written meanwhile: it has a new life, or is gone.
          if (!(error instanceof ConflictError)) to.error({ key, err: errorText(error) }, 'an expired event could not be removed');
        }
      }),
    );
  }
}

function* due(written: ReadonlyMap<string, { entry: Entry; atMs: number }>, beforeMs: number): Iterable<Entry> {
  for (const { entry, atMs } of written.values()) {
    if (atMs > beforeMs) return;
    yield entry;
  }
}

/** For events that were there before this process: what they say of themselves, and not later than now. */
function lastWriteMs(event: AnyObject, clock: Clock): number {
  const times = [event.metadata.creationTimestamp, event['lastTimestamp'], at(event, 'series', 'lastObservedTime')];
  return Math.min(clock.now(), Math.max(0, ...times.map(time => timeMillis(time) ?? 0)));
}
