// Wiring of the cluster status controller.
import { CLUSTER_NAMESPACE, type Cluster, type ClusterStatus, clusters, conditionTypes, finalizers } from '../../crds/index.ts';
import { type Clock, equal, fromInformer, keyOf, Metrics, type ReconcileResult, type Runnable, timestamp } from '../../kube/index.ts';
import { leases } from '../cluster/index.ts';
import { conditionOf, withCondition } from '../condition.ts';
import type { ControllerContext } from '../context.ts';
import { ANOTHER_CLUSTER } from '../member-identity.ts';
import { memberLanes } from '../member-lanes.ts';
import type { Member } from '../members.ts';
import { statusDuration } from '../operation-metrics.ts';
import { createOrUpdate, updateFresh } from '../writing.ts';
import { collectStatus } from './collect.ts';
import { probe, strangerAt } from './probe.ts';
import { anotherCluster, notCollected, type ReadyCondition, ReadyThreshold, readyCondition } from './ready-condition.ts';

const COLLECT_TIMEOUT_MS = 30_000;

export function clusterStatusController(context: ControllerContext): Runnable {
  const { clock, log, informers, members, options } = context;
  const copy = informers.of(clusters);
  const threshold = new ReadyThreshold({ successMs: options.clusterSuccessThresholdMs, failureMs: options.clusterFailureThresholdMs });
  const timed = statusDuration(context.runtime.metrics ?? new Metrics(), clock);
  const again: ReconcileResult = { requeueAfterMs: options.clusterStatusUpdateFrequencyMs };
  return memberLanes({
    ...context.runtime,
    name: 'cluster-status-controller',
    memberOf: key => key,
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) =>
          type !== 'updated' || object.metadata.generation !== old?.metadata.generation || !hasFinalizer(old),
      }),
    ],
    async reconcile(key, signal) {
      const cluster = copy.get(key);
      if (!cluster) {
        members.drop(key);
        threshold.forget(key);
        return undefined;
      }
      if (!members.serves(cluster)) return undefined;
      if (!hasFinalizer(cluster)) return again;
      await timed(key, () => syncStatus(context, cluster, threshold, signal));
      return again;
    },
    clock,
    log,
    workers: options.concurrentClusterSyncs,
  });
}

const hasFinalizer = (cluster: Cluster | undefined): boolean => cluster?.metadata.finalizers?.includes(finalizers.cluster) ?? false;

async function syncStatus(context: ControllerContext, cluster: Cluster, threshold: ReadyThreshold, signal: AbortSignal): Promise<void> {
  const { clock, members } = context;
  let member: Member;
  try {
    member = members.require(cluster);
  } catch (error) {
    await publish(context, cluster, withReady(notCollected(error as Error), clock), signal);
    return;
  }
  const observed = await observe(member, clock, signal);
  if (cluster.spec.syncMode === 'Pull') await renewLease(context, cluster, signal);
  const published = conditionOf(cluster.status?.conditions, conditionTypes.clusterReady)?.status;
  const isDue = threshold.permits(cluster.metadata.name ?? '', { observed: observed.status, published, nowMs: clock.monotonic() });
  // That another cluster answers will not mend itself by waiting.
  const due = isDue || observed.reason === ANOTHER_CLUSTER;
  const status = due ? observed.status : published;
  const base = due ? withReady(observed, clock) : (present: Cluster): ClusterStatus => present.status ?? {};
  if (observed.status !== 'True' || status !== 'True') {
    await publish(context, cluster, base, signal);
    return;
  }
  const collected = await collectInTime(context, cluster, member, signal);
  await publish(
    context,
    cluster,
    present => ({ ...base(present), ...collected, conditions: merged(base(present), collected, clock) }),
    signal,
  );
}

async function observe(member: Member, clock: Clock, signal: AbortSignal): Promise<ReadyCondition> {
  const probed = await probe(member.client, clock, signal);
  const stranger = probed.online ? await strangerAt(member.identity, clock, signal) : undefined;
  return stranger ? anotherCluster(stranger) : readyCondition(probed);
}

type StatusOf = (present: Cluster) => ClusterStatus;

const withReady =
  (condition: ReadyCondition, clock: Clock): StatusOf =>
  present => ({ ...present.status, conditions: withCondition(present.status?.conditions ?? [], condition, timestamp(clock.now())) });

/** The Ready condition as it shall be published, the other one as it was collected. */
function merged(base: ClusterStatus, collected: ClusterStatus, clock: Clock): NonNullable<ClusterStatus['conditions']> {
  const complete = conditionOf(collected.conditions, conditionTypes.clusterCompleteAPIEnablements);
  return complete ? withCondition(base.conditions ?? [], complete, timestamp(clock.now())) : (base.conditions ?? []);
}

async function collectInTime(context: ControllerContext, cluster: Cluster, member: Member, signal: AbortSignal): Promise<ClusterStatus> {
  const { clock, gates, options } = context;
  const limit = new AbortController();
  const timer = clock.after(COLLECT_TIMEOUT_MS, () =>
    limit.abort(new Error(`collecting the status of cluster ${member.name} took too long`)),
  );
  try {
    const now = timestamp(clock.now());
    const both = AbortSignal.any([signal, limit.signal]);
    const {
      conditions,
      remedyActions: _,
      ...rest
    } = await collectStatus(cluster, member, { gates, resourceModeling: options.enableClusterResourceModeling, now }, both);
    return { ...rest, ...(conditions ? { conditions } : {}) };
  } finally {
    timer.cancel();
  }
}

async function publish({ hub, clock }: ControllerContext, cluster: Cluster, statusOf: StatusOf, signal: AbortSignal): Promise<void> {
  const change = (present: Cluster): Cluster => {
    const status = statusOf(present);
    return equal(status, present.status ?? {}) ? present : { ...present, status };
  };
  await updateFresh({ client: hub, clock, resource: clusters }, keyOf(cluster), { cached: cluster, change, subresource: 'status' }, signal);
}

async function renewLease({ hub, clock, options }: ControllerContext, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const name = cluster.metadata.name ?? '';
  const renewTime = `${new Date(clock.now()).toISOString().slice(0, 23)}000Z`;
  const spec = { holderIdentity: name, leaseDurationSeconds: Math.round(options.clusterLeaseDurationMs / 1000), renewTime };
  const owner = { apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster', name, uid: cluster.metadata.uid ?? '' };
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: CLUSTER_NAMESPACE, name, ownerReferences: [owner] },
    spec,
  };
  await createOrUpdate({ client: hub, clock, resource: leases }, lease, { change: present => ({ ...present, spec }) }, signal);
}
