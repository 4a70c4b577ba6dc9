// Kubeflow: training jobs and notebooks (kubeflow.org).
import { at, type Clock, isObject, timestamp } from '../../kube/index.ts';
import type { Component } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import {
  clustersWhere,
  dependenciesOf,
  items as entries,
  type Fields,
  holds,
  lasts,
  need,
  numberOf,
  pick,
  requirementsOf,
  statusesOf,
  sums,
  unique,
} from './values.ts';

const SCALES = ['active', 'failed', 'succeeded'];

interface TrainingKind {
  /** Where the replica specs lie in spec. */
  readonly specs: string;
  /** Replica types in the order of components, with the name of the component. */
  readonly types: readonly (readonly [type: string, component: string])[];
  readonly replicasOf: (spec: Fields, type: string) => number;
  /** The conditions of a whole that failed in some clusters; with the time of now where a kind says nothing else. */
  readonly failed?: (statuses: readonly Fields[], clusters: readonly string[]) => readonly Fields[];
  /** The conditions of a whole that did not fail. */
  readonly progress?: (statuses: readonly Fields[]) => readonly Fields[];
}

function components(kind: TrainingKind): NonNullable<CatalogueRules['components']> {
  return object => {
    const specs = at(object, 'spec', kind.specs);
    const out: Component[] = [];
    for (const [type, name] of kind.types) {
      const spec = isObject(specs) ? specs[type] : undefined;
      if (!isObject(spec)) continue;
      const replicaRequirements = isObject(spec['template']) ? requirementsOf(spec['template']) : undefined;
      out.push({ name, replicas: kind.replicasOf(spec, type), ...(replicaRequirements ? { replicaRequirements } : {}) });
    }
    return out;
  };
}

/** Failed jobs, and those that say nothing about themselves, are unhealthy. */
function hasNotFailed(status: unknown): boolean {
  const conditions = isObject(status) ? status['conditions'] : undefined;
  if (!Array.isArray(conditions)) return false;
  return !conditions.some(c => isObject(c) && c['type'] === 'Failed' && c['status'] === 'True');
}

const countOr =
  (fallback: (type: string) => number) =>
  (spec: Fields, type: string): number =>
    Math.trunc(Number(spec['replicas'] === '' ? fallback(type) : (spec['replicas'] ?? fallback(type))));

/** Sums of replica statuses by type, with zeroes or without. */
function replicaStatuses(statuses: readonly Fields[], zero: boolean): Fields {
  const sumsByType = new Map<string, Fields>();
  for (const status of statuses) {
    const given = isObject(status['replicaStatuses']) ? status['replicaStatuses'] : {};
    for (const [type, counts] of Object.entries(given)) {
      const known = sumsByType.get(type) ?? Object.fromEntries(SCALES.map(scale => [scale, 0]));
      for (const scale of SCALES) known[scale] = numberOf(known[scale], scale) + numberOf((counts as Fields)[scale] ?? 0, scale);
      sumsByType.set(type, known);
    }
  }
  const kept = (counts: Fields): Fields => (zero ? counts : Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)));
  return Object.fromEntries([...sumsByType].map(([type, counts]) => [type, kept(counts)]));
}

function extreme(statuses: readonly Fields[], field: string, later: boolean): unknown {
  const times = statuses.flatMap(status => (typeof status[field] === 'string' ? [status[field]] : [])).sort();
  return later ? times.at(-1) : times[0];
}

function training(kind: TrainingKind & { readonly kindName: string }): CatalogueRules {
  return {
    components: components(kind),
    health: ({ status }) => hasNotFailed(status),
    aggregate(object, list, clock) {
      const before = isObject(object['status']) ? object['status'] : {};
      if (!list) return { ...object, status: { ...before, conditions: before['conditions'] ?? [] } };
      const statuses = statusesOf(list);
      const failed = clustersWhere(list, status => holds(status, 'Failed'));
      const counts = replicaStatuses(statuses, false);
      return {
        ...object,
        status: {
          ...(before['completionTime'] ? { completionTime: before['completionTime'] } : {}),
          ...(Object.keys(counts).length > 0 ? { replicaStatuses: counts } : {}),
          startTime: extreme(statuses, 'startTime', false),
          lastReconcileTime: extreme(statuses, 'lastReconcileTime', true),
          conditions: failed.length > 0 ? (kind.failed ?? failedNow(kind.kindName, clock))(statuses, failed) : kind.progress?.(statuses),
        },
      };
    },
    dependencies(object) {
      const specs = at(object, 'spec', kind.specs);
      const each = isObject(specs) ? kind.types.map(([type]) => specs[type]) : [];
      return unique(
        each.flatMap(spec =>
          isObject(spec) && isObject(spec['template']) ? (dependenciesOf(spec['template'], object.metadata.namespace) ?? []) : [],
        ),
      );
    },
  };
}

/** The condition of a whole that failed in some clusters. */
function failure(kindName: string, clusters: readonly string[], clock: Clock): Fields {
  const now = timestamp(clock.now());
  const message = `${kindName} executed failed in member clusters: ${clusters.join(', ')}`;
  return { type: 'Failed', status: 'True', reason: `${kindName}Failed`, message, lastProbeTime: now, lastTransitionTime: now };
}

const failedNow =
  (kindName: string, clock: Clock): NonNullable<TrainingKind['failed']> =>
  (_, clusters) => [failure(kindName, clusters, clock)];

