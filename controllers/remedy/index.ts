// Wiring of the remedy controller.
import { type Cluster, clusters, remedies } from '../../crds/index.ts';
import { controller, equal, fromInformer, keyOf, type Runnable } from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { updateFresh } from '../writing.ts';
import { remedyActions } from './actions.ts';

export function remedyController(context: ControllerContext): Runnable {
  const { hub, clock, log, informers } = context;
  const copy = informers.of(clusters);
  const rules = informers.of(remedies);
  const all = (): string[] => copy.list().map(({ metadata }) => metadata.name ?? '');
  return controller({
    ...context.runtime,
    name: 'remedy-controller',
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) =>
          type === 'added' ||
          !equal(object.status?.conditions, old?.status?.conditions) ||
          !equal(object.status?.remedyActions, old?.status?.remedyActions),
      }),
      fromInformer(rules, {
        keys: ({ object, old }) => {
          const versions = [object, ...(old ? [old] : [])];
          return versions.some(({ spec }) => !spec.clusterAffinity)
            ? all()
            : versions.flatMap(({ spec }) => spec.clusterAffinity?.clusterNames ?? []);
        },
      }),
    ],
    async reconcile(key, signal) {
      const cluster = copy.get(key);
      if (!cluster || cluster.metadata.deletionTimestamp) return;
      const change = (present: Cluster): Cluster => {
        const actions = remedyActions(present, rules.list());
        if (equal(actions, present.status?.remedyActions ?? [])) return present;
        const { remedyActions: _, ...status } = present.status ?? {};
        return { ...present, status: { ...status, ...(actions.length > 0 ? { remedyActions: actions } : {}) } };
      };
      await updateFresh(
        { client: hub, clock, resource: clusters },
        keyOf(cluster),
        { cached: cluster, change, subresource: 'status' },
        signal,
      );
    },
    clock,
    log,
  });
}
