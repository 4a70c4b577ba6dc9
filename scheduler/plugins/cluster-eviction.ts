import type { SchedulerPlugin } from '../framework/plugin.ts';
import { nameOf } from '../types.ts';

/** Refuses clusters that the workload is being evicted from. */
export const clusterEviction: SchedulerPlugin = {
  name: 'ClusterEviction',
  filter: ({ spec }) => {
    const evicting = new Set((spec.gracefulEvictionTasks ?? []).map(task => task.fromCluster));
    return cluster => (evicting.has(nameOf(cluster)) ? 'cluster(s) is in the process of eviction' : undefined);
  },
};