/** Failed at the time of completion; what ran until then does not run any more. */
function failedAtCompletion(kindName: string): NonNullable<TrainingKind['failed']> {
  return (statuses, clusters) => {
    const at = extreme(statuses, 'completionTime', true);
    const times = at === undefined ? {} : { lastTransitionTime: at, lastUpdateTime: at };
    const message = `${kindName} executed failed in member clusters: ${clusters.join(', ')}`;
    const stopped = progressOf(kindName)(statuses).filter(({ type }) => type === 'Running');
    return [
      ...stopped.map(({ lastTransitionTime: _, lastUpdateTime: __, ...rest }) => ({ ...rest, status: 'False', ...times })),
      { type: 'Failed', status: 'True', reason: `${kindName}Failed`, message, ...times },
    ];
  };
}

/** Created, since the earliest start; and running as soon as it runs somewhere. */
function progressOf(kindName: string): (statuses: readonly Fields[]) => readonly Fields[] {
  return statuses => {
    const progress = (type: string, times: Fields): Fields => {
      const message = `${kindName} is ${type.toLowerCase()}.`;
      return { type, status: 'True', reason: `${kindName}${type}`, message, ...times };
    };
    const running = statuses
      .flatMap(status => entries(status['conditions']))
      .filter((c): c is Fields => isObject(c) && c['type'] === 'Running' && c['status'] === 'True')
      .at(-1);
    const since = extreme(statuses, 'startTime', false);
    const created = statuses.some(status => holds(status, 'Created'));
    return [
      ...(created ? [progress('Created', { lastTransitionTime: since, lastUpdateTime: since })] : []),
      ...(running ? [progress('Running', pick(running, ['lastTransitionTime', 'lastUpdateTime']))] : []),
    ];
  };
}

export const pyTorchJob = training({
  kindName: 'PyTorchJob',
  progress: progressOf('PyTorchJob'),
  failed: failedAtCompletion('PyTorchJob'),
  specs: 'pytorchReplicaSpecs',
  types: [
    ['Master', 'master'],
    ['Worker', 'worker'],
  ],
  replicasOf: countOr(() => 1),
});

export const tfJob = training({
  kindName: 'TFJob',
  specs: 'tfReplicaSpecs',
  types: [
    ['PS', 'ps'],
    ['Worker', 'worker'],
    ['Chief', 'chief'],
    ['Master', 'master'],
    ['Evaluator', 'evaluator'],
  ],
  replicasOf: countOr(() => 1),
});

/** Of each type the condition that changed last, in the order in which the types come; what has no time does not count. */
function newestConditions(statuses: readonly Fields[]): readonly Fields[] {
  const newest = new Map<unknown, Fields>();
  for (const condition of statuses.flatMap(status => entries(status['conditions']))) {
    if (!isObject(condition) || typeof condition['lastTransitionTime'] !== 'string') continue;
    const known = newest.get(condition['type']);
    if (!known || String(known['lastTransitionTime']) < condition['lastTransitionTime']) newest.set(condition['type'], condition);
  }
  return [...newest.values()];
}

const MPI = ['completionTime', 'conditions', 'lastReconcileTime', 'replicaStatuses', 'startTime'];

export const mpiJob: CatalogueRules = {
  components(object) {
    const specs = at(object, 'spec', 'mpiReplicaSpecs');
    if (!isObject(specs)) return [];
    return Object.entries(specs)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, spec]) => {
        if (!isObject(spec) || !isObject(spec['template'])) return [];
        const replicaRequirements = requirementsOf(spec['template']);
        const replicas = countOr(type => (type === 'Worker' ? 0 : 1))(spec, name);
        return [{ name, replicas, ...(replicaRequirements ? { replicaRequirements } : {}) }];
      });
  },
  reflect: ({ status }) => (isObject(status) ? pick(status, MPI) : {}),
  health({ status }) {
    return isObject(status) && entries(status['conditions']).length > 0 && hasNotFailed(status);
  },
  aggregate(object, list) {
    if (!list || list.length === 0) return object;
    const [first] = list;
    if (list.length === 1) return first?.status === undefined ? object : { ...object, status: first.status };
    const statuses = statusesOf(list);
    const conditions = newestConditions(statuses);
    return {
      ...object,
      status: {
        startTime: extreme(statuses, 'startTime', false),
        completionTime: extreme(statuses, 'completionTime', true),
        lastReconcileTime: extreme(statuses, 'lastReconcileTime', true),
        replicaStatuses: replicaStatuses(statuses, true),
        ...(conditions.length > 0 ? { conditions } : {}),
      },
    };
  },
};

export const notebook: CatalogueRules = {
  replicas: object => ({ replicas: 1, requirements: requirementsOf(need(object, 'spec', 'template')) }),
  reflect: ({ status }) =>
    isObject(status) ? { readyReplicas: 0, ...pick(status, ['conditions', 'containerState', 'readyReplicas']) } : {},
  health({ status }) {
    const state = isObject(status) ? status['containerState'] : undefined;
    if (!isObject(state)) return false;
    if (isObject(state['running'])) return true;
    if (isObject(state['waiting']) && state['waiting']['reason'] === 'ContainerCreating') return true;
    return isObject(state['terminated']) && state['terminated']['exitCode'] === 0;
  },
  aggregate(object, list, clock) {
    if (!list) return object;
    if (list.length === 1) return { ...object, status: list[0]?.status };
    const statuses = statusesOf(list);
    const failed = clustersWhere(list, status => !isObject(status['containerState']) || !isObject(status['containerState']['running']));
    const counts = sums(statuses, ['readyReplicas']);
    if (failed.length === 0) return { ...object, status: { ...counts, ...lasts(statuses, ['containerState']) } };
    const conditions = [failure('Notebook', failed, clock)];
    return { ...object, status: { ...counts, containerState: { waiting: { reason: 'Unschedulable' } }, conditions } };
  },
};
