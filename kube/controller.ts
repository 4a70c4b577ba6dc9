// A controller: sources give keys, a reconcile function makes the world as it should be for one key.
// Level, not edge: reconcile reads the present, writes the difference, and may run any number of times.
import { setMaxListeners } from 'node:events';
import { type Clock, sleep } from './clock.ts';
import { queueMetrics, type Result, reconcileMetrics } from './controller-metrics.ts';
import type { Change, Informer } from './informer.ts';
import { errorText, type Logger, silent } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type KubeObject, keyOf, keyText } from './object.ts';
import { type RateLimits, rateLimiter } from './rate-limit.ts';
import { type AddOptions, type WorkQueue, workQueue } from './work-queue.ts';

/** Throw = retry with back-off. A TerminalError is logged and not retried. */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<ReconcileResult | void>;

export interface ReconcileResult {
  readonly requeueAfterMs?: number;
}

export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export type Enqueue = (key: string, o?: AddOptions) => void;

export interface Source {
  /** Resolves once everything that was there at the start has been enqueued. */
  readonly synced: Promise<void>;
  /** Begins to enqueue; returns how to stop. */
  start(enqueue: Enqueue): () => void;
}

export interface Runnable {
  readonly name: string;
  /** Runs until the signal fires; resolves when the last reconcile has ended. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ControllerOptions {
  readonly name: string;
  readonly sources: readonly Source[];
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  readonly workers?: number;
  readonly limits?: RateLimits;
  readonly log?: Logger;
  /** For tests. */
  readonly queue?: WorkQueue;
  /** False: keys are worked off in the order they come, whatever their priority. */
  readonly prioritized?: boolean;
  /** Where the controller and its queue count; all controllers of one name before a `/` count together. */
  readonly metrics?: Metrics;
  /** Hears of every reconcile. */
  readonly onReconcile?: (name: string, result: Result, seconds: number) => void;
}

export function controller(o: ControllerOptions): Runnable & { readonly queue: WorkQueue } {
  const log = o.log ?? silent;
  const [family = o.name] = o.name.split('/');
  const queue = o.queue ?? workQueue(o.clock, rateLimiter(o.limits), o.metrics && queueMetrics(o.metrics, family, o.clock));
  const reconciles = o.metrics && reconcileMetrics(o.metrics, family);
  function ended(result: Result, since: number): void {
    const seconds = (o.clock.monotonic() - since) / 1000;
    reconciles?.ended(result, seconds);
    o.onReconcile?.(family, result, seconds);
  }
  async function one(signal: AbortSignal): Promise<void> {
    const key = await queue.take(signal);
    const since = o.clock.monotonic();
    try {
      const result = await o.reconcile(key, signal);
      queue.forget(key);
      if (result?.requeueAfterMs !== undefined) queue.add(key, { afterMs: result.requeueAfterMs });
      ended(result?.requeueAfterMs === undefined ? 'success' : 'requeue_after', since);
    } catch (error) {
      if (signal.aborted) return;
      ended('error', since);
      const terminal = error instanceof TerminalError;
      log.warn({ controller: o.name, object: key, err: errorText(error), retry: !terminal }, 'reconcile failed');
      if (terminal) queue.forget(key);
      else queue.add(key, { rateLimited: true });
    } finally {
      queue.done(key);
    }
  }
  async function worker(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await one(signal).catch(stopped(signal));
  }
  return {
    name: o.name,
    queue,
    async run(signal) {
      setMaxListeners(0, signal);
      const stops = o.sources.map(s =>
        s.start((key, options) => queue.add(key, o.prioritized === false ? { ...options, priority: 0 } : options)),
      );
      try {
        await Promise.race([Promise.all(o.sources.map(s => s.synced)), aborted(signal)]);
        await Promise.all(Array.from({ length: o.workers ?? 1 }, () => worker(signal)));
      } finally {
        for (const stop of stops) stop();
      }
    },
  };
}

const stopped =
  (signal: AbortSignal) =>
  (error: unknown): void => {
    if (!signal.aborted) throw error;
  };

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export interface InformerSourceOptions<T extends KubeObject> {
  /** The keys a change concerns; its own key without. */
  readonly keys?: (change: Change<T>) => Iterable<string>;
  /** Drops changes that concern nobody. */
  readonly when?: (change: Change<T>) => boolean;
  /** Priority of keys; objects of the initial list get -100 without. */
  readonly priority?: (change: Change<T>) => number;
}

/** The changes of an informer as keys. */
export function fromInformer<T extends KubeObject>(informer: Informer<T>, o: InformerSourceOptions<T> = {}): Source {
  return {
    synced: informer.synced,
    start: enqueue =>
      informer.subscribe(change => {
        if (o.when && !o.when(change)) return;
        const priority = o.priority?.(change) ?? (change.initial ? -100 : 0);
        for (const key of o.keys?.(change) ?? [keyText(keyOf(change.object))]) enqueue(key, { priority });
      }),
  };
}

/** Runs everything until the signal fires or one of them fails; then all end. */
export async function runAll(runnables: readonly Runnable[], signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const all = AbortSignal.any([signal, failed.signal]);
  setMaxListeners(0, signal, all);
  const results = await Promise.allSettled(
    runnables.map(async r => {
      try {
        await r.run(all);
      } catch (error) {
        if (!all.aborted) failed.abort(error);
        throw error;
      }
    }),
  );
  if (failed.signal.aborted && !signal.aborted) throw failed.signal.reason;
  for (const r of results) if (r.status === 'rejected' && !all.aborted) throw r.reason;
}

/** Calls `f` now and then every `everyMs` (counted from its end) until the signal fires; failures are logged. */
export function periodic(
  o: { readonly name: string; readonly everyMs: number; readonly clock: Clock; readonly log?: Logger },
  f: (signal: AbortSignal) => Promise<void>,
): Runnable {
  return {
    name: o.name,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await f(signal);
        } catch (error) {
          if (!signal.aborted) (o.log ?? silent).warn({ loop: o.name, err: errorText(error) }, 'pass failed');
        }
        await sleep(o.clock, o.everyMs, signal).catch(stopped(signal));
      }
    },
  };
}
