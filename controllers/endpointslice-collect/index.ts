// Wiring of the collecting controller (specification §8.12): where a Work tells of a MultiClusterService, the member's EndpointSlices of that service are reported.
import { clusterOfExecutionSpace, clusters, conditionTypes, executionSpace, workName, works } from '../../crds/index.ts';
import { fromInformer, type Runnable, type Source } from '../../kube/index.ts';
import { isTrue } from '../condition.ts';
import type { ControllerContext } from '../context.ts';
import { parseServiceKey, type ReportedService, reportSlices, serviceKey } from '../endpoint-slices/collection.ts';
import { endpointSlices, isForeign, manifestOf, serviceOfSlice } from '../endpoint-slices/slices.ts';
import { memberLanes } from '../member-lanes.ts';
import { carriesService, sliceReports } from '../multi-cluster-service/reports.ts';

export function endpointSliceCollectController(context: ControllerContext): Runnable {
  const { clock, log, informers, members } = context;
  return memberLanes({
    ...context.runtime,
    name: 'endpointslice-collect-controller',
    memberOf: key => parseServiceKey(key).cluster,
    sources: [
      fromInformer(informers.of(works), {
        when: ({ type, object }) => type !== 'deleted' && carriesService(object),
        keys: ({ object }) => {
          const { namespace = '', name = '' } = manifestOf(object)?.metadata ?? {};
          return [serviceKey({ cluster: clusterOfExecutionSpace(object.metadata.namespace ?? '') ?? '', namespace, name })];
        },
      }),
      memberSource(context),
    ],
    async reconcile(key, signal) {
      const service = parseServiceKey(key);
      const cluster = informers.of(clusters).get(service.cluster);
      if (!cluster || !members.serves(cluster) || !isWanted(context, service)) return;
      if (!isTrue(cluster.status?.conditions, conditionTypes.clusterReady)) throw new Error(`cluster(${service.cluster}) not ready`);
      await reportSlices(context, sliceReports, { service, member: members.require(cluster) }, signal);
    },
    clock,
    log,
    workers: context.options.concurrentWorkSyncs,
  });
}

function isWanted({ informers }: ControllerContext, { cluster, namespace, name }: ReportedService): boolean {
  const work = informers.of(works).get({ namespace: executionSpace(cluster), name: workName('MultiClusterService', name, namespace) });
  return work !== undefined && !work.metadata.deletionTimestamp && carriesService(work);
}

function memberSource(context: ControllerContext): Source {
  return {
    synced: Promise.resolve(),
    start: enqueue =>
      context.members.subscribe(({ cluster, resource, change }) => {
        if (resource.kind !== endpointSlices.kind || resource.group !== endpointSlices.group || isForeign(change.object)) return;
        for (const slice of [change.object, ...(change.old ? [change.old] : [])]) {
          const service = { cluster, namespace: slice.metadata.namespace ?? '', name: serviceOfSlice(slice) };
          if (service.name !== '' && isWanted(context, service)) enqueue(serviceKey(service));
        }
      }),
  };
}
