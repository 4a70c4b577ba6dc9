import { type AnyObject, at } from '../../kube/index.ts';
import { podDependencies } from './pod-dependencies.ts';
import { podRequirements } from './pod-requirements.ts';
import type { PodTemplate } from './pod-spec.ts';
import { type NativeRules, withSpec } from './rules.ts';
import { asBuiltin } from './typed.ts';
import { aggregateWorkload, reflectWorkload, type WorkloadStatus } from './workload.ts';

interface StatefulSet {
  readonly metadata?: { readonly namespace?: string; readonly generation?: number };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: PodTemplate;
    readonly volumeClaimTemplates?: readonly { readonly metadata?: { readonly name?: string } }[];
  };
  readonly status?: { readonly observedGeneration?: number; readonly updatedReplicas?: number; readonly availableReplicas?: number };
}

const read = (object: AnyObject): StatefulSet => asBuiltin('apps/v1', 'StatefulSet', object);

const STATUS: WorkloadStatus = {
  kind: 'StatefulSet',
  counters: ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
  always: ['replicas', 'availableReplicas'],
  reportsObservedGeneration: false,
};

/** apps/v1 StatefulSet */
export const statefulSet: NativeRules = {
  replicas(object) {
    const { spec } = read(object);
    return { replicas: spec?.replicas ?? 0, requirements: podRequirements(spec?.template?.spec) };
  },
  revise: (object, replicas) => (Number.isInteger(at(object, 'spec', 'replicas')) ? withSpec(object, 'replicas', replicas) : object),
  aggregate(object, items) {
    read(object);
    return aggregateWorkload(STATUS, object, items, item => item.template >= item.member);
  },
  dependencies(object) {
    const { metadata, spec } = read(object);
    const own = new Set((spec?.volumeClaimTemplates ?? []).map(claim => claim.metadata?.name ?? ''));
    return podDependencies(spec?.template?.spec, metadata?.namespace, own);
  },
  reflect: observed => reflectWorkload(STATUS, observed),
  health(observed) {
    const { metadata, spec, status } = read(observed);
    if ((status?.observedGeneration ?? 0) !== (metadata?.generation ?? 0)) return false;
    const updated = status?.updatedReplicas ?? 0;
    return updated >= (spec?.replicas ?? 0) && (status?.availableReplicas ?? 0) >= updated;
  },
};
