// The binding of a claimed template (specification §1.5): what the policy and the interpreter say, written into one new object, or over an existing one
// without touching what the scheduler and others wrote there.
import {
  annotations as annotationKeys,
  bindingName,
  type Component,
  type FeatureGates,
  finalizers,
  gateEnabled,
  type PropagationPolicy,
  type ReplicaRequirements,
  type ResourceBinding,
  type ResourceBindingSpec,
} from '../../crds/index.ts';
import { type AnyObject, carryLiterals, equal, isObject, type ObjectMeta } from '../../kube/index.ts';
import { claimAnnotations, claimLabels, unclaimed } from './claim.ts';

/** What the interpreter and the priority class say about the template. */
export interface TemplateFacts {
  readonly replicas?: number;
  readonly replicaRequirements?: ReplicaRequirements;
  readonly components?: readonly Component[];
  readonly schedulePriority?: number;
}

export interface BindingInput {
  readonly template: AnyObject;
  readonly policy: PropagationPolicy;
  readonly facts: TemplateFacts;
  readonly gates?: FeatureGates;
}

/** A new binding: a ResourceBinding for a namespaced template, else a ClusterResourceBinding. */
export function newBinding(input: BindingInput): ResourceBinding {
  const { template, policy } = input;
  const { namespace, name = '', uid = '' } = template.metadata;
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: namespace ? 'ResourceBinding' : 'ClusterResourceBinding',
    metadata: {
      name: bindingName(template.kind, name),
      ...(namespace ? { namespace } : {}),
      labels: claimLabels(policy),
      annotations: claimAnnotations(policy),
      ownerReferences: [{ apiVersion: template.apiVersion, kind: template.kind, name, uid, controller: true, blockOwnerDeletion: true }],
      finalizers: [namespace ? finalizers.binding : finalizers.clusterBinding],
    },
    spec: bindingSpec(input),
  };
}

function bindingSpec({ template, policy, facts, gates }: BindingInput): ResourceBindingSpec {
  const { namespace, name = '', uid, resourceVersion } = template.metadata;
  const { spec } = policy;
  const groups = namespace && gateEnabled(gates, 'WorkloadAffinity') ? affinityGroups(template, policy) : undefined;
  return {
    resource: {
      apiVersion: template.apiVersion,
      kind: template.kind,
      ...(namespace ? { namespace } : {}),
      name,
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
    },
    ...(spec.propagateDeps ? { propagateDeps: true } : {}),
    ...given('schedulerName', spec.schedulerName),
    ...given('placement', withoutZeros(spec.placement)),
    ...given('failover', withoutZeros(spec.failover)),
    ...given('conflictResolution', spec.conflictResolution),
    ...given('preserveResourcesOnDeletion', spec.preserveResourcesOnDeletion),
    ...given('suspension', spec.suspension),
    ...given('replicas', facts.replicas || undefined),
    ...given('replicaRequirements', facts.replicaRequirements),
    ...given('components', facts.components),
    ...(namespace && facts.schedulePriority !== undefined ? { schedulePriority: { priority: facts.schedulePriority } } : {}),
    ...given('workloadAffinityGroups', groups),
  };
}

/** Fields that are written even when they are zero. */
const MEANINGFUL_ZEROS = new Set([
  'tolerationSeconds',
  'gracePeriodSeconds',
  'weight',
  'affinityName',
  'aliasLabelName',
  'jsonPath',
  'groupByLabelKey',
]);
/** Taken over as they are. */
const VERBATIM = new Set(['matchLabels', 'matchExpressions']);

/** The value without empty texts, zeros and empty lists: what typed clients never write. */
function withoutZeros<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutZeros) as T;
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([key, item]) => {
    if (VERBATIM.has(key)) return [[key, item]];
    const zero = item === '' || item === 0 || item === null || (Array.isArray(item) && item.length === 0);
    return zero && !MEANINGFUL_ZEROS.has(key) ? [] : [[key, withoutZeros(item)]];
  });
  const copy = Object.fromEntries(kept);
  carryLiterals(value, copy);
  return copy as T;
}

function given<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]?: V });
}

function affinityGroups(template: AnyObject, policy: PropagationPolicy): ResourceBindingSpec['workloadAffinityGroups'] {
  const { affinity, antiAffinity } = policy.spec.placement?.workloadAffinity ?? {};
  const group = (key: string | undefined): string | undefined => {
    const value = key === undefined ? undefined : template.metadata.labels?.[key];
    return value === undefined ? undefined : `${key}=${value}`;
  };
  const affinityGroup = group(affinity?.groupByLabelKey);
  const antiAffinityGroup = group(antiAffinity?.groupByLabelKey);
  if (affinityGroup === undefined && antiAffinityGroup === undefined) return undefined;
  return { ...given('affinityGroup', affinityGroup), ...given('antiAffinityGroup', antiAffinityGroup) };
}

/** The template of a binding was deleted and made again: the old binding has to go first. */
class OwnerChangedError extends Error {}

const COPIED = [
  'resource',
  'replicaRequirements',
  'replicas',
  'components',
  'schedulerName',
  'placement',
  'failover',
  'conflictResolution',
  'preserveResourcesOnDeletion',
] as const;
const COPIED_NAMESPACED = [...COPIED, 'propagateDeps', 'schedulePriority', 'workloadAffinityGroups'] as const;

/** The existing binding brought up to date; the very same object where nothing changes. */
export function updatedBinding(existing: ResourceBinding, desired: ResourceBinding): ResourceBinding {
  const owner = existing.metadata.ownerReferences?.find(reference => reference.controller);
  const wanted = desired.metadata.ownerReferences?.[0];
  if (owner && wanted && owner.uid !== wanted.uid)
    throw new OwnerChangedError(
      `the binding ${existing.metadata.name} has a different owner reference UID(${owner.uid}) than its template(${wanted.uid}); it goes with the old template (issue 2090)`,
    );
  const updated = {
    ...existing,
    metadata: updatedMetadata(existing.metadata, desired.metadata),
    spec: updatedSpec(existing.spec, desired),
  };
  return equal(updated, existing) ? existing : updated;
}

function updatedMetadata(existing: ObjectMeta, desired: ObjectMeta): ObjectMeta {
  const underNamespaced = desired.annotations?.[annotationKeys.propagationPolicyName] !== undefined;
  const base = underNamespaced ? unclaimed(existing, 'Cluster') : existing;
  return {
    ...base,
    labels: { ...base.labels, ...desired.labels },
    annotations: { ...base.annotations, ...desired.annotations },
    finalizers: [...new Set([...(existing.finalizers ?? []), ...(desired.finalizers ?? [])])],
    ownerReferences: desired.ownerReferences ?? [],
  };
}

function updatedSpec(existing: ResourceBindingSpec, { spec, metadata }: ResourceBinding): ResourceBindingSpec {
  const keys: readonly (keyof ResourceBindingSpec)[] = metadata.namespace ? COPIED_NAMESPACED : COPIED;
  const kept = Object.fromEntries(Object.entries(existing).filter(([key]) => !keys.includes(key as keyof ResourceBindingSpec)));
  const copied = Object.fromEntries(keys.flatMap(key => (spec[key] === undefined ? [] : [[key, spec[key]]])));
  const { suspension: _, ...rest } = kept;
  const scheduling = existing.suspension?.scheduling;
  const suspension = { ...spec.suspension, ...(scheduling === undefined ? {} : { scheduling }) };
  const keep = spec.suspension !== undefined || scheduling !== undefined;
  return { ...rest, ...copied, ...(keep ? { suspension } : {}) } as ResourceBindingSpec;
}
