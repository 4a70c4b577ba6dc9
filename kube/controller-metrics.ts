// What a controller and its queue tell about themselves, under the names of client-go and controller-runtime.
import type { Clock } from './clock.ts';
import { exponentialBuckets, type Metrics } from './metrics.ts';

/** Hears what happens to the keys of a queue. */
export interface QueueObserver {
  added(key: string): void;
  taken(key: string): void;
  done(key: string): void;
  retried(): void;
}

export type Result = 'success' | 'error' | 'requeue_after';

/** Hears of every reconcile. */
export interface ReconcileObserver {
  ended(result: Result, seconds: number): void;
}

const RECONCILE_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5,
  5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const QUEUE_SECONDS = exponentialBuckets(1e-8, 10, 12);

/** Counts what a queue does as `workqueue_*`; the lanes of one controller share its name. */
export function queueMetrics(metrics: Metrics, name: string, clock: Clock): QueueObserver {
  const labels = ['name'];
  const adds = metrics.counter({ name: 'workqueue_adds_total', help: 'Keys added to a queue.', labels }).of(name);
  const retries = metrics.counter({ name: 'workqueue_retries_total', help: 'Keys that wait after a failure.', labels }).of(name);
  const waited = metrics
    .histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long keys wait before they are taken.',
      labels,
      buckets: QUEUE_SECONDS,
    })
    .of(name);
  const worked = metrics
    .histogram({ name: 'workqueue_work_duration_seconds', help: 'How long keys are worked on.', labels, buckets: QUEUE_SECONDS })
    .of(name);
  const waiting = new Map<string, number>();
  const working = new Map<string, number>();
  const seconds = (since: number): number => (clock.monotonic() - since) / 1000;
  const ages = (): number[] => [...working.values()].map(seconds);
  metrics.read({ name: 'workqueue_depth', help: 'Keys that wait.', labels }, () => [[[name], waiting.size]]);
  metrics.read({ name: 'workqueue_unfinished_work_seconds', help: 'Sum of the ages of what is worked on.', labels }, () => [
    [[name], ages().reduce((a, b) => a + b, 0)],
  ]);
  metrics.read({ name: 'workqueue_longest_running_processor_seconds', help: 'Age of the oldest work.', labels }, () => [
    [[name], Math.max(0, ...ages())],
  ]);
  return {
    added(key) {
      adds.add();
      if (!waiting.has(key)) waiting.set(key, clock.monotonic());
    },
    taken(key) {
      const since = waiting.get(key);
      if (since !== undefined) waited.observe(seconds(since));
      waiting.delete(key);
      working.set(key, clock.monotonic());
    },
    done(key) {
      const since = working.get(key);
      if (since !== undefined) worked.observe(seconds(since));
      working.delete(key);
    },
    retried: () => retries.add(),
  };
}

/** Counts reconciles as `controller_runtime_reconcile_*`. */
export function reconcileMetrics(metrics: Metrics, controller: string): ReconcileObserver {
  const totals = metrics.counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles by their result.',
    labels: ['controller', 'result'],
  });
  const errors = metrics
    .counter({ name: 'controller_runtime_reconcile_errors_total', help: 'Reconciles that failed.', labels: ['controller'] })
    .of(controller);
  const time = metrics
    .histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'How long a reconcile takes.',
      labels: ['controller'],
      buckets: RECONCILE_SECONDS,
    })
    .of(controller);
  return {
    ended(result, seconds) {
      totals.of(controller, result).add();
      if (result === 'error') errors.add();
      time.observe(seconds);
    },
  };
}
