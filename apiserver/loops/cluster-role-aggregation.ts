// A ClusterRole with an aggregationRule holds the rules of all ClusterRoles that its selectors choose, in the order of their
// names and each rule once; rules written by hand are replaced.
import {
  type AnyObject,
  at,
  controller,
  equal,
  isObject,
  isStatusError,
  type LabelSelector,
  labelSelector,
  listOf,
  type Resource,
  type Runnable,
  resource,
} from '../../kube/index.ts';
import { changesOf, needed, present } from './collection-source.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';

const ROLES: Resource<AnyObject> = resource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
});

export function clusterRoleAggregationLoop({ core, log }: LoopOptions): Runnable {
  const roles = needed(core, ROLES.group, ROLES.plural);
  const client = loopClient(core, 'clusterrole-aggregation-controller');
  const collecting = (): string[] =>
    present(roles)
      .filter(r => isObject(r['aggregationRule']))
      .map(r => r.metadata.name ?? '');
  return controller({
    name: 'clusterrole-aggregation',
    sources: [changesOf(roles, { deletions: true, keys: collecting })],
    clock: core.plane.clock,
    ...(log ? { log } : {}),
    async reconcile(name) {
      const role = roles.collection.get('', name)?.object;
      if (!role || !isObject(role['aggregationRule'])) return;
      const rules = aggregated(role, present(roles));
      if (equal(rules, listOf(role['rules']))) return;
      try {
        await client.update(ROLES, { ...role, rules });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    },
  });
}

/** The rules that the role collects from the others. */
function aggregated(role: AnyObject, roles: readonly AnyObject[]): unknown[] {
  const selectors = listOf(at(role, 'aggregationRule', 'clusterRoleSelectors')).map(s => labelSelector(s as LabelSelector));
  const chosen = roles
    .filter(r => r.metadata.name !== role.metadata.name && selectors.some(s => s.matches(r.metadata.labels ?? {})))
    .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  const rules: unknown[] = [];
  for (const rule of chosen.flatMap(r => listOf(r['rules']))) if (!rules.some(known => equal(known, rule))) rules.push(rule);
  return rules;
}
