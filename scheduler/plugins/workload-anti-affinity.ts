import type { SchedulerPlugin } from '../framework/plugin.ts';
import { nameOf } from '../types.ts';

const TOGETHER = 'cluster already has workload with the same anti-affinity group';

/** Refuses clusters where another member of the same anti-affinity group is. */
export const workloadAntiAffinity: SchedulerPlugin = {
  name: 'WorkloadAntiAffinity',
  filter:
    ({ peers, targets }) =>
    cluster =>
      !targets.has(nameOf(cluster)) && peers.antiAffinity.some(p => p.targets.has(nameOf(cluster))) ? TOGETHER : undefined,
};
