// Wiring of the dispatching controller (specification §8.12): each EndpointSlice that a provider reported goes to every consumer of its MultiClusterService.
import {
  annotations,
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
import { dropFinalizer } from '../endpoint-slices/collection.ts';
import { mergeWork } from '../merge-work.ts';
import { clustersOf, obstacle } from '../multi-cluster-service/clusters.ts';
import { takesPartNow } from '../multi-cluster-service/index.ts';
import { setServiceCondition } from '../multi-cluster-service/status.ts';
import { allOrErrors, createOrUpdate } from '../writing.ts';
import { dispatchedWork } from './dispatched.ts';

/** Reports of providers; what was dispatched says where it came from. */
const isReport = ({ metadata }: Work): boolean =>
  (metadata.finalizers ?? []).includes(finalizers.endpointSliceDispatch) &&
  metadata.annotations?.[annotations.provisionCluster] === undefined;

function serviceKeyOf({ metadata }: Work): string | undefined {
  const namespace = metadata.labels?.[labels.multiClusterServiceNamespace];
  const name = metadata.labels?.[labels.multiClusterServiceName];
  return namespace && name ? `${namespace}/${name}` : undefined;
}

const providerOf = ({ metadata }: Work): string => clusterOfExecutionSpace(metadata.namespace ?? '') ?? '';

export function endpointSliceDispatchController(context: ControllerContext): Runnable {
  const { clock, log, informers } = context;
  const copy = informers.of(works);
  const servicesCopy = informers.of(multiClusterServices);
  const reportsOf = copy.indexed(work => (isReport(work) ? [serviceKeyOf(work) ?? ''] : []));
  const dispatchedOf = copy.indexed(({ metadata }) => {
    const provider = metadata.annotations?.[annotations.provisionCluster];
    return provider ? [`${provider}/${metadata.name}`] : [];
  });
  const keys = (found: readonly Work[]): string[] => found.map(work => keyText(keyOf(work)));
  return controller({
    ...context.runtime,
    name: 'endpointslice-dispatch-controller',
    sources: [
      fromInformer(copy, { when: ({ type, object }) => type !== 'deleted' && isReport(object) }),
      fromInformer(servicesCopy, {
        when: ({ type, object, old }) => type === 'added' || !equal(object.spec, old?.spec),
        keys: ({ object }: Change<MultiClusterService>) => keys(reportsOf(keyText(keyOf(object)))),
      }),
      fromInformer(informers.of(clusters), { when: takesPartNow, keys: () => keys(copy.list().filter(isReport)) }),
    ],
    async reconcile(key, signal) {
      const report = byKey(copy, key);
      if (!report || !isReport(report)) return;
      await Promise.all([servicesCopy.synced, informers.of(clusters).synced]);
      const dispatched = dispatchedOf(`${providerOf(report)}/${report.metadata.name}`);
      const id = serviceKeyOf(report);
      if (report.metadata.deletionTimestamp || id === undefined) return withdraw(context, report, dispatched, signal);
      const service = byKey(servicesCopy, id);
      if (service && !service.metadata.deletionTimestamp) await dispatch(context, { report, service, dispatched }, signal);
    },
    clock,
    log,
  });
}

async function withdraw(context: ControllerContext, report: Work, dispatched: readonly Work[], signal: AbortSignal): Promise<void> {
  const because = report.metadata.deletionTimestamp
    ? ownerIsTerminating(report)
    : notWantedBy(report, { wanted: new Set(Object.keys(report.metadata.labels ?? {})), item: labels.multiClusterServiceName });
  await allOrErrors(
    dispatched.filter(work => !work.metadata.deletionTimestamp).map(work => () => deleteWork(context.hub, work, because, signal)),
  );
  await dropFinalizer(context, report, finalizers.endpointSliceDispatch, signal);
}

interface Dispatch {
  readonly report: Work;
  readonly service: MultiClusterService;
  readonly dispatched: readonly Work[];
}

async function dispatch(context: ControllerContext, o: Dispatch, signal: AbortSignal): Promise<void> {
  const { recorder } = context;
  const { service } = o;
  const type = conditionTypes.endpointSliceDispatched;
  try {
    await send(context, o, signal);
  } catch (error) {
    signal.throwIfAborted();
    const message = (error as Error).message;
    recorder.event(service, 'Warning', eventReasons.dispatchEndpointSliceFailed, message);
    const reason = conditionReasons.endpointSliceDispatchedFailed;
    await setServiceCondition(context, service, { type, status: 'False', reason, message }, signal);
    throw error;
  }
  const message = 'EndpointSlice are dispatched successfully';
  const reason = conditionReasons.endpointSliceDispatchedSucceed;
  await setServiceCondition(context, service, { type, status: 'True', reason, message }, signal);
  recorder.event(service, 'Normal', eventReasons.dispatchEndpointSliceSucceed, message);
}

async function send(context: ControllerContext, { report, service, dispatched }: Dispatch, signal: AbortSignal): Promise<void> {
  const { hub, clock, informers, recorder } = context;
  const provider = providerOf(report);
  const known = (name: string): Cluster | undefined => informers.of(clusters).get(name);
  const consumers = clustersOf(service, 'Consumer', informers.of(clusters).list()).filter(name => name !== provider);
  const wanted = new Set(consumers.map(executionSpace));
  const stale = dispatched.filter(({ metadata }) => !wanted.has(metadata.namespace ?? '') && !metadata.deletionTimestamp);
  await allOrErrors([
    ...stale.map(work => () => deleteWork(hub, work, notWantedBy(service, { wanted, item: work.metadata.namespace ?? '' }), signal)),
    ...consumers.map(consumer => async () => {
      const why = obstacle(consumer, known(consumer), 'Consumer');
      if (why) return recorder.event(service, 'Warning', why.reason, why.message);
      const desired = dispatchedWork(report, service, { provider, consumer });
      if (!desired) return;
      const cached = informers.of(works).get(keyOf(desired));
      const change = (present: Work): Work => mergeWork(present, desired);
      await createOrUpdate({ client: hub, clock, resource: works }, desired, { cached, change }, signal);
    }),
  ]);
}
