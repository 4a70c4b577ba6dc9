// Answers of estimators that are dear to ask, kept for a moment: many bindings that ask for the same at the same time cost one call.
// A second is less than it takes a placed workload to show up in its member, so that nothing is counted on that a new call would
// not have told as well. Errors are not kept, nor answers that count promised workloads.
import type { Clock } from '../kube/index.ts';
import type { Estimates, Estimator, ReplicasRequest, SetsRequest } from './types.ts';

const KEEP_MS = 1_000;
const MAX_ENTRIES = 20_000;

/** Estimates that know how old the oldest of them is. */
export class AgedEstimates extends Map<string, number> {
  oldestMs = 0;
}

interface Kept {
  readonly value: number;
  readonly atMs: number;
}

/** The estimator with its answers kept; the clock's monotonic time counts. */
export function recentAnswers(estimator: Estimator, clock: Clock): Estimator {
  const kept = new Map<string, Kept>();

  async function answer<R extends ReplicasRequest | SetsRequest>(
    request: R,
    question: string,
    ask: (request: R) => Promise<Estimates>,
  ): Promise<Estimates> {
    if (request.assumed?.size) return ask(request);
    const now = clock.monotonic();
    const estimates = new AgedEstimates();
    const missing = request.clusters.filter(({ metadata: { name = '' } }) => {
      const known = kept.get(`${name} ${question}`);
      if (!known || now - known.atMs > KEEP_MS) return true;
      estimates.set(name, known.value);
      estimates.oldestMs = Math.max(estimates.oldestMs, now - known.atMs);
      return false;
    });
    if (missing.length === 0) return estimates;
    if (kept.size > MAX_ENTRIES) kept.clear();
    for (const [name, value] of await ask({ ...request, clusters: missing })) {
      estimates.set(name, value);
      kept.set(`${name} ${question}`, { value, atMs: now });
    }
    return estimates;
  }

  return {
    name: estimator.name,
    maxReplicas: (request, signal) =>
      answer(request, JSON.stringify(request.requirements ?? null), missing => estimator.maxReplicas(missing, signal)),
    maxComponentSets: (request, signal) =>
      answer(request, JSON.stringify([request.namespace, request.components]), missing => estimator.maxComponentSets(missing, signal)),
  };
}
