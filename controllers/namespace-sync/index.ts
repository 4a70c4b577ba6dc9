// Wiring of the namespace sync controller.
import { type Cluster, clusterOverridePolicies, clusters, eventReasons, type OverridePolicy, works } from '../../crds/index.ts';
import { type AnyObject, type Change, controller, fromInformer, type Runnable } from '../../kube/index.ts';
import { namespaces } from '../cluster/execution-space.ts';
import type { ControllerContext } from '../context.ts';
import { skipRules } from '../detector/skip.ts';
import { mergeWork } from '../merge-work.ts';
import { allOrErrors, createOrUpdate } from '../writing.ts';
import { isPropagated, namespaceWork } from './build.ts';

export function namespaceSyncController(context: ControllerContext): Runnable {
  const { clock, log, informers, options } = context;
  const copy = informers.of(namespaces);
  const skip = skipRules({ apis: '', namespaces: options.skippedPropagatingNamespaces });
  const all = (): string[] => copy.list().map(({ metadata }) => metadata.name ?? '');
  return controller({
    ...context.runtime,
    name: 'namespace-sync-controller',
    sources: [
      fromInformer(copy, { when: ({ type }) => type !== 'deleted' }),
      fromInformer(informers.of(clusters), { when: ({ type }) => type === 'added', keys: all }),
      fromInformer(informers.of(clusterOverridePolicies), {
        when: ({ initial }) => !initial,
        keys: change => selectedNamespaces(change, all),
      }),
    ],
    async reconcile(key, signal) {
      const namespace = copy.get(key);
      if (namespace && isPropagated(namespace, skip.namespace)) await sync(context, namespace, signal);
    },
    clock,
    log,
    workers: options.concurrentNamespaceSyncs,
  });
}

/** Namespaces that a policy names; one without any selector names none. */
function selectedNamespaces({ object, old }: Change<OverridePolicy>, all: () => string[]): string[] {
  const selectors = [object, ...(old ? [old] : [])].flatMap(({ spec }) => spec.resourceSelectors ?? []);
  const names = selectors.filter(s => s.apiVersion === 'v1' && s.kind === 'Namespace').map(s => s.name ?? '');
  return names.includes('') ? all() : [...new Set(names)];
}

async function sync(context: ControllerContext, namespace: AnyObject, signal: AbortSignal): Promise<void> {
  const { hub, clock, informers, recorder } = context;
  const copies = { policies: informers.of(clusterOverridePolicies), works: informers.of(works), clusters: informers.of(clusters) };
  await Promise.all([copies.policies.synced, copies.works.synced, copies.clusters.synced]);
  const one = async (cluster: Cluster): Promise<void> => {
    const desired = namespaceWork({ namespace, cluster, policies: copies.policies.list() }, (type, message) => {
      const reason = type === 'Normal' ? eventReasons.applyOverridePolicySucceed : eventReasons.applyOverridePolicyFailed;
      recorder.event({ ...namespace, apiVersion: 'v1', kind: 'Namespace' }, type, reason, message);
    });
    const cached = copies.works.get({ namespace: desired.metadata.namespace ?? '', name: desired.metadata.name ?? '' });
    await createOrUpdate(
      { client: hub, clock, resource: works },
      desired,
      { cached, change: present => mergeWork(present, desired) },
      signal,
    );
  };
  await allOrErrors(
    copies.clusters
      .list()
      .filter(cluster => !cluster.metadata.deletionTimestamp)
      .map(cluster => () => one(cluster)),
  );
}
