// One number per cluster out of several estimators (specification §3.2): the least counts; −1 says nothing; an
// estimator that fails is left out whole. Everything asked and answered is kept for explanation.
import type { AssumedWorkload, Component, EstimatedCluster, Estimates, Estimator, ReplicaRequirements } from './types.ts';

export interface EstimateInput {
  readonly clusters: readonly EstimatedCluster[];
  readonly replicas: number;
  readonly requirements?: ReplicaRequirements;
  readonly components: readonly Component[];
  /** Count whole sets of components instead of replicas. */
  readonly sets: boolean;
  readonly namespace: string;
  readonly assumed?: ReadonlyMap<string, readonly AssumedWorkload[]>;
}

/** What one estimator said. */
export interface Answer {
  readonly estimator: string;
  readonly kind: 'replicas' | 'sets';
  readonly values?: Estimates;
  /** Why its whole answer was dropped. */
  readonly error?: string;
}

export interface Merged {
  /** Cluster → what fits, int32. */
  readonly allocatable: ReadonlyMap<string, number>;
  readonly answers: readonly Answer[];
}

const UNLIMITED = 2 ** 31 - 1;
const UNKNOWN = -1;

/** Asks all estimators at the same time; never rejects because one of them does. */
export async function estimate(estimators: readonly Estimator[], input: EstimateInput, signal: AbortSignal): Promise<Merged> {
  const allocatable = new Map<string, number>();
  const nothingToCount = input.replicas === 0 && input.components.length === 0;
  const answers = nothingToCount ? [] : await Promise.all(estimators.map(e => ask(e, input, signal)));
  const known = answers.flatMap(({ values }) => (values ? [values] : []));
  for (const { metadata } of input.clusters) {
    const name = metadata.name ?? '';
    allocatable.set(name, nothingToCount ? UNLIMITED : leastOf(name, known, input.replicas));
  }
  return { allocatable, answers };
}

async function ask(estimator: Estimator, input: EstimateInput, signal: AbortSignal): Promise<Answer> {
  const kind = input.sets ? 'sets' : 'replicas';
  const { clusters, components, namespace, requirements, assumed } = input;
  const promised = assumed ? { assumed } : {};
  try {
    const values = input.sets
      ? await estimator.maxComponentSets({ clusters, components, namespace, ...promised }, signal)
      : await estimator.maxReplicas({ clusters, ...(requirements ? { requirements } : {}), ...promised }, signal);
    return { estimator: estimator.name, kind, values };
  } catch (error) {
    signal.throwIfAborted();
    return { estimator: estimator.name, kind, error: error instanceof Error ? error.message : String(error) };
  }
}

function leastOf(cluster: string, answers: readonly Estimates[], replicas: number): number {
  let least = UNLIMITED;
  for (const values of answers) {
    const value = values.get(cluster);
    if (value !== undefined && value !== UNKNOWN && value < least) least = value;
  }
  return least === UNLIMITED ? replicas : least;
}
