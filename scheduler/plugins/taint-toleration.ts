import { firstUntolerated, taintText } from '../../estimator/index.ts';
import type { SchedulerPlugin } from '../framework/plugin.ts';
import { nameOf } from '../types.ts';

/** Refuses clusters with a NoSchedule or NoExecute taint that the placement does not tolerate. */
export const taintToleration: SchedulerPlugin = {
  name: 'TaintToleration',
  filter:
    ({ placement, targets }) =>
    cluster => {
      const { taints } = cluster.spec ?? {};
      if (!taints?.length || targets.has(nameOf(cluster))) return undefined;
      const taint = firstUntolerated(taints, placement.clusterTolerations);
      return taint && `cluster(s) had untolerated taint {${taintText(taint)}}`;
    },
};
