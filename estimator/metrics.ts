// What an estimator server counts, under the names of the reference.
import { type Clock, exponentialBuckets, type Metrics } from '../kube/index.ts';
import type { EstimatorHandlers } from './grpc-server.ts';

const TYPES: Readonly<Record<keyof EstimatorHandlers, string>> = {
  replicas: 'MaxAvailableReplicas',
  sets: 'MaxAvailableComponentSets',
  unschedulable: 'GetUnschedulableReplicas',
};

/** The handlers, each call counted and timed. */
export function measuredHandlers(handlers: EstimatorHandlers, o: { readonly metrics: Metrics; readonly clock: Clock }): EstimatorHandlers {
  const total = o.metrics.counter({
    name: 'karmada_scheduler_estimator_estimating_request_total',
    help: 'Requests for an estimate.',
    labels: ['result', 'type'],
  });
  const took = o.metrics.histogram({
    name: 'karmada_scheduler_estimator_estimating_algorithm_duration_seconds',
    help: 'How long an estimate takes.',
    labels: ['result', 'type', 'step'],
    buckets: exponentialBuckets(0.001, 2, 10),
  });
  const measured =
    <R>(name: keyof EstimatorHandlers, f: (request: R) => number | Promise<number>) =>
    async (request: R): Promise<number> => {
      const since = o.clock.monotonic();
      let result = 'error';
      try {
        const answer = await f(request);
        result = 'success';
        return answer;
      } finally {
        total.of(result, TYPES[name]).add();
        took.of(result, TYPES[name], 'Total').observe((o.clock.monotonic() - since) / 1000);
      }
    };
  return {
    replicas: measured('replicas', handlers.replicas),
    sets: measured('sets', handlers.sets),
    unschedulable: measured('unschedulable', handlers.unschedulable),
  };
}
