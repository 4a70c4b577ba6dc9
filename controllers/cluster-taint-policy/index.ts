// Wiring of the cluster taint policy controller.
import { type Cluster, clusters, clusterTaintPolicies, eventReasons, gateEnabled } from '../../crds/index.ts';
import { controller, equal, fromInformer, keyOf, type Runnable, timestamp } from '../../kube/index.ts';
import { taintsText } from '../cluster/taints.ts';
import { matchesAffinity } from '../cluster-affinity.ts';
import type { ControllerContext } from '../context.ts';
import { policyTaints } from './match.ts';

export function clusterTaintPolicyController(context: ControllerContext): Runnable[] {
  const { clock, log, informers, gates } = context;
  if (!gateEnabled(gates, 'Failover')) return [];
  const copy = informers.of(clusters);
  const policies = informers.of(clusterTaintPolicies);
  return [
    controller({
      ...context.runtime,
      name: 'cluster-taint-policy-controller',
      sources: [
        fromInformer(copy, {
          when: ({ type, object, old }) => type === 'added' || !equal(object.status?.conditions, old?.status?.conditions),
        }),
        fromInformer(policies, {
          when: ({ type, object, old }) => type === 'added' || (type === 'updated' && !equal(object.spec, old?.spec)),
          keys: ({ object }) =>
            copy
              .list()
              .filter(cluster => !object.spec.targetClusters || matchesAffinity(cluster, object.spec.targetClusters))
              .map(({ metadata }) => metadata.name ?? ''),
        }),
      ],
      async reconcile(key, signal) {
        const cluster = copy.get(key);
        if (cluster && !cluster.metadata.deletionTimestamp) await taint(context, cluster, signal);
      },
      clock,
      log,
    }),
  ];
}

async function taint({ hub, clock, recorder, informers }: ControllerContext, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const now = timestamp(clock.now());
  const present = cluster.spec.taints ?? [];
  const policies = informers
    .of(clusterTaintPolicies)
    .list()
    .filter(({ spec }) => !spec.targetClusters || matchesAffinity(cluster, spec.targetClusters))
    .sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1));
  const taints = policies.reduce(
    (list, { spec }) => policyTaints({ ...cluster, spec: { ...cluster.spec, taints: list } }, spec, now),
    present,
  );
  if (equal(taints, present)) return;
  const { name } = cluster.metadata;
  const text = taints.length > 0 ? `cluster now has taints([${taintsText(taints)}])` : 'cluster now does not have taints';
  try {
    const body = { metadata: { resourceVersion: cluster.metadata.resourceVersion }, spec: { taints } };
    await hub.patch(clusters, keyOf(cluster), { type: 'merge', body }, { signal });
    recorder.event(cluster, 'Normal', eventReasons.taintClusterSucceed, `Update Cluster(${name}) with taints(${text}) succeed`);
  } catch (error) {
    recorder.event(
      cluster,
      'Warning',
      eventReasons.taintClusterFailed,
      `Update Cluster(${name}) with taints(${text}) failed: ${(error as Error).message}`,
    );
    throw error;
  }
}
