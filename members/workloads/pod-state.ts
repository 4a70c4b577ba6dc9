// What the state of a pod means to its controller.
import { type Clock, timeMillis } from '../../kube/index.ts';
import type { Pod } from '../kinds.ts';

export const hasEnded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
/** Counts as one of the wanted replicas. */
export const isActive = (pod: Pod): boolean => !hasEnded(pod) && !isTerminating(pod);

const readyCondition = (pod: Pod) => pod.status?.conditions?.find(c => c.type === 'Ready');

export const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True';

/** Milliseconds until the pod has been ready for long enough; 0 = available, undefined = not ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, clock: Clock): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = timeMillis(readyCondition(pod)?.lastTransitionTime) ?? clock.now();
  return Math.max(0, since + minReadySeconds * 1000 - clock.now());
}

export interface PodCounts {
  readonly ready: number;
  readonly available: number;
  /** When the next pod becomes available by mere waiting. */
  readonly nextInMs?: number;
}

/** Ready and available ones among the pods. */
export function countPods(pods: readonly Pod[], minReadySeconds: number, clock: Clock): PodCounts {
  const waits = pods.map(pod => availableInMs(pod, minReadySeconds, clock));
  const later = waits.filter((ms): ms is number => ms !== undefined && ms > 0);
  return {
    ready: waits.filter(ms => ms !== undefined).length,
    available: waits.filter(ms => ms === 0).length,
    ...(later.length > 0 ? { nextInMs: Math.min(...later) } : {}),
  };
}

/** Which pods go first when there are too many: those without a node, pending ones, ones that are not ready, then the youngest. */
export function byWorth(a: Pod, b: Pod): number {
  const rank = (pod: Pod): number => (pod.spec.nodeName ? 4 : 0) + (pod.status?.phase === 'Running' ? 2 : 0) + (isReady(pod) ? 1 : 0);
  const cost = (pod: Pod): number => Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;
  const age = (pod: Pod): number => timeMillis(pod.metadata.creationTimestamp) ?? 0;
  return rank(a) - rank(b) || cost(a) - cost(b) || age(b) - age(a) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '');
}
