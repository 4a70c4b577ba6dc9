// Wiring of the cluster controller and of the monitor of pull clusters.
import {
  CLUSTER_NAMESPACE,
  type Cluster,
  clusterResourceBindings,
  clusters,
  conditionTypes,
  eventReasons,
  executionSpace,
  finalizers,
  resourceBindings,
  type Work,
  works,
} from '../../crds/index.ts';
import {
  controller,
  equal,
  fromInformer,
  getOrUndefined,
  keyOf,
  periodic,
  type ReconcileResult,
  type Runnable,
  resource,
  timestamp,
} from '../../kube/index.ts';
import { isTrue, withCondition } from '../condition.ts';
import type { ControllerContext } from '../context.ts';
import { allOrErrors, updateFresh } from '../writing.ts';
import { ensureExecutionSpace, removeExecutionSpace } from './execution-space.ts';
import { ClusterMonitor } from './monitor.ts';
import { taintedText, taintsByCondition } from './taints.ts';

const REMOVAL_POLL_MS = 10_000;
export const leases = resource({ group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', scope: 'Namespaced' });

export function clusterControllers(context: ControllerContext): Runnable[] {
  const { clock, log, informers, options } = context;
  const copy = informers.of(clusters);
  const monitor = new ClusterMonitor({ graceMs: options.clusterMonitorGracePeriodMs, startupGraceMs: options.clusterStartupGracePeriodMs });
  return [
    controller({
      ...context.runtime,
      name: 'cluster-controller',
      sources: [fromInformer(copy)],
      async reconcile(key, signal) {
        const cluster = copy.get(key);
        if (!cluster) {
          monitor.forget(key);
          return undefined;
        }
        return cluster.metadata.deletionTimestamp ? remove(context, cluster, signal) : sync(context, cluster, signal);
      },
      clock,
      log,
      workers: options.concurrentClusterSyncs,
    }),
    periodic({ name: 'cluster-monitor', everyMs: options.clusterMonitorPeriodMs, clock, log }, signal =>
      watchOver(context, monitor, signal),
    ),
  ];
}

async function sync(context: ControllerContext, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const { hub, clock, recorder } = context;
  await ensureExecutionSpace(hub, recorder, cluster, signal);
  const target = { client: hub, clock, resource: clusters };
  const key = keyOf(cluster);
  const now = timestamp(clock.now());
  const taint = (present: Cluster): Cluster => {
    const taints = taintsByCondition(present, now);
    return equal(taints, present.spec.taints ?? []) ? present : { ...present, spec: { ...present.spec, taints } };
  };
  const tainted = await updateFresh(target, key, { cached: cluster, change: taint }, signal).catch((error: unknown) => {
    recorder.event(cluster, 'Warning', eventReasons.taintClusterFailed, `Taint cluster failed: ${(error as Error).message}`);
    throw error;
  });
  if (tainted?.changed) recorder.event(cluster, 'Normal', eventReasons.taintClusterSucceed, taintedText(tainted.object.spec.taints ?? []));
  const finalize = ({ metadata, ...rest }: Cluster): Cluster => ({
    ...rest,
    metadata: { ...metadata, finalizers: [...(metadata.finalizers ?? []), finalizers.cluster] },
  });
  const change = (present: Cluster): Cluster => (present.metadata.finalizers?.includes(finalizers.cluster) ? present : finalize(present));
  await updateFresh(target, key, { cached: tainted?.object, change }, signal);
}

async function remove(context: ControllerContext, cluster: Cluster, signal: AbortSignal): Promise<ReconcileResult | void> {
  const { hub, clock, recorder, members } = context;
  const name = cluster.metadata.name ?? '';
  if (!cluster.metadata.finalizers?.includes(finalizers.cluster)) return;
  if (cluster.spec.syncMode === 'Pull' && !isTrue(cluster.status?.conditions, conditionTypes.clusterReady))
    await releaseWorks(context, cluster, signal);
  const gone = await removeExecutionSpace(hub, recorder, cluster, signal);
  if (!gone || (await isMentioned(context, name))) return { requeueAfterMs: REMOVAL_POLL_MS };
  const change = (present: Cluster): Cluster => ({
    ...present,
    metadata: { ...present.metadata, finalizers: (present.metadata.finalizers ?? []).filter(f => f !== finalizers.cluster) },
  });
  await updateFresh({ client: hub, clock, resource: clusters }, keyOf(cluster), { cached: cluster, change }, signal);
  members.drop(name);
}

/** An unreachable agent will never finish its Works. */
async function releaseWorks({ hub, clock }: ControllerContext, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const { items } = await hub.list(works, { namespace: executionSpace(cluster.metadata.name ?? ''), signal });
  const change = (present: Work): Work => ({
    ...present,
    metadata: { ...present.metadata, finalizers: (present.metadata.finalizers ?? []).filter(f => f !== finalizers.execution) },
  });
  await allOrErrors(
    items
      .filter(work => work.metadata.finalizers?.includes(finalizers.execution))
      .map(work => () => updateFresh({ client: hub, clock, resource: works }, keyOf(work), { cached: work, change }, signal)),
  );
}

/** Whether a binding still lists the cluster. */
async function isMentioned({ informers }: ControllerContext, name: string): Promise<boolean> {
  const copies = [informers.of(resourceBindings), informers.of(clusterResourceBindings)];
  await Promise.all(copies.map(copy => copy.synced));
  return copies.some(copy => copy.list().some(binding => binding.spec.clusters?.some(target => target.name === name)));
}

async function watchOver(context: ControllerContext, monitor: ClusterMonitor, signal: AbortSignal): Promise<void> {
  const { hub, clock, informers } = context;
  const copy = informers.of(clusters);
  await copy.synced;
  for (const cluster of copy.list()) {
    if (cluster.spec.syncMode !== 'Pull') continue;
    const lease = await getOrUndefined(hub, leases, { namespace: CLUSTER_NAMESPACE, name: cluster.metadata.name ?? '' }, { signal });
    const condition = monitor.silence(cluster, lease, clock.monotonic());
    if (!condition) continue;
    const change = (present: Cluster): Cluster => {
      const current = present.status?.conditions ?? [];
      const conditions = withCondition(current, condition, timestamp(clock.now()));
      return conditions === current ? present : { ...present, status: { ...present.status, conditions } };
    };
    await updateFresh({ client: hub, clock, resource: clusters }, keyOf(cluster), { change, subresource: 'status' }, signal);
  }
}
