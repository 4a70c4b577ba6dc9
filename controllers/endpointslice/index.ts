// Wiring of the endpoint slice controller (specification §8.11): slices that providers reported for a ServiceExport become slices of the derived Service here.
import {
  annotations,
  clusterOfExecutionSpace,
  derivedServiceName,
  finalizers,
  importedEndpointSliceName,
  labels,
  type Work,
  works,
} from '../../crds/index.ts';
import {
  type AnyObject,
  controller,
  equal,
  fromInformer,
  keyOf,
  notWantedBy,
  ownerIsTerminating,
  type Runnable,
} from '../../kube/index.ts';
import { byKey } from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { dropFinalizer } from '../endpoint-slices/collection.ts';
import { endpointSlices, IMPORTER, manifestOf, SERVICE_NAME, SLICE_MANAGED_BY } from '../endpoint-slices/slices.ts';
import { allOrErrors, createOrUpdate, deleteIfPresent } from '../writing.ts';

const serviceOf = ({ metadata }: Work): string | undefined => metadata.labels?.[labels.endpointSliceName];

export function endpointSliceController(context: ControllerContext): Runnable {
  const { clock, log, informers } = context;
  const copy = informers.of(works);
  return controller({
    ...context.runtime,
    name: 'endpointslice-controller',
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) =>
          type !== 'deleted' && (serviceOf(object) !== undefined || (old !== undefined && serviceOf(old) !== undefined)),
      }),
    ],
    async reconcile(key, signal) {
      const work = byKey(copy, key);
      if (!work) return;
      if (work.metadata.deletionTimestamp || serviceOf(work) === undefined) await withdraw(context, work, signal);
      else await importSlice(context, work, signal);
    },
    clock,
    log,
  });
}

/** The imported slice of a reported one; undefined where the Work holds none. */
function importedSlice(work: Work): AnyObject | undefined {
  const cluster = clusterOfExecutionSpace(work.metadata.namespace ?? '');
  const slice = manifestOf(work);
  const service = serviceOf(work);
  if (!cluster || !slice || !service) return undefined;
  const { namespace = '', name = '' } = slice.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace,
      name: importedEndpointSliceName(name, cluster),
      labels: {
        [labels.workId]: work.metadata.labels?.[labels.workId] ?? '',
        [SERVICE_NAME]: derivedServiceName(service),
        [SLICE_MANAGED_BY]: IMPORTER,
      },
      annotations: {
        [annotations.workNamespace]: work.metadata.namespace ?? '',
        [annotations.workName]: work.metadata.name ?? '',
      },
    },
    addressType: slice['addressType'],
    endpoints: slice['endpoints'] ?? null,
    ports: slice['ports'] ?? null,
  };
}

async function importSlice({ hub, clock }: ControllerContext, work: Work, signal: AbortSignal): Promise<void> {
  const desired = importedSlice(work);
  if (!desired) return;
  const change = (present: AnyObject): AnyObject => {
    const metadata = {
      ...present.metadata,
      labels: { ...present.metadata.labels, ...desired.metadata.labels },
      annotations: { ...present.metadata.annotations, ...desired.metadata.annotations },
    };
    const next = { ...present, metadata, endpoints: desired['endpoints'], ports: desired['ports'] };
    return equal(next, present) ? present : next;
  };
  await createOrUpdate({ client: hub, clock, resource: endpointSlices }, desired, { change }, signal);
}

async function withdraw(context: ControllerContext, work: Work, signal: AbortSignal): Promise<void> {
  const { hub } = context;
  const id = work.metadata.labels?.[labels.workId];
  if (id && work.metadata.finalizers?.includes(finalizers.endpointSlice)) {
    const because = work.metadata.deletionTimestamp ? ownerIsTerminating(work) : notWantedBy(work, { wanted: new Set(), item: id });
    const found = await hub.list(endpointSlices, { labelSelector: `${labels.workId}=${id},${SLICE_MANAGED_BY}=${IMPORTER}`, signal });
    if (because.because) await allOrErrors(found.items.map(slice => () => deleteIfPresent(hub, endpointSlices, keyOf(slice), signal)));
  }
  await dropFinalizer(context, work, finalizers.endpointSlice, signal);
}
