import { type AnyObject, at } from '../../kube/index.ts';
import { podDependencies } from './pod-dependencies.ts';
import { podRequirements } from './pod-requirements.ts';
import type { PodTemplate } from './pod-spec.ts';
import { type NativeRules, withSpec } from './rules.ts';
import { asBuiltin } from './typed.ts';
import { aggregateWorkload, reflectWorkload, type WorkloadStatus } from './workload.ts';

interface ReplicaSet {
  readonly metadata?: { readonly namespace?: string; readonly generation?: number };
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
  readonly status?: { readonly observedGeneration?: number; readonly availableReplicas?: number };
}

const read = (object: AnyObject): ReplicaSet => asBuiltin('apps/v1', 'ReplicaSet', object);

const STATUS: WorkloadStatus = {
  kind: 'ReplicaSet',
  counters: ['replicas', 'readyReplicas', 'availableReplicas'],
  always: ['replicas'],
  reportsObservedGeneration: true,
};

/** apps/v1 ReplicaSet */
export const replicaSet: NativeRules = {
  replicas(object) {
    const { spec } = read(object);
    return { replicas: spec?.replicas ?? 0, requirements: podRequirements(spec?.template?.spec) };
  },
  revise: (object, replicas) => (Number.isInteger(at(object, 'spec', 'replicas')) ? withSpec(object, 'replicas', replicas) : object),
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
    return (status?.observedGeneration ?? 0) === (metadata?.generation ?? 0) && (status?.availableReplicas ?? 0) >= (spec?.replicas ?? 0);
  },
};
