// Reports the EndpointSlices of one Service in one member to the control plane, as Works in the member's execution space. Two owners may want the same slice
// (a ServiceExport, a MultiClusterService): the Work lists both and goes when the last lets go. A report goes only when the member itself said that the slice,
// or what exports it, is not there: a copy that is empty proves nothing.
import { executionSpace, labels, type Work, works } from '../../crds/index.ts';
import {
  type AnyObject,
  answeredNotFound,
  type Evidence,
  getOrUndefined,
  isStatusError,
  keyOf,
  notWantedBy,
  type ObjectKey,
  type Resource,
} from '../../kube/index.ts';
import { deleteWork } from '../binding/orphans.ts';
import type { ControllerContext } from '../context.ts';
import type { Member } from '../members.ts';
import { mergeWork } from '../merge-work.ts';
import { allOrErrors, createOrUpdate, updateFresh } from '../writing.ts';
import { endpointSlices, isForeign, manifestOf, reportedWork, serviceOfSlice } from './slices.ts';

/** One of the two owners of reports. */
export interface ReportOwner {
  /** Its word in `endpointslice.karmada.io/managed-by`. */
  readonly manager: string;
  readonly namespaceLabel: string;
  readonly nameLabel: string;
  readonly finalizer: string;
}

export interface ReportedService {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

const SEPARATOR = '|';
export const serviceKey = (s: ReportedService): string => [s.cluster, s.namespace, s.name].join(SEPARATOR);
export function parseServiceKey(key: string): ReportedService {
  const [cluster = '', namespace = '', name = ''] = key.split(SEPARATOR);
  return { cluster, namespace, name };
}

/** Writes a report for every slice of the Service that the member has now. */
export async function reportSlices(
  context: ControllerContext,
  owner: ReportOwner,
  o: { readonly service: ReportedService; readonly member: Member },
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name } = o.service;
  const copy = o.member.pinned(endpointSlices);
  await copy.synced;
  const slices = copy
    .list(namespace)
    .filter(slice => serviceOfSlice(slice) === name && !isForeign(slice) && !slice.metadata.deletionTimestamp);
  await allOrErrors(slices.map(slice => () => report(context, owner, { ...o, slice }, signal)));
  const names = new Set(slices.map(({ metadata }) => metadata.name ?? ''));
  const stale = reportsOf(context, owner, o.service).filter(work => !names.has(manifestOf(work)?.metadata.name ?? ''));
  await allOrErrors(
    stale.map(work => async () => {
      const because = await proofAgainst(o.member, endpointSlices, sliceKey(work), signal);
      if (because) await release(context, owner, { work, because }, signal);
    }),
  );
}

/** Reports of one Service that this owner keeps. */
export function reportsOf({ informers }: ControllerContext, owner: ReportOwner, { cluster, namespace, name }: ReportedService): Work[] {
  return informers
    .of(works)
    .list(executionSpace(cluster))
    .filter(
      ({ metadata }) =>
        metadata.labels?.[owner.namespaceLabel] === namespace &&
        metadata.labels[owner.nameLabel] === name &&
        managersOf(metadata).includes(owner.manager) &&
        !metadata.deletionTimestamp,
    );
}

const sliceKey = (work: Work): ObjectKey => {
  const { namespace = '', name = '' } = manifestOf(work)?.metadata ?? {};
  return { namespace, name };
};

const managersOf = ({ labels: map }: Work['metadata']): string[] => (map?.[labels.endpointSliceManagedBy] ?? '').split('.').filter(Boolean);

async function report(
  { hub, clock, informers }: ControllerContext,
  owner: ReportOwner,
  { service, slice }: { readonly service: ReportedService; readonly slice: AnyObject },
  signal: AbortSignal,
): Promise<void> {
  const marks = { [owner.namespaceLabel]: service.namespace, [owner.nameLabel]: service.name };
  const desired = reportedWork(slice, service.cluster, {
    labels: { ...marks, [labels.endpointSliceManagedBy]: owner.manager },
    finalizers: [owner.finalizer],
  });
  const change = (present: Work): Work => {
    const managers = [...new Set([...managersOf(present.metadata), owner.manager])].sort().join('.');
    const joined = { ...desired.metadata.labels, [labels.endpointSliceManagedBy]: managers };
    return mergeWork(present, { ...desired, metadata: { ...desired.metadata, labels: joined } });
  };
  const cached = informers.of(works).get(keyOf(desired));
  await createOrUpdate({ client: hub, clock, resource: works }, desired, { cached, change }, signal);
}

/** What the member itself says: that the object is not there. Undefined where it is. */
export async function proofAgainst(member: Member, r: Resource, key: ObjectKey, signal: AbortSignal): Promise<Evidence | undefined> {
  try {
    const present = await member.client.get(r, key, { signal });
    if (!present.metadata.deletionTimestamp) return undefined;
    return notWantedBy(present, { wanted: new Set(), item: key.name });
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return answeredNotFound(error, { kind: r.kind, name: key.name });
    throw error;
  }
}

/** Lets go of a report: the Work goes, or, where another owner remains, loses this owner's marks. */
export async function release(
  { hub, clock }: ControllerContext,
  owner: ReportOwner,
  { work, because }: { readonly work: Work; readonly because: Evidence },
  signal: AbortSignal,
): Promise<void> {
  const present = await getOrUndefined(hub, works, keyOf(work), { signal });
  if (!present || present.metadata.deletionTimestamp) return;
  const others = managersOf(present.metadata).filter(manager => manager !== owner.manager);
  if (others.length === 0) return deleteWork(hub, present, because, signal);
  const change = (now: Work): Work => {
    const { [owner.namespaceLabel]: _, [owner.nameLabel]: __, ...kept } = now.metadata.labels ?? {};
    return { ...now, metadata: { ...now.metadata, labels: { ...kept, [labels.endpointSliceManagedBy]: others.join('.') } } };
  };
  await updateFresh({ client: hub, clock, resource: works }, keyOf(work), { cached: present, change }, signal);
}

/** Takes a finalizer off a Work. */
export async function dropFinalizer({ hub, clock }: ControllerContext, work: Work, finalizer: string, signal: AbortSignal): Promise<void> {
  const change = (present: Work): Work => {
    const list = present.metadata.finalizers ?? [];
    return list.includes(finalizer)
      ? { ...present, metadata: { ...present.metadata, finalizers: list.filter(f => f !== finalizer) } }
      : present;
  };
  await updateFresh({ client: hub, clock, resource: works }, keyOf(work), { cached: work, change }, signal);
}
