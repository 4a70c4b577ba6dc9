// Wiring of the service export controller (specification §8.11): where a ServiceExport was applied, the member's ServiceExports and EndpointSlices are followed,
// and the slices of exported Services are reported to the control plane.
import {
  clusterOfExecutionSpace,
  clusters,
  conditionTypes,
  finalizers,
  labels,
  managers,
  serviceExports,
  type Work,
  works,
} from '../../crds/index.ts';
import { type AnyObject, apiVersionOf, fromInformer, type Runnable, type Source } from '../../kube/index.ts';
import { isTrue } from '../condition.ts';
import type { ControllerContext } from '../context.ts';
import {
  parseServiceKey,
  proofAgainst,
  type ReportOwner,
  release,
  reportSlices,
  reportsOf,
  serviceKey,
} from '../endpoint-slices/collection.ts';
import { carries, endpointSlices, isForeign, manifestOf, serviceOfSlice } from '../endpoint-slices/slices.ts';
import { memberLanes } from '../member-lanes.ts';
import type { Member } from '../members.ts';
import { allOrErrors } from '../writing.ts';

const owner: ReportOwner = {
  manager: managers.serviceExport,
  namespaceLabel: labels.endpointSliceNamespace,
  nameLabel: labels.endpointSliceName,
  finalizer: finalizers.endpointSlice,
};

const exported = serviceExports as unknown as typeof endpointSlices;

export function serviceExportController(context: ControllerContext): Runnable {
  const { clock, log, informers, members } = context;
  return memberLanes({
    ...context.runtime,
    name: 'service-export-controller',
    memberOf: key => parseServiceKey(key).cluster,
    sources: [
      fromInformer(informers.of(works), {
        when: ({ type, object }) => type !== 'deleted' && exportsService(object),
        keys: ({ object }) => keysOfWork(object),
      }),
      memberSource(context),
    ],
    async reconcile(key, signal) {
      const service = parseServiceKey(key);
      const cluster = informers.of(clusters).get(service.cluster);
      if (!cluster || !members.serves(cluster)) return;
      if (!isTrue(cluster.status?.conditions, conditionTypes.clusterReady)) throw new Error(`cluster(${service.cluster}) not ready`);
      const member = members.require(cluster);
      const copy = member.pinned(exported);
      await Promise.all([copy.synced, informers.of(works).synced]);
      if (copy.get({ namespace: service.namespace, name: service.name })) await reportSlices(context, owner, { service, member }, signal);
      else await withdraw(context, service, member, signal);
    },
    clock,
    log,
    workers: context.options.concurrentWorkSyncs,
  });
}

const exportsService = (work: Work): boolean =>
  !work.spec.suspendDispatching &&
  isTrue(work.status?.conditions, conditionTypes.workApplied) &&
  carries(work, exported.group, exported.kind);

function keysOfWork(work: Work): string[] {
  const { namespace, name } = manifestOf(work)?.metadata ?? {};
  const cluster = clusterOfExecutionSpace(work.metadata.namespace ?? '');
  return cluster && namespace && name ? [serviceKey({ cluster, namespace, name })] : [];
}

function memberSource({ members }: ControllerContext): Source {
  const servicesOf = (kind: string, object: AnyObject): string[] => {
    if (kind === exported.kind) return [object.metadata.name ?? ''];
    return isForeign(object) || serviceOfSlice(object) === '' ? [] : [serviceOfSlice(object)];
  };
  return {
    synced: Promise.resolve(),
    start: enqueue =>
      members.subscribe(({ cluster, resource, change }) => {
        const id = `${apiVersionOf(resource)} ${resource.kind}`;
        if (id !== `${apiVersionOf(exported)} ${exported.kind}` && id !== `${apiVersionOf(endpointSlices)} ${endpointSlices.kind}`) return;
        // Slices count only where exports are followed.
        if (resource.kind === endpointSlices.kind && !members.get(cluster)?.follows(exported)) return;
        const namespace = change.object.metadata.namespace ?? '';
        for (const name of new Set([change.object, ...(change.old ? [change.old] : [])].flatMap(o => servicesOf(resource.kind, o))))
          enqueue(serviceKey({ cluster, namespace, name }));
      }),
  };
}

/** Takes the reports back once the member has said that the export is not there. */
async function withdraw(
  context: ControllerContext,
  service: { readonly cluster: string; readonly namespace: string; readonly name: string },
  member: Member,
  signal: AbortSignal,
): Promise<void> {
  const reports = reportsOf(context, owner, service);
  if (reports.length === 0) return;
  const because = await proofAgainst(member, exported, { namespace: service.namespace, name: service.name }, signal);
  if (because) await allOrErrors(reports.map(work => () => release(context, owner, { work, because }, signal)));
}
