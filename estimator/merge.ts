// One number per cluster out of several estimators (specification §3.2): the least counts; −1, or what is no whole number, says
// nothing; an estimator that fails is left out whole. Everything asked and answered is kept for explanation.
import { AgedEstimates } from './recent.ts';
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
  /** Milliseconds, to measure how long an answer takes. */
  readonly stopwatch?: () => number;
}

/** What one estimator said. */
export interface Answer {
  readonly estimator: string;
  readonly kind: 'replicas' | 'sets';
  readonly values?: Estimates;
  /** Why its whole answer was dropped. */
  readonly error?: string;
  readonly tookMs?: number;
  /** How old the oldest kept answer among them is. */
  readonly oldestMs?: number;
  /** It rests on what the Cluster objects say, not on the members themselves. */
  readonly readsClusters?: boolean;
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
  const started = input.stopwatch?.() ?? 0;
  const about = { estimator: estimator.name, kind: input.sets ? ('sets' as const) : ('replicas' as const) };
  const readsClusters = estimator.readsClusters ? { readsClusters: true } : {};
  const took = () => (input.stopwatch ? { tookMs: input.stopwatch() - started } : {});
  try {
    const values = await valuesOf(estimator, input, signal);
    const aged = values instanceof AgedEstimates ? { oldestMs: values.oldestMs } : {};
    return { ...about, ...readsClusters, values, ...took(), ...aged };
  } catch (error) {
    signal.throwIfAborted();
    return { ...about, ...readsClusters, error: error instanceof Error ? error.message : String(error), ...took() };
  }
}

function valuesOf(estimator: Estimator, input: EstimateInput, signal: AbortSignal): Promise<Estimates> {
  const { clusters, components, namespace, requirements, assumed } = input;
  const promised = assumed ? { assumed } : {};
  return input.sets
    ? estimator.maxComponentSets({ clusters, components, namespace, ...promised }, signal)
    : estimator.maxReplicas({ clusters, ...(requirements ? { requirements } : {}), ...promised }, signal);
}

function leastOf(cluster: string, answers: readonly Estimates[], replicas: number): number {
  let least = UNLIMITED;
  for (const values of answers) {
    const value = values.get(cluster);
    if (value !== undefined && value !== UNKNOWN && Number.isInteger(value) && value < least) least = value;
  }
  return least === UNLIMITED ? replicas : least;
}
