import type { SchedulerPlugin } from '../framework/plugin.ts';
import { nameOf } from '../types.ts';

const APART = 'ResourceBinding with the same affinity group does not target this cluster';

/** Refuses clusters where a placed member of the same affinity group is not. */
export const workloadAffinity: SchedulerPlugin = {
  name: 'WorkloadAffinity',
  filter: ({ peers, targets }) => {
    const placed = peers.affinity.filter(p => p.targets.size > 0);
    return cluster => (targets.has(nameOf(cluster)) || placed.every(p => p.targets.has(nameOf(cluster))) ? undefined : APART);
  },
};
