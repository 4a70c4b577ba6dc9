// What the scheduler counts, under the names of the reference (specification §10).
import { type Clock, exponentialBuckets, type Metrics } from '../kube/index.ts';
import type { SchedulerPlugin } from './framework/plugin.ts';
import { timedPlugins } from './framework/timed.ts';
import type { Trigger } from './triggers.ts';

const BUCKETS = exponentialBuckets(0.001, 2, 15);
const EXTENSION_BUCKETS = exponentialBuckets(0.0001, 2, 12);
const PLUGIN_BUCKETS = exponentialBuckets(0.00001, 1.5, 20);
/** One cycle in so many is measured plugin by plugin. */
const PLUGIN_SAMPLE = 10;
const PREFIX = 'karmada_scheduler';

export type QueueEvent = 'BindingAdd' | 'BindingUpdate' | 'ClusterChanged' | 'ScheduleAttemptFailure';

/** Steps of a cycle in their order. */
export type Step = 'Filter' | 'Score' | 'Select' | 'AssignReplicas';

/** The reference tells only these two apart (specification §1.3). */
const typeOf = (trigger: Trigger): string => (trigger === 'replicasChanged' ? 'ScaleSchedule' : 'ReconcileSchedule');

export interface SchedulerMetrics {
  queued(event: QueueEvent): void;
  /** For one cycle: the plugins to run, and what to call at the end of each step. */
  cycle(plugins: readonly SchedulerPlugin[]): { readonly plugins: readonly SchedulerPlugin[]; readonly lap: (step: Step) => void };
  /** A cycle ran and was written; a binding for which none was due counts for nothing. */
  attempted(trigger: Trigger, o: { readonly failed: boolean; readonly since: number }): void;
}

type Sizes = { readonly active: number; readonly backoff: number; readonly unschedulable: number };

/** Counts into `metrics`; `sizes` is asked when somebody reads. */
export function schedulerMetrics(metrics: Metrics, clock: Clock, sizes: () => Sizes): SchedulerMetrics {
  const incoming = metrics.counter({
    name: `${PREFIX}_queue_incoming_bindings_total`,
    help: 'Bindings that entered the queue, by what brought them there.',
    labels: ['event'],
  });
  const attempts = metrics.counter({
    name: `${PREFIX}_schedule_attempts_total`,
    help: 'Attempts to schedule a binding.',
    labels: ['result', 'schedule_type'],
  });
  const whole = metrics.histogram({
    name: `${PREFIX}_e2e_scheduling_duration_seconds`,
    help: 'How long an attempt takes from the queue to the last write.',
    labels: ['result', 'schedule_type'],
    buckets: BUCKETS,
  });
  const step = metrics.histogram({
    name: `${PREFIX}_scheduling_algorithm_duration_seconds`,
    help: 'How long the steps of a cycle take.',
    labels: ['schedule_step'],
    buckets: BUCKETS,
  });
  const extension = metrics.histogram({
    name: `${PREFIX}_framework_extension_point_duration_seconds`,
    help: 'How long all plugins of an extension point take.',
    labels: ['extension_point', 'result'],
    buckets: EXTENSION_BUCKETS,
  });
  const execution = metrics.histogram({
    name: `${PREFIX}_plugin_execution_duration_seconds`,
    help: 'How long a plugin takes over all clusters of a cycle; of one cycle in ten.',
    labels: ['plugin', 'extension_point', 'result'],
    buckets: PLUGIN_BUCKETS,
  });
  let cycles = 0;
  metrics.read({ name: `${PREFIX}_pending_bindings`, help: 'Bindings that wait, by queue.', labels: ['queue'] }, () =>
    Object.entries(sizes()).map(([queue, size]) => [[queue], size] as const),
  );
  return {
    queued: event => incoming.of(event).add(),
    cycle(plugins) {
      let since = clock.monotonic();
      const timed = cycles++ % PLUGIN_SAMPLE === 0 ? timedPlugins(plugins, () => clock.monotonic()) : undefined;
      const lap = (name: Step): void => {
        const now = clock.monotonic();
        const seconds = (now - since) / 1000;
        since = now;
        step.of(name).observe(seconds);
        if (name !== 'Filter' && name !== 'Score') return;
        extension.of(name, 'Success').observe(seconds);
        for (const [plugin, ms] of timed?.taken(name) ?? []) execution.of(plugin, name, 'Success').observe(ms / 1000);
      };
      return { plugins: timed?.plugins ?? plugins, lap };
    },
    attempted(trigger, { failed, since }) {
      if (trigger === 'none') return;
      const labels = [failed ? 'error' : 'scheduled', typeOf(trigger)];
      attempts.of(...labels).add();
      whole.of(...labels).observe((clock.monotonic() - since) / 1000);
    },
  };
}
