// Wiring of the unified auth controller.
import {
  type Cluster,
  clusters,
  eventReasons,
  executionSpace,
  finalizers,
  IMPERSONATOR,
  labels,
  type Work,
  workName,
  works,
} from '../../crds/index.ts';
import { type AnyObject, type Change, controller, equal, fromInformer, type Runnable, resource } from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { preparedManifest } from '../manifest.ts';
import { mergeWork } from '../merge-work.ts';
import { allOrErrors, createOrUpdate } from '../writing.ts';
import { grantsProxy, impersonationRules, proxySubjects } from './subjects.ts';

const RBAC = 'rbac.authorization.k8s.io';
const clusterRoles = resource({ group: RBAC, version: 'v1', kind: 'ClusterRole', plural: 'clusterroles', scope: 'Cluster' });
const clusterRoleBindings = resource({
  group: RBAC,
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  scope: 'Cluster',
});

export function unifiedAuthController(context: ControllerContext): Runnable {
  const { clock, log, informers } = context;
  const copy = informers.of(clusters);
  const roles = informers.of(clusterRoles);
  const bindings = informers.of(clusterRoleBindings);
  const opened = (role: AnyObject): string[] =>
    copy
      .list()
      .map(({ metadata }) => metadata.name ?? '')
      .filter(name => grantsProxy(role, name));
  const ofRole = ({ object, old }: Change<AnyObject>): string[] => [...new Set([object, ...(old ? [old] : [])].flatMap(opened))];
  const ofBinding = ({ object, old }: Change<AnyObject>): string[] =>
    [object, ...(old ? [old] : [])].flatMap(binding => {
      const role = roles.get(String((binding['roleRef'] as { name?: string } | undefined)?.name));
      return role ? opened(role) : [];
    });
  const said = (o: AnyObject | undefined): unknown[] => [o?.['rules'], o?.['subjects'], o?.['roleRef']];
  const isNews = ({ type, initial, object, old }: Change<AnyObject>): boolean =>
    !initial && (type !== 'updated' || !equal(said(old), said(object)));
  return controller({
    ...context.runtime,
    name: 'unified-auth-controller',
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) => type === 'added' || !equal(object.spec.impersonatorSecretRef, old?.spec.impersonatorSecretRef),
      }),
      fromInformer(roles, { when: isNews, keys: ofRole }),
      fromInformer(bindings, { when: isNews, keys: ofBinding }),
    ],
    async reconcile(key, signal) {
      const cluster = copy.get(key);
      if (!cluster?.spec.impersonatorSecretRef || cluster.metadata.deletionTimestamp) return;
      const subjects = proxySubjects(key, roles.list(), bindings.list());
      await syncReporting(context, cluster, impersonationRules(subjects), signal);
    },
    clock,
    log,
  });
}

async function syncReporting(context: ControllerContext, cluster: Cluster, rules: readonly unknown[], signal: AbortSignal): Promise<void> {
  const { recorder } = context;
  try {
    const manifests = [role(rules), roleBinding(cluster)];
    await allOrErrors(manifests.map(manifest => () => writeWork(context, cluster, manifest, signal)));
    recorder.event(cluster, 'Normal', eventReasons.syncImpersonationConfigSucceed, 'Sync impersonation config succeed.');
  } catch (error) {
    if (!signal.aborted)
      recorder.event(
        cluster,
        'Warning',
        eventReasons.syncImpersonationConfigFailed,
        `Sync impersonation config failed: ${(error as Error).message}`,
      );
    throw error;
  }
}

const metadata = { name: IMPERSONATOR, labels: { [labels.system]: 'true' } };

const role = (rules: readonly unknown[]): AnyObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata,
  rules: rules.length > 0 ? rules : null,
});

const roleBinding = ({ spec }: Cluster): AnyObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRoleBinding',
  metadata,
  subjects: [{ kind: 'ServiceAccount', name: IMPERSONATOR, namespace: spec.impersonatorSecretRef?.namespace ?? '' }],
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: IMPERSONATOR },
});

async function writeWork(
  { hub, clock, informers }: ControllerContext,
  cluster: Cluster,
  manifest: AnyObject,
  signal: AbortSignal,
): Promise<void> {
  const { name = '', uid = '' } = cluster.metadata;
  const address = { namespace: executionSpace(name), name: workName(manifest.kind, IMPERSONATOR) };
  const desired: Work = {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: {
      ...address,
      finalizers: [finalizers.execution],
      ownerReferences: [
        { apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: { workload: { manifests: [preparedManifest(manifest, address, '')] } },
  };
  const cached = informers.of(works).get(address);
  await createOrUpdate(
    { client: hub, clock, resource: works },
    desired,
    { cached, change: present => mergeWork(present, desired) },
    signal,
  );
}
