// The running descheduler: a pass over all bindings at the start and then an interval after the end of each; a binding that
// could not be written is tried again with backoff.
import { clusters as clusterResource, resourceBindings } from '../../crds/index.ts';
import type { UnschedulableEstimator } from '../../estimator/index.ts';
import {
  type Client,
  type Clock,
  type EventRecorder,
  errorText,
  informer,
  keyOf,
  keyText,
  type Logger,
  type Resource,
  rateLimiter,
  silent,
  sleep,
  workQueue,
} from '../../kube/index.ts';
import { accurateEstimators, followClusters } from '../accurate.ts';
import { defaultSchedulerFlags, type SchedulerFlags } from '../options.ts';
import type { Binding, Cluster } from '../types.ts';
import { templateOf } from '../writer.ts';
import { descheduleBinding } from './binding.ts';
import { isEligible } from './pass.ts';

export interface DeschedulerOptions {
  readonly hub: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly log?: Logger;
  /** How estimators are reached; the pull-mode flag has no effect here. */
  readonly flags?: Partial<SchedulerFlags>;
  /** Instead of those that the flags lead to. */
  readonly estimators?: readonly UnschedulableEstimator[];
  readonly intervalMs?: number;
  readonly unschedulableThresholdMs?: number;
}

const INTERVAL_MS = 2 * 60_000;
const THRESHOLD_MS = 5 * 60_000;

export interface Descheduler {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

const bindingsOf: Resource<Binding> = resourceBindings;

export function descheduler(o: DeschedulerOptions): Descheduler {
  const log = o.log ?? silent;
  const source = { client: o.hub, clock: o.clock, log };
  const bindings = informer<Binding>({ ...source, resource: resourceBindings });
  const clusters = informer<Cluster>({ ...source, resource: clusterResource });
  const queue = workQueue(o.clock, rateLimiter());

  async function passes(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const binding of bindings.list()) if (isEligible(binding)) queue.add(keyText(keyOf(binding)));
      await sleep(o.clock, o.intervalMs ?? INTERVAL_MS, signal).catch(() => undefined);
    }
  }

  async function one(key: string, estimators: readonly UnschedulableEstimator[], signal: AbortSignal): Promise<void> {
    const binding = bindings.get(key);
    if (!binding) return;
    const error = await descheduleBinding(binding, {
      estimators,
      thresholdMs: o.unschedulableThresholdMs ?? THRESHOLD_MS,
      signal,
      update: async changed => void (await o.hub.update(bindingsOf, changed, { signal })),
      event: (type, reason, message) => {
        o.events.event({ ...binding, apiVersion: 'work.karmada.io/v1alpha2', kind: 'ResourceBinding' }, type, reason, message);
        o.events.event(templateOf(binding.spec.resource), type, reason, message);
      },
    });
    if (error) throw error;
  }

  async function work(estimators: readonly UnschedulableEstimator[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const key = await queue.take(signal).catch(() => undefined);
      if (key === undefined) return;
      try {
        await one(key, estimators, signal);
        queue.forget(key);
      } catch (error) {
        log.warn({ binding: key, err: errorText(error) }, 'binding not descheduled');
        if (!signal.aborted) queue.add(key, { rateLimited: true });
      } finally {
        queue.done(key);
      }
    }
  }

  return {
    name: 'descheduler',
    async run(signal) {
      const aborted = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
      const flags = { ...defaultSchedulerFlags, ...o.flags, disableSchedulerEstimatorInPullMode: false };
      const accurate = { hub: o.hub, clock: o.clock, log, flags };
      const own = o.estimators ? undefined : await accurateEstimators(accurate);
      const following = own && followClusters(own, clusters, accurate, signal);
      const running = [bindings.run(signal), clusters.run(signal)];
      await Promise.race([Promise.all([bindings.synced, clusters.synced]), aborted]);
      await Promise.race([following?.settled(), aborted]);
      await Promise.all([...running, passes(signal), work(o.estimators ?? (own ? [own] : []), signal)]);
      following?.stop();
      own?.close();
    },
  };
}
