// Whether what a template reports is the answer of its members to what it wants now.
import type { ResourceBinding } from '../../crds/index.ts';
import { at } from '../../kube/index.ts';

/** Replicas of the template. */
export interface Counts {
  readonly wanted: number;
  readonly reported: number;
}

/** The scheduler and every member have caught up. Autoscalers keep no workload at 0: a member that reports none has not been heard yet. */
export function isCollected({ metadata, spec, status }: ResourceBinding, { wanted, reported }: Counts): boolean {
  if ((spec.replicas ?? 0) !== wanted || status?.schedulerObservedGeneration !== metadata.generation) return false;
  const items = status?.aggregatedStatus ?? [];
  if (items.length !== (spec.clusters ?? []).length) return false;
  const counts = items.map(item => Number(at(item.status, 'replicas') ?? 0));
  return counts.every(count => count > 0) && counts.reduce((sum, count) => sum + count, 0) === reported;
}
