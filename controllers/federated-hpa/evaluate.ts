// One evaluation of one FederatedHPA (specification §8.7): from the target and its metrics to the wanted count, with the conditions that say why.
import type { FederatedHPA } from '../../crds/index.ts';
import { at, defaultedBehavior, objectOf, type PartialBehavior, type ScaleHistory, stringOf } from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { MetricError, type MetricProposal, type MetricStatus, proposalOf } from './metrics.ts';
import { bindingOfTarget, memberScales, type ScaleTarget, scaleTarget, TargetError, targetMembers } from './target.ts';

export interface HpaCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface Evaluation {
  readonly conditions: readonly HpaCondition[];
  /** Events to write: reason and message of warnings. */
  readonly warnings: readonly (readonly [reason: string, message: string])[];
  readonly target?: ScaleTarget;
  readonly current?: number;
  readonly desired?: number;
  /** Why the count changes. */
  readonly why?: string;
  readonly metrics?: readonly MetricStatus[];
  /** Something failed: try again soon. */
  readonly error?: Error;
}

const condition = (type: string, status: 'True' | 'False', reason: string, message: string): HpaCondition => ({
  type,
  status,
  reason,
  message,
});

export async function evaluate(
  context: ControllerContext,
  hpa: FederatedHPA,
  history: ScaleHistory,
  signal: AbortSignal,
): Promise<Evaluation> {
  let target: ScaleTarget;
  try {
    target = await scaleTarget(context, hpa, signal);
    const able = condition('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale");
    return await decide(context, { hpa, target, history, able }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TargetError)) throw error;
    return {
      conditions: [condition('AbleToScale', 'False', error.reason, error.message)],
      warnings: [[error.eventReason, error.message]],
      error,
    };
  }
}

interface Case {
  readonly hpa: FederatedHPA;
  readonly target: ScaleTarget;
  readonly history: ScaleHistory;
  readonly able: HpaCondition;
}

async function decide(context: ControllerContext, o: Case, signal: AbortSignal): Promise<Evaluation> {
  const { hpa, target, able } = o;
  const members = targetMembers(context, bindingOfTarget(context, target));
  const current = Number(at(target.scale, 'spec', 'replicas') ?? 0);
  const { minReplicas: min = 1, maxReplicas: max } = hpa.spec;
  const base = { target, current, conditions: [able], warnings: [] };
  if (current === 0 && min !== 0) {
    const why = 'scaling is disabled since the replica count of the target is zero';
    return { ...base, desired: 0, conditions: [able, condition('ScalingActive', 'False', 'ScalingDisabled', why)] };
  }
  if (current > max) return { ...base, desired: max, why: 'Current number of replicas above Spec.MaxReplicas' };
  if (current < min) return { ...base, desired: min, why: 'Current number of replicas below Spec.MinReplicas' };
  const scales = await memberScales(target, members, signal);
  const selector = stringOf(at(target.scale, 'status', 'selector'));
  if (selector === '') {
    const message = 'selector is required';
    const conditions = [able, condition('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector")];
    return { ...base, conditions, warnings: [['SelectorRequired', message]], error: new Error(message) };
  }
  if (scales.specReplicas === 0) {
    const message = 'the target has no replicas in any cluster that answers';
    return { ...base, warnings: [['FailedComputeMetricsReplicas', message]], error: new Error(message) };
  }
  return byMetrics(context, { ...o, current, min, max, selector, scales }, signal);
}

interface MetricCase extends Case {
  readonly current: number;
  readonly min: number;
  readonly max: number;
  readonly selector: string;
  readonly scales: Awaited<ReturnType<typeof memberScales>>;
}

async function byMetrics(context: ControllerContext, o: MetricCase, signal: AbortSignal): Promise<Evaluation> {
  const { clock, options, hub } = context;
  const { hpa, target, current, able } = o;
  const input = {
    hub,
    namespace: hpa.metadata.namespace ?? '',
    selector: o.selector,
    calculation: {
      currentReplicas: current,
      calibration: o.scales.specReplicas / current,
      tolerance: options.horizontalPodAutoscalerTolerance,
      pods: o.scales.pods,
      periods: {
        nowMs: clock.now(),
        cpuInitializationMs: options.horizontalPodAutoscalerCpuInitializationPeriodMs,
        initialReadinessDelayMs: options.horizontalPodAutoscalerInitialReadinessDelayMs,
      },
    },
  };
  const specs = hpa.spec.metrics?.length ? hpa.spec.metrics : [DEFAULT_METRIC];
  const results = await Promise.allSettled(specs.map(metric => proposalOf(metric, input, signal)));
  signal.throwIfAborted();
  const proposals = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  const errors = results.flatMap(result => (result.status === 'rejected' && result.reason instanceof MetricError ? [result.reason] : []));
  const warnings = errors.map(error => [error.reason, error.message] as const);
  const best = highest(proposals);
  const [first] = errors;
  // A metric that fails may have asked for more: without all of them nothing is scaled down.
  if (!best || (first && best.replicas < current)) {
    const message = `the HPA was unable to compute the replica count: ${first?.message ?? 'no metric'}`;
    const failed = condition('ScalingActive', 'False', first?.reason ?? 'FailedComputeMetricsReplicas', message);
    const all = [
      ...warnings,
      [
        'FailedComputeMetricsReplicas',
        `invalid metrics (${errors.length} invalid out of ${specs.length}), first error is: ${first?.message}`,
      ] as const,
    ];
    return { target, current, conditions: [able, failed], warnings: all, ...(first ? { error: first } : {}) };
  }
  return limited(context, o, { best, proposals, warnings });
}

const DEFAULT_METRIC = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
};

const highest = (proposals: readonly MetricProposal[]): MetricProposal | undefined =>
  proposals.reduce<MetricProposal | undefined>((best, p) => (!best || p.replicas > best.replicas ? p : best), undefined);

interface Found {
  readonly best: MetricProposal;
  readonly proposals: readonly MetricProposal[];
  readonly warnings: Evaluation['warnings'];
}

function limited({ clock, options }: ControllerContext, o: MetricCase, { best, proposals, warnings }: Found): Evaluation {
  const { target, current, min, max, hpa, history } = o;
  const { replicas, conditions } = history.limit({
    current,
    desired: best.replicas,
    min,
    max,
    behavior: defaultedBehavior(hpa.spec.behavior as PartialBehavior | undefined),
    nowMs: clock.now(),
    downscaleStabilizationMs: options.horizontalPodAutoscalerDownscaleStabilizationMs,
  });
  const active = condition(
    'ScalingActive',
    'True',
    'ValidMetricFound',
    `the HPA was able to successfully calculate a replica count from ${best.title}`,
  );
  const why = replicas > current ? `${best.title} above target` : 'All metrics below target';
  return { target, current, desired: replicas, conditions: [active, ...conditions], warnings, why, metrics: proposals.map(p => p.status) };
}

/** The scale object with another count. */
export const scaledTo = ({ scale }: ScaleTarget, replicas: number): ScaleTarget['scale'] => ({
  ...scale,
  spec: { ...objectOf(scale['spec']), replicas },
});
