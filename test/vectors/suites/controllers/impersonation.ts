// Who may use the proxy of a cluster, and the rules made of it.
import { impersonationRules, proxySubjects } from '../../../../controllers/index.ts';
import type { AnyObject } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly cluster: string;
  readonly clusterRoles?: readonly AnyObject[];
  readonly clusterRoleBindings?: readonly AnyObject[];
}

export const suite: Suite = {
  check(c) {
    const { cluster, clusterRoles = [], clusterRoleBindings = [] } = c.in as unknown as In;
    const subjects = proxySubjects(cluster, clusterRoles, clusterRoleBindings);
    return compareLoose({ subjects, rules: impersonationRules(subjects) }, c.out);
  },
};
