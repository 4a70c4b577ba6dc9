// Wiring of the MultiClusterService controller (specification §8.12): tells providers to report their EndpointSlices, and brings the Service to all clusters.
import {
  type Cluster,
  clusterOfExecutionSpace,
  clusters,
  conditionReasons,
  conditionTypes,
  eventReasons,
  executionSpace,
  finalizers,
  labels,
  type MultiClusterService,
  multiClusterServices,
  type Work,
  works,
} from '../../crds/index.ts';
import {
  type Change,
  controller,
  type Evidence,
  equal,
  fromInformer,
  keyOf,
  keyText,
  notWantedBy,
  ownerIsTerminating,
  type Runnable,
} from '../../kube/index.ts';
import { deleteWork } from '../binding/orphans.ts';
import { byKey } from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { release, reportsOf } from '../endpoint-slices/collection.ts';
import { services } from '../endpoint-slices/slices.ts';
import { mergeWork } from '../merge-work.ts';
import { allOrErrors, createOrUpdate, updateFresh } from '../writing.ts';
import { clustersOf, isCrossCluster, obstacle } from './clusters.ts';
import { letGoOfService, propagateService } from './propagate.ts';
import { carriesService, providerWork, sliceReports } from './reports.ts';
import { setServiceCondition } from './status.ts';

type Find = (id: string) => readonly Work[];

export function multiClusterServiceController(context: ControllerContext): Runnable {
  const { clock, log, informers } = context;
  const copy = informers.of(multiClusterServices);
  const worksOf: Find = informers.of(works).indexed(({ metadata }) => {
    const id = metadata.labels?.[labels.multiClusterServiceId];
    return id ? [id] : [];
  });
  return controller({
    ...context.runtime,
    name: 'multiclusterservice-controller',
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) =>
          type === 'added' ||
          (type === 'updated' && !equal([object.spec, object.metadata.deletionTimestamp], [old?.spec, old?.metadata.deletionTimestamp])),
      }),
      fromInformer(informers.of(services), { when: ({ object }) => copy.get(keyOf(object)) !== undefined }),
      fromInformer(informers.of(clusters), { when: takesPartNow, keys: () => copy.list().map(service => keyText(keyOf(service))) }),
    ],
    async reconcile(key, signal) {
      const service = byKey(copy, key);
      if (!service) return;
      await Promise.all([informers.of(works).synced, informers.of(clusters).synced]);
      if (service.metadata.deletionTimestamp) await letGo(context, service, { worksOf, because: ownerIsTerminating(service) }, signal);
      else if (isCrossCluster(service)) await sync(context, service, worksOf, signal);
      else {
        const because = notWantedBy(service, { wanted: new Set(service.spec.types), item: 'CrossCluster' });
        await letGo(context, service, { worksOf, because }, signal);
      }
    },
    clock,
    log,
  });
}

/** Clusters that came, went, or can take part now and could not before. */
export function takesPartNow({ type, object, old }: Change<Cluster>): boolean {
  if (type !== 'updated') return true;
  const name = object.metadata.name ?? '';
  return obstacle(name, object, 'Provider')?.reason !== obstacle(name, old, 'Provider')?.reason;
}

