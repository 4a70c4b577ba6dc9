// The Service of a MultiClusterService: taken out of the hands of policies, and bound to all clusters that provide or use it. Letting go takes our marks off again.
import {
  annotations,
  bindingName,
  finalizers,
  labels,
  type MultiClusterService,
  managers,
  type ResourceBinding,
  resourceBindings,
} from '../../crds/index.ts';
import { type AnyObject, equal, getOrUndefined, type ObjectMeta } from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { services } from '../endpoint-slices/slices.ts';
import { createOrUpdate, updateFresh } from '../writing.ts';

const CLAIM_LABELS: readonly string[] = [labels.propagationPolicyId, labels.clusterPropagationPolicyId];
const CLAIM_ANNOTATIONS: readonly string[] = [
  annotations.propagationPolicyNamespace,
  annotations.propagationPolicyName,
  annotations.clusterPropagationPolicyName,
];
const OUR_ANNOTATIONS: readonly string[] = [annotations.multiClusterServiceNamespace, annotations.multiClusterServiceName];

type StringMap = Readonly<Record<string, string>>;
const without = (map: StringMap | undefined, keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !keys.includes(key)));

interface Marks {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

function marksOf({ metadata }: MultiClusterService): Marks {
  return {
    labels: { [labels.multiClusterServiceId]: metadata.labels?.[labels.multiClusterServiceId] ?? '' },
    annotations: {
      [annotations.multiClusterServiceNamespace]: metadata.namespace ?? '',
      [annotations.multiClusterServiceName]: metadata.name ?? '',
    },
  };
}

const changedMetadata = <T extends { readonly metadata: ObjectMeta }>(object: T, metadata: ObjectMeta): T =>
  equal(object.metadata, metadata) ? object : { ...object, metadata };

/** Claims the Service and binds it. Throws where there is no such Service. */
export async function propagateService(
  context: ControllerContext,
  service: MultiClusterService,
  clusterNames: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { hub, clock } = context;
  const { namespace = '', name = '' } = service.metadata;
  const marks = marksOf(service);
  const change = (present: AnyObject): AnyObject =>
    changedMetadata(present, {
      ...present.metadata,
      labels: { ...without(present.metadata.labels, CLAIM_LABELS), ...marks.labels, [labels.claimedBy]: managers.multiClusterService },
      annotations: { ...without(present.metadata.annotations, CLAIM_ANNOTATIONS), ...marks.annotations },
    });
  const claimed = await updateFresh({ client: hub, clock, resource: services }, { namespace, name }, { change }, signal);
  if (!claimed) throw new Error(`Service "${name}" not found`);
  await bind(context, claimed.object, { marks, clusterNames }, signal);
}

async function bind(
  { hub, clock }: ControllerContext,
  service: AnyObject,
  { marks, clusterNames }: { readonly marks: Marks; readonly clusterNames: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = service.metadata;
  const spec: ResourceBinding['spec'] = {
    conflictResolution: 'Overwrite',
    placement: { clusterAffinity: { clusterNames: [...clusterNames] } },
    resource: { apiVersion: 'v1', kind: 'Service', namespace, name, uid, resourceVersion },
  };
  const own = { ...marks.labels, [labels.bindingManagedBy]: managers.multiClusterService };
  const desired: ResourceBinding = {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: {
      namespace,
      name: bindingName('Service', name),
      labels: own,
      annotations: marks.annotations,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid }],
      finalizers: [finalizers.binding],
    },
    spec,
  };
  const change = (present: ResourceBinding): ResourceBinding => {
    if (present.metadata.deletionTimestamp) throw new Error(`resource binding ${namespace}/${name} is being deleted`);
    const metadata: ObjectMeta = {
      ...present.metadata,
      labels: { ...without(present.metadata.labels, CLAIM_LABELS), ...own },
      annotations: { ...without(present.metadata.annotations, CLAIM_ANNOTATIONS), ...marks.annotations },
      ownerReferences: desired.metadata.ownerReferences ?? [],
      finalizers: [...new Set([...(present.metadata.finalizers ?? []), finalizers.binding])],
    };
    const next = { ...present, metadata, spec: { ...present.spec, ...spec } };
    return equal(next, present) ? present : next;
  };
  await createOrUpdate({ client: hub, clock, resource: resourceBindings }, desired, { change }, signal);
}

/** Takes the marks off the Service and its binding; both stay. */
export async function letGoOfService({ hub, clock }: ControllerContext, service: MultiClusterService, signal: AbortSignal): Promise<void> {
  const { namespace = '', name = '' } = service.metadata;
  const id = service.metadata.labels?.[labels.multiClusterServiceId];
  const bare = <T extends { readonly metadata: ObjectMeta }>(object: T, keys: readonly string[]): T =>
    object.metadata.labels?.[labels.multiClusterServiceId] === id
      ? changedMetadata(object, {
          ...object.metadata,
          labels: without(object.metadata.labels, keys),
          annotations: without(object.metadata.annotations, OUR_ANNOTATIONS),
        })
      : object;
  const present = await getOrUndefined(hub, services, { namespace, name }, { signal });
  if (present) {
    const change = (now: AnyObject): AnyObject => bare(now, [labels.multiClusterServiceId, labels.claimedBy]);
    await updateFresh({ client: hub, clock, resource: services }, { namespace, name }, { cached: present, change }, signal);
  }
  await updateFresh(
    { client: hub, clock, resource: resourceBindings },
    { namespace, name: bindingName('Service', name) },
    { change: binding => bare(binding, [labels.multiClusterServiceId, labels.bindingManagedBy]) },
    signal,
  );
}
