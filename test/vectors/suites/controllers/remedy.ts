// Actions that Remedies ask for.
import { remedyActions } from '../../../../controllers/index.ts';
import type { Cluster, Remedy } from '../../../../crds/index.ts';
import type { Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

export const suite: Suite = {
  check(c) {
    const { cluster, remedies = [] } = c.in as unknown as { cluster: Cluster; remedies?: readonly Remedy[] };
    return compareLoose({ actions: remedyActions(cluster, remedies) }, c.out);
  },
};