async function sync(context: ControllerContext, service: MultiClusterService, worksOf: Find, signal: AbortSignal): Promise<void> {
  const { informers, recorder, hub, clock } = context;
  const fresh = await withFinalizer(context, service, signal);
  const all = informers.of(clusters).list();
  const providers = clustersOf(fresh, 'Provider', all);
  try {
    await dropFormerProviders(context, fresh, { providers, worksOf }, signal);
    await allOrErrors(
      providers.map(name => async () => {
        const why = obstacle(name, informers.of(clusters).get(name), 'Provider');
        if (why) return recorder.event(fresh, 'Warning', why.reason, why.message);
        const desired = providerWork(fresh, name);
        const cached = informers.of(works).get(keyOf(desired));
        const change = (present: Work): Work => mergeWork(present, desired);
        await createOrUpdate({ client: hub, clock, resource: works }, desired, { cached, change }, signal);
      }),
    );
    const names = [...new Set([...providers, ...clustersOf(fresh, 'Consumer', all)])].sort();
    await propagateService(context, fresh, names, signal);
  } catch (error) {
    signal.throwIfAborted();
    const message = (error as Error).message;
    recorder.event(fresh, 'Warning', eventReasons.syncServiceFailed, message);
    const reason = conditionReasons.serviceAppliedFailed;
    await setServiceCondition(context, fresh, { type: conditionTypes.serviceApplied, status: 'False', reason, message }, signal);
    throw error;
  }
  const message = 'Service is propagated to target clusters.';
  const reason = conditionReasons.serviceAppliedSucceed;
  await setServiceCondition(context, fresh, { type: conditionTypes.serviceApplied, status: 'True', reason, message }, signal);
  recorder.event(fresh, 'Normal', eventReasons.syncServiceSucceed, message);
}

async function withFinalizer(
  { hub, clock }: ControllerContext,
  service: MultiClusterService,
  signal: AbortSignal,
): Promise<MultiClusterService> {
  const change = (present: MultiClusterService): MultiClusterService => {
    const list = present.metadata.finalizers ?? [];
    if (list.includes(finalizers.multiClusterService) || present.metadata.deletionTimestamp) return present;
    return { ...present, metadata: { ...present.metadata, finalizers: [...list, finalizers.multiClusterService] } };
  };
  const target = { client: hub, clock, resource: multiClusterServices };
  return (await updateFresh(target, keyOf(service), { cached: service, change }, signal))?.object ?? service;
}

async function dropFormerProviders(
  context: ControllerContext,
  service: MultiClusterService,
  { providers, worksOf }: { readonly providers: readonly string[]; readonly worksOf: Find },
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set(providers.map(executionSpace));
  const former = providerWorks(service, worksOf).filter(({ metadata }) => !wanted.has(metadata.namespace ?? ''));
  await allOrErrors(
    former.map(work => () => {
      const because = notWantedBy(service, { wanted, item: work.metadata.namespace ?? '' });
      return dropProvider(context, service, { work, because }, signal);
    }),
  );
}

function providerWorks({ metadata }: MultiClusterService, worksOf: Find): Work[] {
  const id = metadata.labels?.[labels.multiClusterServiceId];
  return id ? worksOf(id).filter(work => carriesService(work) && !work.metadata.deletionTimestamp) : [];
}

async function dropProvider(
  context: ControllerContext,
  { metadata }: MultiClusterService,
  { work, because }: { readonly work: Work; readonly because: Evidence },
  signal: AbortSignal,
): Promise<void> {
  const cluster = clusterOfExecutionSpace(work.metadata.namespace ?? '') ?? '';
  const reports = reportsOf(context, sliceReports, { cluster, namespace: metadata.namespace ?? '', name: metadata.name ?? '' });
  await allOrErrors(reports.map(report => () => release(context, sliceReports, { work: report, because }, signal)));
  await deleteWork(context.hub, work, because, signal);
}

async function letGo(
  context: ControllerContext,
  service: MultiClusterService,
  { worksOf, because }: { readonly worksOf: Find; readonly because: Evidence },
  signal: AbortSignal,
): Promise<void> {
  if (!service.metadata.finalizers?.includes(finalizers.multiClusterService)) return;
  await letGoOfService(context, service, signal);
  await allOrErrors(providerWorks(service, worksOf).map(work => () => dropProvider(context, service, { work, because }, signal)));
  const change = (present: MultiClusterService): MultiClusterService => ({
    ...present,
    metadata: { ...present.metadata, finalizers: (present.metadata.finalizers ?? []).filter(f => f !== finalizers.multiClusterService) },
  });
  const target = { client: context.hub, clock: context.clock, resource: multiClusterServices };
  await updateFresh(target, keyOf(service), { cached: service, change }, signal);
}
