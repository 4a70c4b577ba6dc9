// Which pods' metrics count (as in the HorizontalPodAutoscaler): those that go or failed do not, those that start up count as idle, those without a sample as
// busy or idle, whichever changes less.
import { at, listOf, stringOf } from '../json.ts';
import type { AnyObject } from '../object.ts';
import { quantityMilliValue, quantityOfJson } from '../quantity.ts';
import { timeMillis } from '../time.ts';

/** Milli-units of a metric by pod name. */
export type PodMetrics = Map<string, number>;

export interface PodPeriods {
  readonly nowMs: number;
  readonly cpuInitializationMs: number;
  readonly initialReadinessDelayMs: number;
}

export interface PodGroups {
  readonly readyCount: number;
  readonly unready: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
}

export function groupPods(
  pods: readonly AnyObject[],
  metrics: ReadonlyMap<string, number>,
  o: { readonly cpu: boolean; readonly periods: PodPeriods },
): PodGroups {
  const unready = new Set<string>();
  const missing = new Set<string>();
  const ignored = new Set<string>();
  let readyCount = 0;
  for (const pod of pods) {
    const name = pod.metadata.name ?? '';
    const phase = stringOf(at(pod, 'status', 'phase'));
    if (pod.metadata.deletionTimestamp || phase === 'Failed') ignored.add(name);
    else if (phase === 'Pending') unready.add(name);
    else if (!metrics.has(name)) missing.add(name);
    else if (o.cpu && isStarting(pod, o.periods)) unready.add(name);
    else readyCount++;
  }
  return { readyCount, unready, missing, ignored };
}

const readyCondition = (pod: AnyObject): unknown => listOf(at(pod, 'status', 'conditions')).find(c => at(c, 'type') === 'Ready');

function isStarting(pod: AnyObject, { nowMs, cpuInitializationMs, initialReadinessDelayMs }: PodPeriods): boolean {
  const condition = readyCondition(pod);
  const started = timeMillis(at(pod, 'status', 'startTime'));
  if (!condition || started === undefined) return true;
  const isFalse = at(condition, 'status') === 'False';
  if (started + cpuInitializationMs > nowMs) return isFalse;
  const changed = timeMillis(at(condition, 'lastTransitionTime')) ?? 0;
  return isFalse && started + initialReadinessDelayMs > changed;
}

/** Milli-units that each pod requests, of one container or of all; throws where a container does not say. */
export function podRequests(pods: readonly AnyObject[], resource: string, container: string): Map<string, number> {
  return new Map(
    pods.map(pod => {
      const name = pod.metadata.name ?? '';
      let sum = 0;
      for (const c of listOf(at(pod, 'spec', 'containers'))) {
        if (container !== '' && at(c, 'name') !== container) continue;
        const request = at(c, 'resources', 'requests', resource);
        if (request === undefined)
          throw new Error(`missing request for ${resource} in container ${stringOf(at(c, 'name'))} of Pod ${name}`);
        sum += Number(quantityMilliValue(quantityOfJson(request)));
      }
      return [name, sum] as const;
    }),
  );
}

/** Pods that run and are ready. */
export function readyPodCount(pods: readonly AnyObject[]): number {
  if (pods.length === 0) throw new Error('unable to calculate ready pods: no pods returned by selector while calculating replica count');
  return pods.filter(pod => at(pod, 'status', 'phase') === 'Running' && at(readyCondition(pod), 'status') === 'True').length;
}
