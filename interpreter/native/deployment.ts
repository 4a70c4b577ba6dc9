import { type AnyObject, at } from '../../kube/index.ts';
import { podDependencies } from './pod-dependencies.ts';
import { podRequirements } from './pod-requirements.ts';
import type { PodTemplate } from './pod-spec.ts';
import { type NativeRules, withSpec } from './rules.ts';
import { asBuiltin, TypedError } from './typed.ts';
import { aggregateWorkload, reflectWorkload, type WorkloadStatus } from './workload.ts';

interface Deployment {
  readonly metadata?: { readonly namespace?: string; readonly generation?: number };
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
  readonly status?: { readonly observedGeneration?: number; readonly updatedReplicas?: number; readonly availableReplicas?: number };
}

const read = (object: AnyObject): Deployment => asBuiltin('apps/v1', 'Deployment', object);

const STATUS: WorkloadStatus = {
  kind: 'Deployment',
  counters: ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'],
  reportsObservedGeneration: true,
};

/** apps/v1 Deployment */
export const deployment: NativeRules = {
  replicas(object) {
    const { spec } = read(object);
    return { replicas: spec?.replicas ?? 0, requirements: podRequirements(spec?.template?.spec) };
  },
  revise: (object, replicas) => (Number.isInteger(at(object, 'spec', 'replicas')) ? withSpec(object, 'replicas', replicas) : object),
  retain(desired, observed) {
    if (at(desired, 'metadata', 'labels', 'resourcetemplate.karmada.io/retain-replicas') !== 'true') return desired;
    const replicas = at(observed, 'spec', 'replicas');
    if (!Number.isInteger(replicas))
      throw new TypedError(
        `failed to get spec.replicas from Deployment ${observed.metadata.namespace ?? ''}/${observed.metadata.name ?? ''}`,
      );
    return withSpec(desired, 'replicas', replicas);
  },
  aggregate(object, items) {
    read(object);
    return aggregateWorkload(STATUS, object, items);
  },
  dependencies(object) {
    const { metadata, spec } = read(object);
    return podDependencies(spec?.template?.spec, metadata?.namespace);
  },
  reflect: observed => reflectWorkload(STATUS, observed),
  health(observed) {
    const { metadata, spec, status } = read(observed);
    if ((status?.observedGeneration ?? 0) !== (metadata?.generation ?? 0)) return false;
    const updated = status?.updatedReplicas ?? 0;
    return updated >= (spec?.replicas ?? 0) && (status?.availableReplicas ?? 0) >= updated;
  },
};
