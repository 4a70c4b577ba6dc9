// Which eviction tasks are done (specification §7.2): confirmed, timed out, or replaced by healthy copies everywhere.
import type { AggregatedStatusItem, GracefulEvictionTask, TargetCluster } from '../../crds/index.ts';

export interface Assessment {
  readonly tasks: readonly GracefulEvictionTask[];
  readonly clusters: readonly TargetCluster[];
  readonly aggregatedStatus: readonly AggregatedStatusItem[];
  /** The scheduler has seen the binding as it is. */
  readonly hasScheduled: boolean;
  readonly nowMs: number;
  /** RFC 3339 of now, for tasks without a time. */
  readonly now: string;
  readonly timeoutMs: number;
}

export interface Assessed {
  readonly kept: readonly GracefulEvictionTask[];
  /** Clusters of the tasks that are done. */
  readonly evicted: readonly string[];
}

export function assessTasks(a: Assessment): Assessed {
  const kept: GracefulEvictionTask[] = [];
  const evicted: string[] = [];
  for (const task of a.tasks) {
    if (!task.creationTimestamp) kept.push({ ...task, creationTimestamp: a.now });
    else if (isPending(task, a)) kept.push(task);
    else evicted.push(task.fromCluster);
  }
  return { kept, evicted };
}

function isPending(task: GracefulEvictionTask, a: Assessment): boolean {
  if (task.suppressDeletion !== undefined) return task.suppressDeletion;
  if (deadlineMs(task, a.timeoutMs) <= a.nowMs) return false;
  return !(a.hasScheduled && isHealthyEverywhere(a));
}

const isHealthyEverywhere = ({ clusters, aggregatedStatus }: Assessment): boolean =>
  clusters.every(({ name }) => aggregatedStatus.some(item => item.clusterName === name && item.health === 'Healthy'));

function deadlineMs({ creationTimestamp = '', gracePeriodSeconds }: GracefulEvictionTask, timeoutMs: number): number {
  return Date.parse(creationTimestamp) + (gracePeriodSeconds === undefined ? timeoutMs : gracePeriodSeconds * 1000);
}

/** Milliseconds until the first task times out; 0 where none does by itself. */
export function nextDeadline(tasks: readonly GracefulEvictionTask[], o: { readonly timeoutMs: number; readonly nowMs: number }): number {
  const times = tasks.filter(task => task.suppressDeletion === undefined).map(task => deadlineMs(task, o.timeoutMs) - o.nowMs);
  return times.length > 0 ? Math.min(...times) : 0;
}
