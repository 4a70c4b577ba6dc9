// Taints by ClusterTaintPolicy.
import { conditionsHold, policyTaints } from '../../../../controllers/index.ts';
import type { Cluster, ClusterTaintPolicy } from '../../../../crds/index.ts';
import type { Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

export const suite: Suite = {
  check(c) {
    const { cluster, spec } = c.in as unknown as { cluster: Cluster; spec: ClusterTaintPolicy['spec'] };
    const got = {
      add: conditionsHold(cluster, spec.addOnConditions),
      remove: conditionsHold(cluster, spec.removeOnConditions),
      taints: policyTaints(cluster, spec, '2024-06-01T00:00:00Z'),
    };
    return compareLoose(got, c.out);
  },
};
