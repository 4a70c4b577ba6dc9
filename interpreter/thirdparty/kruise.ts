// OpenKruise workloads (apps.kruise.io).
import { type AnyObject, isObject, objectOf } from '../../kube/index.ts';
import { podDependencies } from '../native/pod-dependencies.ts';
import type { CatalogueRules } from './rules.ts';
import {
  atLeast,
  CatalogueError,
  clustersWhere,
  dependenciesOf,
  items as entries,
  type Fields,
  holds,
  lasts,
  need,
  observedGeneration,
  pick,
  requirementsOf,
  someDependencies,
  statusesOf,
  sums,
  templateOf,
  withGenerations,
  withSpec,
} from './values.ts';

interface Workload {
  readonly counters: readonly string[];
  readonly texts: readonly string[];
  readonly reported: readonly string[];
}

/** A workload that counts replicas as a Deployment does. */
function workload({ counters, texts, reported }: Workload): CatalogueRules {
  return {
    replicas(object) {
      const replicas = need(object, 'spec', 'replicas');
      if (typeof replicas !== 'number') throw new CatalogueError('spec.replicas is no number');
      return { replicas: Math.trunc(replicas), requirements: requirementsOf(need(object, 'spec', 'template')) };
    },
    revise: (object, replicas) => withSpec(object, { replicas }),
    aggregate(object, list) {
      const statuses = statusesOf(list);
      const before = isObject(object['status']) ? object['status'] : {};
      const status = { ...before, ...sums(statuses, counters), ...(list ? lasts(statuses, texts, '') : {}) };
      return { ...object, status: { ...status, observedGeneration: observedGeneration(object, list) } };
    },
    dependencies: object => someDependencies(need(object, 'spec', 'template'), object.metadata.namespace),
    reflect: observed => reflectFields(observed, reported),
    health(observed) {
      if (need(observed, 'status', 'observedGeneration') !== observed.metadata.generation) return false;
      const { updatedReplicas, availableReplicas } = observed['status'] as Fields;
      const replicas = need(observed, 'spec', 'replicas');
      if ((replicas ?? undefined) !== undefined && !atLeast(updatedReplicas, replicas, 'updatedReplicas')) return false;
      return atLeast(availableReplicas, updatedReplicas, 'availableReplicas');
    },
  };
}

function reflectFields(observed: AnyObject, fields: readonly string[]): unknown {
  const { status } = observed;
  return isObject(status) ? withGenerations(observed, pick(status, fields)) : {};
}

const CLONE_SET = ['replicas', 'readyReplicas', 'updatedReplicas', 'availableReplicas', 'updatedReadyReplicas', 'expectedUpdatedReplicas'];
const REVISIONS = ['updateRevision', 'currentRevision'];

export const cloneSet = workload({
  counters: CLONE_SET,
  texts: [...REVISIONS, 'labelSelector'],
  reported: [...CLONE_SET, ...REVISIONS, 'labelSelector', 'observedGeneration'],
});

const STATEFUL_SET = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'updatedReadyReplicas'];

export const advancedStatefulSet = workload({
  counters: STATEFUL_SET,
  texts: REVISIONS,
  reported: [...STATEFUL_SET, ...REVISIONS, 'observedGeneration'],
});

const UNITED = ['replicas', 'readyReplicas', 'updatedReplicas', 'availableReplicas', 'unavailableReplicas'];

const united = workload({ counters: UNITED, texts: [], reported: [...UNITED, 'observedGeneration', 'conditions'] });

export const unitedDeployment: CatalogueRules = {
  ...united,
  aggregate(object, list, clock) {
    const result = united.aggregate?.(object, list, clock) ?? object;
    const status = (result['status'] ?? {}) as Fields;
    const conditions = new Map(statusesOf(list).flatMap(member => entries(member['conditions']).map(c => [need(c, 'type'), c] as const)));
    return conditions.size === 0 ? result : { ...result, status: { ...status, conditions: [...conditions.values()] } };
  },
  health: (observed): boolean => isObject(observed['status']) && (united.health?.(observed) ?? false),
};

const DAEMON_SET = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
];

