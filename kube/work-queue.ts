// A queue of keys. Invariant: what waits is dirty (waiting ⊆ dirty), and nothing waits while it is being processed
// (waiting ∩ processing = ∅): a key added meanwhile is dirty only, and waits again once it is done.
import type { Clock, Timer } from './clock.ts';
import type { QueueObserver } from './controller-metrics.ts';
import { type RateLimiter, rateLimiter } from './rate-limit.ts';

export interface AddOptions {
  /** Not before this many milliseconds from now; an earlier time for the same key wins. */
  readonly afterMs?: number;
  /** Higher goes first; 0 without. */
  readonly priority?: number;
  /** Waits as long as the key's failures demand. */
  readonly rateLimited?: boolean;
}

export interface WorkQueue {
  add(key: string, o?: AddOptions): void;
  /** The next key; rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<string>;
  done(key: string): void;
  /** The key has succeeded: its failures no longer count. */
  forget(key: string): void;
  /** Keys that wait now (not later ones, not those in processing). */
  readonly size: number;
  /** Keys that wait now or are in processing. */
  readonly busy: number;
  /** Whether the key waits now or is in processing. */
  holds(key: string): boolean;
  /** Nothing waits, is delayed or in processing. */
  readonly idle: boolean;
}

interface Taker {
  readonly signal: AbortSignal;
  readonly resolve: (key: string) => void;
  readonly reject: (reason: unknown) => void;
}

interface Delayed {
  readonly timer: Timer;
  readonly at: number;
  readonly priority: number;
}

export function workQueue(clock: Clock, limiter: RateLimiter = rateLimiter(), observer?: QueueObserver): WorkQueue {
  /** priority -> keys in order of arrival */
  const waiting = new Map<number, Set<string>>();
  let order: number[] = [];
  const dirty = new Map<string, number>();
  const processing = new Set<string>();
  const delayed = new Map<string, Delayed>();
  let takers: Taker[] = [];
  /** Signals that are listened to: once each, however many wait. */
  const listening = new WeakSet<AbortSignal>();
  let size = 0;

  function push(key: string, priority: number): void {
    const known = dirty.get(key);
    if (known !== undefined && known >= priority) return;
    dirty.set(key, priority);
    if (processing.has(key)) return;
    if (known !== undefined && waiting.get(known)?.delete(key)) size--;
    const taker = takers.shift();
    if (taker) {
      start(key);
      taker.resolve(key);
      return;
    }
    const set = waiting.get(priority) ?? new Set();
    if (!waiting.has(priority)) {
      waiting.set(priority, set);
      order = [...waiting.keys()].sort((a, b) => b - a);
    }
    set.add(key);
    size++;
  }

  function start(key: string): void {
    dirty.delete(key);
    processing.add(key);
    observer?.taken(key);
  }

  function pop(): string | undefined {
    for (const priority of order) {
      const set = waiting.get(priority);
      for (const key of set ?? []) {
        set?.delete(key);
        size--;
        start(key);
        return key;
      }
    }
    return undefined;
  }

  function enqueue(key: string, priority: number): void {
    if (!dirty.has(key)) observer?.added(key);
    push(key, priority);
  }

  function later(key: string, ms: number, priority: number): void {
    const at = clock.monotonic() + ms;
    const known = delayed.get(key);
    if (known && known.at <= at) return;
    known?.timer.cancel();
    const timer = clock.after(ms, () => {
      delayed.delete(key);
      enqueue(key, priority);
    });
    delayed.set(key, { timer, at, priority });
  }

  function giveUp(signal: AbortSignal): void {
    const [gone, others] = [takers.filter(t => t.signal === signal), takers.filter(t => t.signal !== signal)];
    takers = others;
    for (const { reject } of gone) reject(signal.reason);
  }

  return {
    add(key, o = {}) {
      if (o.rateLimited) observer?.retried();
      const ms = Math.max(o.afterMs ?? 0, o.rateLimited ? limiter.next(key, clock.monotonic()) : 0);
      if (ms > 0) later(key, ms, o.priority ?? 0);
      else enqueue(key, o.priority ?? 0);
    },
    take(signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      const key = pop();
      if (key !== undefined) return Promise.resolve(key);
      if (!listening.has(signal)) {
        listening.add(signal);
        signal.addEventListener('abort', () => giveUp(signal), { once: true });
      }
      return new Promise((resolve, reject) => void takers.push({ signal, resolve, reject }));
    },
    done(key) {
      processing.delete(key);
      observer?.done(key);
      const priority = dirty.get(key);
      if (priority === undefined) return;
      dirty.delete(key);
      push(key, priority);
    },
    forget: key => limiter.forget(key),
    get size() {
      return size;
    },
    get busy() {
      return size + processing.size;
    },
    holds: key => dirty.has(key) || processing.has(key),
    get idle() {
      return size === 0 && processing.size === 0 && delayed.size === 0;
    },
  };
}
