// The two forms of the queue behind one face: by priority (gate PriorityBasedScheduling) or first come, first served with
// rate-limited retries.
import { type Clock, type RateLimits, rateLimiter, sleep, workQueue } from '../kube/index.ts';
import type { QueueResult } from './outcome.ts';
import { BACKOFF_FLUSH_MS, SchedulingQueue, UNSCHEDULABLE_FLUSH_MS } from './queue.ts';

export interface BindingQueue {
  push(key: string, priority?: number): void;
  take(signal: AbortSignal): Promise<string>;
  done(key: string, result: QueueResult): void;
  /** The binding is gone. */
  drop(key: string): void;
  /** Keys that wait, by queue. */
  readonly sizes: { readonly active: number; readonly backoff: number; readonly unschedulable: number };
  /** Keeps time until the signal fires. */
  run(signal: AbortSignal): Promise<void>;
}

/** active, backoff and unschedulable, flushed by the clock. */
export function priorityQueue(clock: Clock): BindingQueue {
  const queue = new SchedulingQueue(() => clock.now());
  const every = async (ms: number, f: () => void, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sleep(clock, ms, signal).catch(() => undefined);
      if (!signal.aborted) f();
    }
  };
  return {
    push: (key, priority) => queue.push(key, priority),
    take: async signal => (await queue.take(signal)).key,
    done: (key, result) => queue.done(key, result),
    drop: key => queue.drop(key),
    get sizes() {
      return queue.sizes;
    },
    run: async signal => {
      await Promise.all([
        every(BACKOFF_FLUSH_MS, () => queue.flushBackoff(), signal),
        every(UNSCHEDULABLE_FLUSH_MS, () => queue.flushUnschedulable(), signal),
      ]);
    },
  };
}

/** One line; whatever fails comes back as late as its failures demand. */
export function fifoQueue(clock: Clock, limits: RateLimits): BindingQueue {
  const queue = workQueue(clock, rateLimiter(limits));
  return {
    push: key => queue.add(key),
    take: signal => queue.take(signal),
    done: (key, result) => {
      if (result === 'forget') queue.forget(key);
      else queue.add(key, { rateLimited: true });
      queue.done(key);
    },
    drop: key => queue.forget(key),
    get sizes() {
      return { active: queue.size, backoff: 0, unschedulable: 0 };
    },
    run: async () => undefined,
  };
}
