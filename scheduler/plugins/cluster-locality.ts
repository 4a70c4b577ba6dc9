import type { SchedulerPlugin } from '../framework/plugin.ts';
import { nameOf } from '../types.ts';

/** Prefers clusters where the workload already is. */
export const clusterLocality: SchedulerPlugin = {
  name: 'ClusterLocality',
  score:
    ({ targets }) =>
    cluster =>
      targets.has(nameOf(cluster)) ? 100 : 0,
};
