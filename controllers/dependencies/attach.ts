// Attached bindings (specification §8.3): who requires them, and what follows from the requirers where there is no policy of their own.
import {
  type BindingSnapshot,
  bindingName,
  bindingReferenceKey,
  DEPENDED_BY_PREFIX,
  finalizers,
  labels,
  type ResourceBinding,
  type ResourceBindingSpec,
} from '../../crds/index.ts';
import { type AnyObject, equal } from '../../kube/index.ts';

/** A binding by namespace and name; rejects where it is not there. */
export type FindBinding = (namespace: string, name: string) => Promise<ResourceBinding>;

export interface Attachment {
  readonly binding: ResourceBinding;
  /** What the requirers disagree about, for an Event. */
  readonly conflict: string | undefined;
}

/** The dependency's old binding has another owner of the same name: it has to go first. */
class OwnerChangedError extends Error {}

/** The label of an attached binding that stands for one requirer. */
export function dependedByLabel({ metadata }: ResourceBinding): { readonly key: string; readonly id: string } {
  const key = DEPENDED_BY_PREFIX + bindingReferenceKey(metadata.namespace ?? '', metadata.name ?? '');
  return { key, id: metadata.labels?.[labels.resourceBindingId] ?? '' };
}

/** The binding of the dependency with this requirer in it; the very same existing one where nothing changes. */
export async function attach(
  independent: ResourceBinding,
  dependency: AnyObject,
  existing: ResourceBinding | undefined,
  find: FindBinding,
): Promise<Attachment> {
  const { key, id } = dependedByLabel(independent);
  const desired = attachedBinding(independent, dependency);
  if (existing) requireSameOwner(existing, dependency);
  const requiredBy = mergedSnapshots(existing?.spec.requiredBy ?? [], snapshotOf(independent));
  const { inherited, conflict } = existing?.spec.placement
    ? { inherited: {}, conflict: undefined }
    : await inheritedPolicies(independent, requiredBy, find);
  const base = existing ?? desired;
  const binding: ResourceBinding = {
    ...base,
    metadata: {
      ...base.metadata,
      labels: { ...base.metadata.labels, [key]: id },
    },
    spec: { ...base.spec, resource: desired.spec.resource, requiredBy, ...inherited },
  };
  return { binding: existing && equal(existing, binding) ? existing : binding, conflict };
}

function attachedBinding({ metadata }: ResourceBinding, { apiVersion, kind, metadata: m }: AnyObject): ResourceBinding {
  const { name = '', uid = '', resourceVersion } = m;
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: {
      name: bindingName(kind, name),
      namespace: metadata.namespace ?? '',
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }],
      finalizers: [finalizers.binding],
    },
    spec: {
      resource: {
        apiVersion,
        kind,
        ...(m.namespace ? { namespace: m.namespace } : {}),
        name,
        ...(uid ? { uid } : {}),
        ...(resourceVersion ? { resourceVersion } : {}),
      },
    },
  };
}

function requireSameOwner({ metadata }: ResourceBinding, dependency: AnyObject): void {
  const owner = metadata.ownerReferences?.find(reference => reference.controller);
  if (!owner || owner.uid === dependency.metadata.uid) return;
  throw new OwnerChangedError(
    `resourceBinding(${metadata.namespace}/${metadata.name}) still belongs to a deleted object of the same name: waiting until it is collected (issue 6034)`,
  );
}

const snapshotOf = ({ metadata, spec }: ResourceBinding): BindingSnapshot => ({
  ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
  name: metadata.name ?? '',
  ...(spec.clusters?.length ? { clusters: spec.clusters } : {}),
});

const isOf = (a: BindingSnapshot, b: BindingSnapshot): boolean => a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');

function mergedSnapshots(present: readonly BindingSnapshot[], own: BindingSnapshot): readonly BindingSnapshot[] {
  const index = present.findIndex(snapshot => isOf(snapshot, own));
  return index < 0 ? [...present, own] : present.with(index, own);
}

type Inherited = Pick<ResourceBindingSpec, 'conflictResolution' | 'preserveResourcesOnDeletion'>;

async function inheritedPolicies(
  independent: ResourceBinding,
  requiredBy: readonly BindingSnapshot[],
  find: FindBinding,
): Promise<{ inherited: Inherited; conflict: string | undefined }> {
  const own = snapshotOf(independent);
  const requirers = await Promise.all(
    requiredBy.map(snapshot => (isOf(snapshot, own) ? independent : find(snapshot.namespace ?? '', snapshot.name))),
  );
  const overwrite = requirers.map(({ spec }) => spec.conflictResolution === 'Overwrite');
  const preserve = requirers.map(({ spec }) => spec.preserveResourcesOnDeletion === true);
  const mixed = (flags: readonly boolean[]): boolean => flags.includes(true) && flags.includes(false);
  const conflicts = [
    ...(mixed(overwrite) ? ['ConflictResolution conflicted (Overwrite vs Abort)'] : []),
    ...(mixed(preserve) ? ['PreserveResourcesOnDeletion conflicted (true vs false)'] : []),
  ];
  return {
    inherited: {
      conflictResolution: overwrite.includes(true) ? 'Overwrite' : 'Abort',
      preserveResourcesOnDeletion: preserve.includes(true),
    },
    conflict: conflicts.length > 0 ? `Dependency policy conflict detected: ${conflicts.join('; ')}.` : undefined,
  };
}

/** The attached binding without this requirer; what it inherits is decided anew among those that remain. */
export async function detach(independent: ResourceBinding, attached: ResourceBinding, find: FindBinding): Promise<ResourceBinding> {
  const { key } = dependedByLabel(independent);
  const own = snapshotOf(independent);
  const requiredBy = (attached.spec.requiredBy ?? []).filter(snapshot => !isOf(snapshot, own));
  const { requiredBy: _, conflictResolution, preserveResourcesOnDeletion, ...rest } = attached.spec;
  const kept = {
    ...(conflictResolution === undefined ? {} : { conflictResolution }),
    ...(preserveResourcesOnDeletion === undefined ? {} : { preserveResourcesOnDeletion }),
  };
  const inherited = attached.spec.placement
    ? kept
    : requiredBy.length === 0
      ? {}
      : (await inheritedPolicies(independent, requiredBy, find)).inherited;
  const binding: ResourceBinding = {
    ...attached,
    metadata: {
      ...attached.metadata,
      labels: Object.fromEntries(Object.entries(attached.metadata.labels ?? {}).filter(([k]) => k !== key)),
    },
    spec: { ...rest, ...(requiredBy.length > 0 ? { requiredBy } : {}), ...inherited },
  };
  return equal(binding, attached) ? attached : binding;
}
