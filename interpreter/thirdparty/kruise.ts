// OpenKruise workloads (apps.kruise.io).
import { type AnyObject, at, isObject, objectOf } from '../../kube/index.ts';
import type { AggregatedStatusItem } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import {
  atLeast,
  CatalogueError,
  dependenciesOf,
  items as entries,
  type Fields,
  lasts,
  need,
  observedGeneration,
  pick,
  requirementsOf,
  someDependencies,
  statusesOf,
  sums,
  textOf,
  unique,
  withGenerations,
  withSpec,
} from './values.ts';

interface Workload {
  readonly counters: readonly string[];
  readonly texts: readonly string[];
  /** Texts that are emptied where no list of statuses exists. */
  readonly textsOfNone?: readonly string[];
  readonly reported: readonly string[];
}

/** A workload that counts replicas as a Deployment does. */
function workload({ counters, texts, textsOfNone = [], reported }: Workload): CatalogueRules {
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
      const status = { ...before, ...sums(statuses, counters), ...lasts(statuses, list ? texts : textsOfNone, '') };
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
  textsOfNone: REVISIONS,
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

/** The conditions of a job that failed in some clusters, and of one that completed in all. A cluster that says neither goes with the one before. */
function finishedConditions(list: readonly AggregatedStatusItem[]): Fields[] {
  let end: unknown;
  const ends = list.map(({ status }) => {
    const finished = entries(isObject(status) ? status['conditions'] : undefined).find(
      c => isObject(c) && (c['type'] === 'Complete' || c['type'] === 'Failed') && c['status'] === 'True',
    );
    end = isObject(finished) ? finished['type'] : end;
    return end;
  });
  const failed = list.flatMap(({ clusterName }, i) => (ends[i] === 'Failed' ? [clusterName] : []));
  const message = `Job executed failed in member clusters: ${failed.join(', ')}`;
  const isComplete = ends.length > 0 && ends.every(each => each === 'Complete');
  return [
    ...(failed.length > 0 ? [{ type: 'Failed', status: 'True', reason: 'JobFailed', message }] : []),
    ...(isComplete ? [{ type: 'Completed', status: 'True', reason: 'Completed', message: 'Job completed' }] : []),
  ];
}

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
    if (!isObject(theirs) || theirs['labels'] === undefined) return desired;
    const metadata = need(template, 'metadata');
    if (!isObject(metadata)) throw new CatalogueError('spec.template.metadata is absent');
    const { labels } = theirs;
    return withSpec(desired, { template: { ...template, metadata: { ...metadata, labels } } });
  },
  aggregate(object, list) {
    if (!list) return object;
    const statuses = statusesOf(list);
    const before = isObject(object['status']) ? object['status'] : {};
    const phase = statuses.flatMap(status => status['phase'] ?? []).at(-1) ?? '';
    return { ...object, status: { ...before, ...sums(statuses, BROADCAST), phase, conditions: finishedConditions(list) } };
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

/** A kind, what may refer to an object of it, and the field that names the object. */
type Source = readonly [kind: string, source: unknown, key?: string];

const eachOf = (value: unknown, field: string): readonly unknown[] => entries(isObject(value) ? value[field] : undefined);

function sourcesOfContainer(container: unknown): Source[] {
  const variables = eachOf(container, 'env').map(variable => at(variable, 'valueFrom'));
  return [
    ...variables.flatMap<Source>(from => [
      ['ConfigMap', at(from, 'configMapKeyRef')],
      ['Secret', at(from, 'secretKeyRef')],
    ]),
    ...eachOf(container, 'envFrom').flatMap<Source>(from => [
      ['ConfigMap', at(from, 'configMapRef')],
      ['Secret', at(from, 'secretRef')],
    ]),
  ];
}

function sourcesOfVolume(volume: unknown): Source[] {
  const projected = eachOf(at(volume, 'projected'), 'sources').flatMap<Source>(source => [
    ['ConfigMap', at(source, 'configMap')],
    ['Secret', at(source, 'secret')],
  ]);
  return [['ConfigMap', at(volume, 'configMap')], ['Secret', at(volume, 'secret'), 'secretName'], ...projected];
}

/** A reference without a name is refused later, with its place in the list. */
const nameOf = (name: unknown): string => (name === undefined ? '' : textOf(name, 'name'));

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
    const sources = [...entries(containers).flatMap(sourcesOfContainer), ...entries(volumes).flatMap(sourcesOfVolume)];
    const { namespace } = object.metadata;
    const references = sources.flatMap(([kind, source, key = 'name']) =>
      source === undefined ? [] : [{ apiVersion: 'v1', kind, ...(namespace ? { namespace } : {}), name: nameOf(need(source, key)) }],
    );
    return unique(references);
  },
  reflect: ({ status }) => (isObject(status) ? { matchedPods: 0, updatedPods: 0, readyPods: 0, ...pick(status, SIDECARS) } : {}),
  health(observed) {
    if (!isObject(observed['status'])) return false;
    const { matchedPods = 0, updatedPods } = observed['status'];
    return matchedPods === 0 || updatedPods === matchedPods;
  },
};
