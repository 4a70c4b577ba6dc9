// HorizontalPodAutoscalers: looked at ten seconds after they came or changed, and then every fifteen as long as they are there.
import {
  equal,
  fromInformer,
  getOrUndefined,
  parseKey,
  parseLabelSelector,
  type Resource,
  type Runnable,
  ScaleHistory,
  type Source,
  timestamp,
} from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { AUTOSCALERS, type HorizontalPodAutoscaler, PODS, type Scale, SERVICES } from '../kinds.ts';
import { busyPods } from '../metrics/traffic.ts';
import { withCondition, writeStatus } from '../writing.ts';
import { type Evaluation, evaluate, type HpaCondition } from './evaluate.ts';

const FIRST_MS = 10_000;
const PERIOD_MS = 15_000;

export interface AutoscalingOptions {
  /** The resource of a kind that has a scale. */
  scalable(apiVersion: string, kind: string): Resource | undefined;
}

export function autoscalingController(c: MemberContext, o: AutoscalingOptions): Runnable {
  const histories = new Map<string, ScaleHistory>();
  return loop(c, {
    name: 'horizontalpodautoscaler',
    // What is written into the status is no reason to look again.
    sources: [delayed(fromInformer(c.informer(AUTOSCALERS), { when: ({ object, old }) => !equal(object.spec, old?.spec) }))],
    async reconcile(key, signal) {
      const hpa = await getOrUndefined(c.client, AUTOSCALERS, parseKey(key), { signal });
      if (!hpa || hpa.metadata.deletionTimestamp) {
        histories.delete(key);
        return {};
      }
      const history = histories.get(key) ?? new ScaleHistory();
      histories.set(key, history);
      await scale(c, o, hpa, history);
      return { requeueAfterMs: PERIOD_MS };
    },
  });
}

const delayed = (source: Source): Source => ({
  synced: source.synced,
  start: enqueue => source.start(key => enqueue(key, { afterMs: FIRST_MS })),
});

async function scale(c: MemberContext, o: AutoscalingOptions, hpa: HorizontalPodAutoscaler, history: ScaleHistory): Promise<void> {
  const { namespace = '' } = hpa.metadata;
  const { apiVersion = '', kind, name } = hpa.spec.scaleTargetRef;
  const target = o.scalable(apiVersion, kind) as Resource<Scale> | undefined;
  const found = target && (await getOrUndefined(c.client, target, { namespace, name }, { subresource: 'scale' }));
  if (!target || !found)
    return missing(
      c,
      hpa,
      target ? `${target.plural}.${target.group} "${name}" not found` : `no matches for kind "${kind}" in group "${apiVersion}"`,
    );
  const current = found.spec?.replicas ?? 0;
  const selector = parseLabelSelector(found.status?.selector ?? '');
  const pods = c
    .children(PODS)
    .in(namespace)
    .filter(pod => !selector.empty && selector.matches(pod.metadata.labels ?? {}));
  const busy = busyPods(c.informer(PODS).list(), c.children(SERVICES).in(namespace));
  const e = evaluate({ hpa, current, pods, busy, history, nowMs: c.clock.now() });
  for (const [reason, message] of e.warnings) c.events.event(hpa, 'Warning', reason, message);
  const able = ableBy(['SucceededGetScale', "the HPA controller was able to get the target's current scale"]);
  if (e.desired === current) return report(c, hpa, { current, e, conditions: [able, ...e.conditions] });
  await c.client.update(target, { ...found, spec: { ...found.spec, replicas: e.desired } }, { subresource: 'scale' });
  history.scaled(current, e.desired, c.clock.now());
  c.events.event(hpa, 'Normal', 'SuccessfulRescale', `New size: ${e.desired}; reason: ${e.why}`);
  const rescaled = ableBy(['SucceededRescale', `the HPA controller was able to update the target scale to ${e.desired}`]);
  await report(c, hpa, { current, e, conditions: [...e.conditions.filter(x => x.type !== 'AbleToScale'), rescaled], rescaled: true });
}

const ableBy = ([reason, message]: readonly [string, string]): HpaCondition => ({ type: 'AbleToScale', status: 'True', reason, message });

async function missing(c: MemberContext, hpa: HorizontalPodAutoscaler, why: string): Promise<void> {
  const condition = {
    type: 'AbleToScale',
    status: 'False',
    reason: 'FailedGetScale',
    message: `the HPA controller was unable to get the target's current scale: ${why}`,
  };
  c.events.event(hpa, 'Warning', 'FailedGetScale', why);
  const conditions = withCondition(hpa.status?.conditions, condition, timestamp(c.clock.now()));
  await writeStatus(c.client, AUTOSCALERS, hpa, { desiredReplicas: 0, currentMetrics: null, ...hpa.status, conditions });
}

interface Report {
  readonly current: number;
  readonly e: Evaluation;
  readonly conditions: readonly HpaCondition[];
  readonly rescaled?: boolean;
}

async function report(c: MemberContext, hpa: HorizontalPodAutoscaler, r: Report): Promise<void> {
  const now = timestamp(c.clock.now());
  let conditions = [...(hpa.status?.conditions ?? [])];
  for (const condition of r.conditions) conditions = withCondition(conditions, condition, now);
  const { lastScaleTime, desiredReplicas = 0 } = hpa.status ?? {};
  const { generation } = hpa.metadata;
  const scaledAt = r.rescaled ? now : lastScaleTime;
  await writeStatus(c.client, AUTOSCALERS, hpa, {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(scaledAt ? { lastScaleTime: scaledAt } : {}),
    ...(r.current > 0 ? { currentReplicas: r.current } : {}),
    desiredReplicas: r.e.failed ? desiredReplicas : r.e.desired,
    currentMetrics: r.e.metrics.length > 0 ? r.e.metrics : null,
    conditions,
  });
}
