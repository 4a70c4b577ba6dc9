// PropagationPolicy and ClusterPropagationPolicy: defaults and rules. The twins differ in the label that identifies them,
// in the finalizer, and in what a selector's namespace means.
import { finalizers, labels } from '../../crds/index.ts';
import { type AnyObject, at, type FieldError, field, isObject, listOf, objectOf, stringOf } from '../../kube/index.ts';
import { type AdmissionRequest, deny, type Mutate, objectIn, type Validate, verdictOf } from '../admission.ts';
import { invalidAs } from '../print/invalid.ts';
import * as shapes from '../print/shapes.ts';
import { validateFailover } from './failover.ts';
import { validatePlacement } from './placement.ts';
import { validateSelectorNamespaces, withSelectorNamespaces } from './selectors.ts';

interface Twin {
  readonly idLabel: string;
  readonly finalizer: string;
  readonly namespaced: boolean;
}

export const propagationPolicyTwin: Twin = {
  idLabel: labels.propagationPolicyId,
  finalizer: finalizers.propagationPolicy,
  namespaced: true,
};
export const clusterPropagationPolicyTwin: Twin = {
  idLabel: labels.clusterPropagationPolicyId,
  finalizer: finalizers.clusterPropagationPolicy,
  namespaced: false,
};

const DEFAULT_GRACE_PERIOD_SECONDS = 600;

/** Fills in defaults; a new policy gets its permanent id and its finalizer. */
export const mutatePropagationPolicy =
  (twin: Twin): Mutate =>
  (request, { clock }) => {
    const object = objectIn(request);
    const spec = withDefaults(objectOf(object['spec']), twin.namespaced ? (request.namespace ?? '') : undefined);
    const changed: AnyObject = { ...object, ...(isObject(object['spec']) ? { spec } : {}) };
    if (request.operation !== 'CREATE') return changed;
    const { metadata } = changed;
    const known = metadata.finalizers ?? [];
    return {
      ...changed,
      metadata: {
        ...metadata,
        labels: { ...metadata.labels, [twin.idLabel]: clock.uuid() },
        finalizers: known.includes(twin.finalizer) ? known : [...known, twin.finalizer],
      },
    };
  };

function withDefaults(spec: Record<string, unknown>, namespace: string | undefined): Record<string, unknown> {
  const { propagateDeps, ...rest } = spec;
  const placement = spec['placement'];
  const failover = spec['failover'];
  return {
    ...rest,
    ...(propagateDeps === true ? { propagateDeps } : {}),
    ...(namespace === undefined ? {} : withSelectorNamespaces(spec, namespace)),
    ...(selectsServiceImport(spec) ? { propagateDeps: true } : {}),
    ...(isObject(placement) ? { placement: withPlacementDefaults(placement) } : {}),
    ...(isObject(failover) ? { failover: withFailoverDefaults(failover) } : {}),
  };
}

function selectsServiceImport(spec: Record<string, unknown>): boolean {
  return listOf(spec['resourceSelectors']).some(
    s => at(s, 'kind') === 'ServiceImport' && at(s, 'apiVersion') === 'multicluster.x-k8s.io/v1alpha1',
  );
}

function withPlacementDefaults(placement: Record<string, unknown>): Record<string, unknown> {
  const { spreadConstraints, replicaScheduling } = placement;
  const { replicaDivisionPreference, ...scheduling } = objectOf(replicaScheduling);
  const divided = at(replicaScheduling, 'replicaSchedulingType') === 'Divided' && !at(replicaScheduling, 'replicaDivisionPreference');
  return {
    ...placement,
    ...(Array.isArray(spreadConstraints) ? { spreadConstraints: spreadConstraints.map(withSpreadDefaults) } : {}),
    ...(isObject(replicaScheduling) && !replicaDivisionPreference ? { replicaScheduling: scheduling } : {}),
    ...(divided ? { replicaScheduling: { ...scheduling, replicaDivisionPreference: 'Weighted' } } : {}),
  };
}

function withSpreadDefaults(constraint: unknown): Record<string, unknown> {
  const { maxGroups, ...rest } = objectOf(constraint);
  const { spreadByField, spreadByLabel, minGroups } = rest;
  return {
    ...rest,
    ...(maxGroups ? { maxGroups } : {}),
    ...(spreadByField || spreadByLabel ? {} : { spreadByField: 'cluster' }),
    ...(minGroups ? {} : { minGroups: 1 }),
  };
}

function withFailoverDefaults(failover: Record<string, unknown>): Record<string, unknown> {
  const { application } = failover;
  if (at(application, 'purgeMode') !== 'Gracefully' || typeof at(application, 'gracePeriodSeconds') === 'number') return failover;
  return { ...failover, application: { ...objectOf(application), gracePeriodSeconds: DEFAULT_GRACE_PERIOD_SECONDS } };
}

/** Refuses changes of identity first, then lists every fault of the spec. */
export const validatePropagationPolicy =
  (twin: Twin): Validate =>
  request => {
    const refusal = refuseIdentity(request, twin);
    if (refusal) return deny(refusal);
    const object = objectIn(request);
    const spec = objectOf(object['spec']);
    const selectorErrors = twin.namespaced ? validateSelectorNamespaces(spec, request.namespace ?? '') : [];
    return verdictOf([...validatePropagationSpec(spec), ...selectorErrors]);
  };

function refuseIdentity(request: AdmissionRequest, { idLabel }: Twin): string | undefined {
  const object = objectIn(request);
  const id = object.metadata.labels?.[idLabel];
  if (request.operation === 'UPDATE' && request.oldObject) {
    if (schedulerOf(object) !== schedulerOf(request.oldObject)) return 'the schedulerName should not be updated';
    if ((id ?? '') !== (request.oldObject.metadata.labels?.[idLabel] ?? '')) {
      return `label ${idLabel} is immutable, it can only be set by the system during creation`;
    }
  }
  return id !== undefined ? undefined : `label ${idLabel} is required, it should be set by the mutating admission webhook during creation`;
}

const schedulerOf = (object: AnyObject): string => stringOf(at(object, 'spec', 'schedulerName'));

function validatePropagationSpec(spec: Record<string, unknown>): FieldError[] {
  return [
    ...validatePlacement(spec['placement'], 'spec.placement'),
    ...validateFailover(spec, 'spec'),
    ...validatePreemption(spec),
    ...validateSuspension(spec['suspension']),
  ];
}

function validatePreemption(spec: Record<string, unknown>): FieldError[] {
  if (spec['preemption'] !== 'Always') return [];
  return listOf(spec['resourceSelectors']).flatMap((selector, i) =>
    at(selector, 'name')
      ? []
      : [
          field.invalidValue(
            `spec.resourceSelectors[${i}].name`,
            '',
            'name cannot be empty if preemption is Always, the empty name may cause unexpected resources preemption',
          ),
        ],
  );
}

function validateSuspension(suspension: unknown): FieldError[] {
  if (at(suspension, 'dispatching') !== true || listOf(at(suspension, 'dispatchingOnClusters', 'clusterNames')).length === 0) return [];
  const detail = 'suspension dispatching cannot co-exist with dispatchingOnClusters.clusterNames';
  return [invalidAs('spec.suspension.suspension', suspension, shapes.suspension, detail)];
}
