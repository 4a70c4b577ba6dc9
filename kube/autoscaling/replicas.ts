// How many replicas a metric asks for (specification §8.7): the algorithm of the HorizontalPodAutoscaler over the pods of all members. The template's count differs
// from what runs in the members by `calibration`; a count that was computed is divided by it, one that stays is not.
import type { AnyObject } from '../object.ts';
import { groupPods, type PodGroups, type PodMetrics, type PodPeriods, podRequests, readyPodCount } from './pods.ts';

export interface Calculation {
  readonly currentReplicas: number;
  readonly calibration: number;
  /** Changes of ratio up to this do not count. */
  readonly tolerance: number;
}

export interface PodCalculation extends Calculation {
  readonly pods: readonly AnyObject[];
  readonly metrics: ReadonlyMap<string, number>;
  readonly periods: PodPeriods;
  /** Starting pods are told apart for CPU only. */
  readonly cpu: boolean;
}

export interface Proposal {
  readonly replicas: number;
  /** The average, in milli-units. */
  readonly usage: number;
  /** Percent of the requests. */
  readonly utilization?: number;
}

const calibrated = (count: number, { calibration }: Calculation): number => Math.ceil(count / calibration);
const isTolerated = (ratio: number, { tolerance }: Calculation): boolean => Math.abs(1 - ratio) <= tolerance;

interface Usage {
  readonly ratio: number;
  readonly usage: number;
  readonly utilization?: number;
}

interface Rules {
  readonly measure: (metrics: ReadonlyMap<string, number>) => Usage;
  /** What a pod without a sample is taken to use when the count would fall. */
  readonly assumed: (pod: string) => number;
}

/** By utilisation: percent of what the pods request. */
export function replicasByUtilization(
  c: PodCalculation,
  o: { readonly target: number; readonly resource: string; readonly container: string },
): Proposal {
  requirePods(c);
  const groups = groupPods(c.pods, c.metrics, c);
  const metrics = countedMetrics(c, groups);
  const requests = podRequests(c.pods, o.resource, o.container);
  requireMetrics(metrics);
  const measure = (measured: ReadonlyMap<string, number>): Usage => {
    const known = [...measured].filter(([pod]) => requests.has(pod));
    const used = known.reduce((sum, [, value]) => sum + value, 0);
    const requested = known.reduce((sum, [pod]) => sum + (requests.get(pod) ?? 0), 0);
    if (requested === 0) throw new Error('no metrics returned matched known pods');
    const utilization = Math.trunc((used * 100) / requested);
    return { ratio: utilization / o.target, usage: Math.trunc(used / known.length), utilization };
  };
  const assumed = (pod: string): number => Math.trunc(((requests.get(pod) ?? 0) * Math.max(100, o.target)) / 100);
  return propose(c, groups, metrics, { measure, assumed });
}

/** By the plain average of a metric; `target` in milli-units. */
export function replicasByAverage(c: PodCalculation, target: number): Proposal {
  requirePods(c);
  const groups = groupPods(c.pods, c.metrics, c);
  const metrics = countedMetrics(c, groups);
  requireMetrics(metrics);
  const measure = (measured: ReadonlyMap<string, number>): Usage => {
    const usage = Math.trunc([...measured.values()].reduce((sum, value) => sum + value, 0) / measured.size);
    return { ratio: usage / target, usage };
  };
  return propose(c, groups, metrics, { measure, assumed: () => target });
}

function requirePods({ pods }: PodCalculation): void {
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count');
}

function requireMetrics(metrics: PodMetrics): void {
  if (metrics.size === 0) throw new Error('did not receive metrics for any ready pods');
}

function countedMetrics({ metrics }: PodCalculation, { ignored, unready }: PodGroups): PodMetrics {
  return new Map([...metrics].filter(([pod]) => !ignored.has(pod) && !unready.has(pod)));
}

function propose(c: PodCalculation, { readyCount, unready, missing }: PodGroups, metrics: PodMetrics, rules: Rules): Proposal {
  const first = rules.measure(metrics);
  const stay: Proposal = { replicas: c.currentReplicas, ...shown(first) };
  const countUnready = unready.size > 0 && first.ratio > 1;
  if (!countUnready && missing.size === 0)
    return isTolerated(first.ratio, c) ? stay : { ...stay, replicas: calibrated(first.ratio * readyCount, c) };
  for (const pod of missing) {
    if (first.ratio < 1) metrics.set(pod, rules.assumed(pod));
    else if (first.ratio > 1) metrics.set(pod, 0);
  }
  if (countUnready) for (const pod of unready) metrics.set(pod, 0);
  const second = rules.measure(metrics);
  const turned = (first.ratio < 1 && second.ratio > 1) || (first.ratio > 1 && second.ratio < 1);
  if (isTolerated(second.ratio, c) || turned) return stay;
  const replicas = calibrated(second.ratio * metrics.size, c);
  const against = (second.ratio < 1 && replicas > c.currentReplicas) || (second.ratio > 1 && replicas < c.currentReplicas);
  return against ? stay : { ...stay, replicas };
}

const shown = ({ usage, utilization }: Usage): Omit<Proposal, 'replicas'> => ({
  usage,
  ...(utilization === undefined ? {} : { utilization }),
});

/** By the value of an object's metric. */
export function replicasByObject(
  c: Calculation & { readonly pods: readonly AnyObject[] },
  o: { readonly target: number; readonly usage: number },
): Proposal {
  const ratio = o.usage / o.target;
  if (c.currentReplicas === 0) return { replicas: Math.ceil(ratio), usage: o.usage };
  if (isTolerated(ratio, c)) return { replicas: c.currentReplicas, usage: o.usage };
  return { replicas: calibrated(ratio * readyPodCount(c.pods), c), usage: o.usage };
}

/** By the value of an object's metric for each replica. */
export function replicasByObjectAverage(c: Calculation, o: { readonly target: number; readonly usage: number }): Proposal {
  const ratio = o.usage / (o.target * c.currentReplicas);
  const usage = Math.ceil(o.usage / c.currentReplicas);
  if (isTolerated(ratio, c)) return { replicas: calibrated(c.currentReplicas, c), usage };
  return { replicas: calibrated(calibrated(o.usage / o.target, c), c), usage };
}