export const advancedDaemonSet: CatalogueRules = {
  aggregate(object, list) {
    const statuses = statusesOf(list);
    const before = isObject(object['status']) ? object['status'] : {};
    const status = { ...before, ...sums(statuses, DAEMON_SET), ...lasts(statuses, ['daemonSetHash'], 0) };
    return { ...object, status: { ...status, observedGeneration: observedGeneration(object, list) } };
  },
  dependencies: object => dependenciesOf(need(object, 'spec', 'template'), object.metadata.namespace) ?? [],
  reflect: observed => reflectFields(observed, [...DAEMON_SET, 'daemonSetHash', 'observedGeneration']),
  health(observed) {
    if (need(observed, 'status', 'observedGeneration') !== observed.metadata.generation) return false;
    const { updatedNumberScheduled, desiredNumberScheduled, numberAvailable } = observed['status'] as Fields;
    if (!atLeast(updatedNumberScheduled, desiredNumberScheduled, 'updatedNumberScheduled')) return false;
    return atLeast(numberAvailable, updatedNumberScheduled, 'numberAvailable');
  },
};

const BROADCAST = ['active', 'succeeded', 'failed', 'desired'];

export const broadcastJob: CatalogueRules = {
  replicas(object) {
    const parallelism = need(object, 'spec', 'parallelism') ?? 1;
    if (typeof parallelism !== 'number') throw new CatalogueError('spec.parallelism is no number');
    return { replicas: Math.trunc(parallelism), requirements: requirementsOf(need(object, 'spec', 'template')) };
  },
  revise: (object, parallelism) => withSpec(object, { parallelism }),
  retain(desired, observed) {
    const template = need(desired, 'spec', 'template') as Fields;
    const theirs = need(observed, 'spec', 'template', 'metadata');
    if (!isObject(theirs)) return desired;
    const metadata = need(template, 'metadata');
    if (!isObject(metadata)) throw new CatalogueError('spec.template.metadata is absent');
    const { labels } = theirs;
    return withSpec(desired, { template: { ...template, metadata: { ...metadata, labels } } });
  },
  aggregate(object, list) {
    if (!list) return object;
    const statuses = statusesOf(list);
    const before = isObject(object['status']) ? object['status'] : {};
    const failed = clustersWhere(list, status => holds(status, 'Failed'));
    const message = `Job executed failed in member clusters: ${failed.join(', ')}`;
    const conditions = failed.length > 0 ? [{ type: 'Failed', status: 'True', reason: 'JobFailed', message }] : undefined;
    return { ...object, status: { ...before, ...sums(statuses, BROADCAST), ...lasts(statuses, ['phase'], ''), conditions } };
  },
  dependencies: object => someDependencies(need(object, 'spec', 'template'), object.metadata.namespace),
  reflect: ({ status }) => (isObject(status) ? pick(status, [...BROADCAST, 'phase', 'conditions', 'startTime', 'completionTime']) : {}),
  health(observed) {
    const { desired, failed, succeeded, active } = {
      desired: need(observed, 'status', 'desired'),
      ...(observed['status'] as Fields),
    } as Fields;
    if (desired === 0 || failed !== 0) return false;
    return !(succeeded === 0 && active === 0);
  },
};

export const advancedCronJob: CatalogueRules = {
  aggregate(object, list) {
    if (!list) return object;
    const statuses = statusesOf(list);
    const before = isObject(object['status']) ? object['status'] : {};
    const active = statuses.flatMap(status => entries(status['active']));
    return { ...object, status: { ...before, active, ...lasts(statuses, ['type'], ''), ...lasts(statuses, ['lastScheduleTime']) } };
  },
  dependencies(object) {
    const { jobTemplate, broadcastJobTemplate } = (need(object, 'spec', 'template') ?? {}) as Fields;
    const chosen = broadcastJobTemplate ?? jobTemplate;
    return someDependencies(chosen === undefined ? {} : need(chosen, 'spec', 'template'), object.metadata.namespace);
  },
};

const SIDECARS = ['matchedPods', 'updatedPods', 'readyPods'];

export const sidecarSet: CatalogueRules = {
  replicas: () => ({ replicas: 0, requirements: undefined }),
  retain: desired => desired,
  aggregate(object, list) {
    if (!list) throw new CatalogueError('there is no list of statuses');
    return { ...object, status: sums(statusesOf(list), SIDECARS) };
  },
  dependencies(object) {
    const { containers, volumes } = objectOf(object['spec']);
    const plain = entries(volumes).filter(volume => isObject(volume) && ['configMap', 'secret'].some(source => source in volume));
    const { spec } = templateOf({ spec: { containers, volumes: plain } });
    return podDependencies(spec, object.metadata.namespace);
  },
  reflect: ({ status }) => (isObject(status) ? { matchedPods: 0, updatedPods: 0, readyPods: 0, ...pick(status, SIDECARS) } : {}),
  health(observed) {
    if (!isObject(observed['status'])) return false;
    const { matchedPods = 0, updatedPods } = observed['status'];
    return matchedPods === 0 || updatedPods === matchedPods;
  },
};
