// The scheduling queue (specification §1.7): active, backoff and unschedulable, each a set of keys.
//
//   push ──► active ──pop──► being processed ──done──► gone
//              ▲                    │ backoff (1 s … 10 s), unschedulable (5 min)
//              └────── flush ◄──────┘
//
// A key waits at most once: the first item with its priority stays. A key pushed while it is processed is processed once
// more afterwards. A key is never in backoff and unschedulable at the same time.
import { Heap } from './heap.ts';
import type { QueueResult } from './outcome.ts';

export interface QueuedItem {
  readonly key: string;
  readonly priority: number;
  /** When it last entered the active queue, in ms. */
  readonly timestamp: number;
  /** When it was first taken. */
  readonly initialAttemptTimestamp?: number;
  readonly attempts: number;
}

interface Waiting extends QueuedItem {
  readonly order: number;
}

const INITIAL_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 10_000;
const MAX_UNSCHEDULABLE_MS = 5 * 60_000;

/** How often expired items of the two waiting queues return to the active one. */
export const BACKOFF_FLUSH_MS = 1_000;
export const UNSCHEDULABLE_FLUSH_MS = 30_000;

function backoffMs(attempts: number): number {
  return attempts === 0 ? 0 : Math.min(INITIAL_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS);
}

const first = (a: Waiting, b: Waiting): boolean =>
  a.priority !== b.priority ? a.priority > b.priority : a.timestamp !== b.timestamp ? a.timestamp < b.timestamp : a.order < b.order;

export class SchedulingQueue {
  readonly #now: () => number;
  readonly #active = new Heap<Waiting>(first);
  readonly #waiting = new Set<string>();
  readonly #processing = new Map<string, QueuedItem>();
  readonly #dirty = new Set<string>();
  readonly #backoff = new Map<string, QueuedItem>();
  readonly #unschedulable = new Map<string, QueuedItem>();
  #order = 0;
  #onPush: (() => void) | undefined;

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Items that wait to be taken. */
  get length(): number {
    return this.#active.size;
  }

  get sizes(): { readonly active: number; readonly backoff: number; readonly unschedulable: number } {
    return { active: this.#active.size, backoff: this.#backoff.size, unschedulable: this.#unschedulable.size };
  }

  /** Something happened to this key: it is looked at as soon as possible. */
  push(key: string, priority = 0): void {
    this.#backoff.delete(key);
    this.#unschedulable.delete(key);
    this.#activate({ key, priority, timestamp: 0, attempts: 0 });
  }

  /** The next item, or undefined; it is being processed until `done`. */
  pop(): QueuedItem | undefined {
    const item = this.#active.pop();
    if (!item) return undefined;
    const { order: _, ...fields } = item;
    const taken = { ...fields, attempts: item.attempts + 1, initialAttemptTimestamp: item.initialAttemptTimestamp ?? this.#now() };
    this.#waiting.delete(item.key);
    this.#processing.set(item.key, taken);
    return taken;
  }

  /** The next item as soon as there is one; rejects when the signal fires. One caller at a time. */
  async take(signal: AbortSignal): Promise<QueuedItem> {
    for (;;) {
      signal.throwIfAborted();
      const item = this.pop();
      if (item) return item;
      await new Promise<void>(resolve => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#onPush = wake;
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }

  /** A key's processing ended; `result` says where it waits for its next try. */
  done(key: string, result: QueueResult): void {
    const item = this.#processing.get(key);
    if (!item) return;
    const queued = this.#waiting.has(key) || this.#dirty.has(key);
    if (result === 'forget') this.#backoff.delete(key);
    else if (result === 'unschedulable' && !queued && !this.#backoff.has(key)) this.#unschedulable.set(key, item);
    else if (result === 'backoff' && !queued && !this.#unschedulable.has(key)) this.#backoff.set(key, item);
    this.#processing.delete(key);
    if (this.#dirty.delete(key)) this.#activate(item);
  }

  /** The key is gone for good: nothing waits for it any more. */
  drop(key: string): void {
    this.#backoff.delete(key);
    this.#unschedulable.delete(key);
  }

  /** Returns items whose backoff has expired; to be called every BACKOFF_FLUSH_MS. */
  flushBackoff(): void {
    const now = this.#now();
    this.#return(this.#backoff, item => item.timestamp + backoffMs(item.attempts) <= now);
  }

  /** Returns items that have waited long enough for capacity; to be called every UNSCHEDULABLE_FLUSH_MS. */
  flushUnschedulable(): void {
    const now = this.#now();
    this.#return(this.#unschedulable, item => now - item.timestamp > MAX_UNSCHEDULABLE_MS);
  }

  #return(from: Map<string, QueuedItem>, due: (item: QueuedItem) => boolean): void {
    const items = [...from.values()].filter(due);
    for (const { key } of items) from.delete(key);
    items.sort((a, b) => b.priority - a.priority || a.timestamp - b.timestamp);
    for (const item of items) this.#activate(item);
  }

  #activate(item: QueuedItem): void {
    if (this.#waiting.has(item.key)) return;
    if (this.#processing.has(item.key)) {
      this.#dirty.add(item.key);
      return;
    }
    this.#waiting.add(item.key);
    this.#active.push({ ...item, timestamp: this.#now(), order: this.#order++ });
    this.#onPush?.();
    this.#onPush = undefined;
  }
}
