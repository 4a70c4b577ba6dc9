// One evaluation of a HorizontalPodAutoscaler: from its target and the usage of the pods to the wanted count, with the conditions that say why.
import {
  type AnyObject,
  defaultedBehavior,
  errorText,
  formatQuantity,
  milliQuantity,
  type PodCalculation,
  type Proposal,
  parseQuantity,
  quantityMilliValue,
  replicasByAverage,
  replicasByUtilization,
  type ScaleHistory,
} from '../../kube/index.ts';
import type { HorizontalPodAutoscaler, MetricSource, MetricSpec, Pod } from '../kinds.ts';
import { containerUsage, isMeasured, podUsage, type Usage } from '../metrics/usage.ts';

export interface HpaCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface Evaluation {
  readonly desired: number;
  readonly conditions: readonly HpaCondition[];
  readonly metrics: readonly unknown[];
  /** Why the count changes. */
  readonly why: string;
  /** Reason and message of warnings. */
  readonly warnings: readonly (readonly [string, string])[];
  /** No metric could be read: the wanted count stays what it was. */
  readonly failed?: boolean;
}

export interface Scene {
  readonly hpa: HorizontalPodAutoscaler;
  readonly current: number;
  /** Pods of the target. */
  readonly pods: readonly Pod[];
  /** The uids of pods that have all they can do. */
  readonly busy: ReadonlySet<string>;
  readonly history: ScaleHistory;
  readonly nowMs: number;
}

const TOLERANCE = 0.1;
const CPU_INITIALIZATION_MS = 300_000;
const INITIAL_READINESS_MS = 30_000;
const DOWNSCALE_STABILIZATION_MS = 300_000;
const DEFAULT_METRIC: MetricSpec = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };

export function evaluate(s: Scene): Evaluation {
  const { current } = s;
  const { minReplicas: min = 1, maxReplicas: max } = s.hpa.spec;
  const plain = { conditions: [], metrics: [], warnings: [], why: '' };
  if (current === 0 && min !== 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    return { ...plain, desired: 0, conditions: [{ type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message }] };
  }
  if (current > max) return { ...plain, desired: max, why: 'Current number of replicas above Spec.MaxReplicas' };
  if (current < min) return { ...plain, desired: min, why: 'Current number of replicas below Spec.MinReplicas' };
  return byMetrics(s, min, max);
}

interface Proposed extends Proposal {
  readonly title: string;
  readonly status: unknown;
}

function byMetrics(s: Scene, min: number, max: number): Evaluation {
  const specs = s.hpa.spec.metrics?.length ? s.hpa.spec.metrics : [DEFAULT_METRIC];
  const proposals: Proposed[] = [];
  const errors: (readonly [string, string])[] = [];
  for (const metric of specs) {
    const found = proposalOf(metric, s);
    if ('error' in found) errors.push(found.error);
    else proposals.push(found);
  }
  const best = proposals.reduce<Proposed | undefined>((a, b) => (!a || b.replicas > a.replicas ? b : a), undefined);
  const metrics = proposals.map(p => p.status);
  const [first] = errors;
  // A metric that fails may have asked for more: without all of them nothing is scaled down.
  if (!best || (first && best.replicas < s.current)) return refused(s, errors, { metrics, total: specs.length });
  const { replicas, conditions } = s.history.limit({
    current: s.current,
    desired: best.replicas,
    min,
    max,
    behavior: defaultedBehavior(s.hpa.spec.behavior),
    nowMs: s.nowMs,
    downscaleStabilizationMs: DOWNSCALE_STABILIZATION_MS,
  });
  const message = `the HPA was able to successfully calculate a replica count from ${best.title}`;
  const active: HpaCondition = { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message };
  const why = replicas > s.current ? `${best.title} above target` : 'All metrics below target';
  return { desired: replicas, conditions: [active, ...conditions], metrics, why, warnings: errors };
}

function refused(
  s: Scene,
  errors: readonly (readonly [string, string])[],
  o: { readonly metrics: readonly unknown[]; readonly total: number },
): Evaluation {
  const [reason, text] = errors[0] ?? ['FailedComputeMetricsReplicas', 'no metric'];
  const message = `the HPA was unable to compute the replica count: ${text}`;
  const all = `invalid metrics (${errors.length} invalid out of ${o.total}), first error is: ${text}`;
  return {
    desired: s.current,
    conditions: [{ type: 'ScalingActive', status: 'False', reason, message }],
    metrics: o.metrics,
    why: '',
    warnings: [...errors, ['FailedComputeMetricsReplicas', all]],
    failed: true,
  };
}

/** What one metric asks for, or why it cannot be told; only usage of cpu and memory is measured here. */
function proposalOf(metric: MetricSpec, s: Scene): Proposed | { readonly error: readonly [string, string] } {
  const source = metric.type === 'ContainerResource' ? metric.containerResource : metric.resource;
  const reason = `FailedGet${metric.type}Metric`;
  if ((metric.type !== 'Resource' && metric.type !== 'ContainerResource') || !source)
    return { error: [reason, `unable to fetch metrics: no metrics API serves metrics of type ${metric.type} here`] };
  try {
    return byResource(source, s);
  } catch (error) {
    const what = source.target.averageValue === undefined ? 'utilization' : 'usage';
    return { error: [reason, `failed to get ${source.name} ${what}: ${errorText(error)}`] };
  }
}

const pick = (name: string, usage: Usage): number => Number(name === 'cpu' ? usage.milliCpu : usage.memoryBytes * 1000n);

function byResource(source: MetricSource, s: Scene): Proposed {
  const { name, container, target } = source;
  const usageOf = (pod: Pod): number => {
    if (container === undefined) return pick(name, podUsage(pod, s.busy));
    const found = pod.spec.containers.find(c => c.name === container);
    return found ? pick(name, containerUsage(pod, found, s.busy)) : 0;
  };
  if (name !== 'cpu' && name !== 'memory')
    throw new Error(`unable to get metrics for resource ${name}: no metrics returned from resource metrics API`);
  const c: PodCalculation = {
    currentReplicas: s.current,
    calibration: 1,
    tolerance: TOLERANCE,
    pods: s.pods as readonly unknown[] as readonly AnyObject[],
    metrics: new Map(s.pods.filter(isMeasured).map(pod => [pod.metadata.name ?? '', usageOf(pod)])),
    periods: { nowMs: s.nowMs, cpuInitializationMs: CPU_INITIALIZATION_MS, initialReadinessDelayMs: INITIAL_READINESS_MS },
    cpu: name === 'cpu',
  };
  const kind = container === undefined ? 'resource' : 'container resource';
  if (target.averageValue !== undefined) {
    const proposal = replicasByAverage(c, Number(quantityMilliValue(parseQuantity(String(target.averageValue)))));
    return { ...proposal, title: `${name} ${kind}`, status: statusOf(source, proposal) };
  }
  if (target.averageUtilization === undefined)
    throw new Error('invalid resource metric source: neither an average utilization target nor an average value (usage) target was set');
  const proposal = replicasByUtilization(c, { target: target.averageUtilization, resource: name, container: container ?? '' });
  return { ...proposal, title: `${name} ${kind} utilization (percentage of request)`, status: statusOf(source, proposal) };
}

function statusOf({ name, container }: MetricSource, { usage, utilization }: Proposal): unknown {
  const averageValue = formatQuantity(milliQuantity(usage));
  const current = { ...(utilization === undefined ? {} : { averageUtilization: utilization }), averageValue };
  if (container === undefined) return { type: 'Resource', resource: { name, current } };
  return { type: 'ContainerResource', containerResource: { name, container, current } };
}
