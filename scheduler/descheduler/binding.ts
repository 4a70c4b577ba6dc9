// Descheduling one binding: ask, write, tell. The answer is the error to try again for.
import type { Estimates, UnschedulableEstimator } from '../../estimator/index.ts';
import type { Binding } from '../types.ts';
import { deschedule, resourceOf, undesiredTargets } from './pass.ts';

export interface DescheduleOptions {
  readonly estimators: readonly UnschedulableEstimator[];
  readonly thresholdMs: number;
  readonly signal: AbortSignal;
  /** Writes the whole binding; rejects with a StatusError. */
  update(binding: Binding): Promise<void>;
  event(type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** One pass over one binding; a binding that is being deleted is left alone. */
export async function descheduleBinding(binding: Binding, o: DescheduleOptions): Promise<Error | undefined> {
  if (binding.metadata.deletionTimestamp) return undefined;
  const undesired = undesiredTargets(binding);
  if (undesired.length === 0) return undefined;
  const request = { clusters: undesired.map(u => u.cluster), resource: resourceOf(binding), thresholdMs: o.thresholdMs };
  const answers = await Promise.all(o.estimators.map(e => ask(() => e.unschedulableReplicas(request, o.signal))));
  o.signal.throwIfAborted();
  const change = deschedule(
    binding,
    undesired,
    answers.flatMap(a => (a ? [a] : [])),
  );
  if (!change) return undefined;
  try {
    await o.update({ ...binding, spec: { ...binding.spec, clusters: change.clusters } });
  } catch (error) {
    const failed = error instanceof Error ? error : new Error(String(error));
    o.event('Warning', 'DescheduleBindingFailed', failed.message);
    return failed;
  }
  o.event('Normal', 'DescheduleBindingSucceed', change.message);
  return undefined;
}

/** An estimator that fails says nothing. */
async function ask(f: () => Promise<Estimates>): Promise<Estimates | undefined> {
  try {
    return await f();
  } catch {
    return undefined;
  }
}
