import type { AnyObject } from '../../kube/index.ts';
import { podDependencies } from './pod-dependencies.ts';
import type { PodTemplate } from './pod-spec.ts';
import type { NativeRules } from './rules.ts';
import { asBuiltin } from './typed.ts';
import { aggregateWorkload, reflectWorkload, type WorkloadStatus } from './workload.ts';

interface DaemonSet {
  readonly metadata?: { readonly namespace?: string; readonly generation?: number };
  readonly spec?: { readonly template?: PodTemplate };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedNumberScheduled?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberAvailable?: number;
  };
}

const read = (object: AnyObject): DaemonSet => asBuiltin('apps/v1', 'DaemonSet', object);

const ALWAYS = ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady'];
const STATUS: WorkloadStatus = {
  kind: 'DaemonSet',
  counters: [...ALWAYS, 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'],
  always: ALWAYS,
  reportsObservedGeneration: true,
};

/** apps/v1 DaemonSet */
export const daemonSet: NativeRules = {
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
    const { metadata, status } = read(observed);
    if ((status?.observedGeneration ?? 0) !== (metadata?.generation ?? 0)) return false;
    const updated = status?.updatedNumberScheduled ?? 0;
    return updated >= (status?.desiredNumberScheduled ?? 0) && (status?.numberAvailable ?? 0) >= updated;
  },
};
