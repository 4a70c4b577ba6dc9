// Kubeflow: training jobs and notebooks (kubeflow.org).
import { at, type Clock, isObject, timestamp } from '../../kube/index.ts';
import type { AggregatedStatusItem, Component } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import {
  atLeast,
  CatalogueError,
  dependenciesOf,
  items as entries,
  extreme,
  type Fields,
  holds,
  need,
  numberOf,
  numberOr,
  omitEmpty,
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
  /** The conditions of the whole. */
  readonly conditions: (list: readonly AggregatedStatusItem[], clock: Clock) => readonly Fields[];
  /** Whether an empty list of statuses is as good as none. */
  readonly emptyIsNone: boolean;
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
    Math.trunc(numberOr(spec['replicas'], fallback(type)));

/** Sums of replica statuses by type. */
function replicaStatuses(statuses: readonly Fields[], typesOf: (given: Fields) => readonly string[] = Object.keys): Fields {
  const sumsByType = new Map<string, Fields>();
  for (const status of statuses) {
    const given = isObject(status['replicaStatuses']) ? status['replicaStatuses'] : {};
    for (const type of typesOf(given)) {
      const counts = given[type];
      if (counts === undefined) continue;
      const known = sumsByType.get(type) ?? Object.fromEntries(SCALES.map(scale => [scale, 0]));
      for (const scale of SCALES) known[scale] = numberOf(known[scale], scale) + numberOf((counts as Fields)[scale] ?? 0, scale);
      sumsByType.set(type, known);
    }
  }
  return Object.fromEntries(sumsByType);
}

function training(kind: TrainingKind): CatalogueRules {
  return {
    components: components(kind),
    health: ({ status }) => hasNotFailed(status),
    aggregate(object, list, clock) {
      const { startTime: _, completionTime: known, ...before } = (isObject(object['status']) ? object['status'] : {}) as Fields;
      if (!list || (kind.emptyIsNone && list.length === 0))
        return { ...object, status: { ...before, conditions: [], replicaStatuses: {} } };
      const statuses = statusesOf(list);
      const conditions = kind.conditions(list, clock);
      const completed = conditions.some(({ type }) => type === 'Succeeded');
      const status = {
        ...before,
        completionTime: completed ? extreme(statuses, 'completionTime', 'latest') : known,
        startTime: extreme(statuses, 'startTime', 'earliest'),
        lastReconcileTime: extreme(statuses, 'lastReconcileTime', 'latest'),
        replicaStatuses: replicaStatuses(statuses, () => kind.types.map(([type]) => type)),
        conditions,
      };
      return { ...object, status: omitEmpty(status) };
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

/** Whether a status has a condition of the type that is true. */
const isTrue = ({ status }: AggregatedStatusItem, type: string): boolean => holds(status, type);

/** What a TFJob ended with in a cluster: the last of the conditions that tell. */
function endOf({ status }: AggregatedStatusItem): unknown {
  const ends = entries(isObject(status) ? status['conditions'] : undefined).filter(
    (c): c is Fields => isObject(c) && (c['type'] === 'Succeeded' || c['type'] === 'Failed') && c['status'] === 'True',
  );
  return ends.at(-1)?.['type'];
}

/** Failed in some clusters, and succeeded in all. */
function endConditions(list: readonly AggregatedStatusItem[], clock: Clock): readonly Fields[] {
  const now = timestamp(clock.now());
  const failed = list.filter(item => endOf(item) === 'Failed').map(({ clusterName }) => clusterName);
  const times = { lastProbeTime: now, lastTransitionTime: now };
  const message = 'TFJob completed successfully';
  const succeeded = list.length > 0 && list.every(item => endOf(item) === 'Succeeded');
  return [
    ...(failed.length > 0 ? [failure('TFJob', failed, clock)] : []),
    ...(succeeded ? [{ type: 'Succeeded', status: 'True', reason: 'Completed', message, ...times }] : []),
  ];
}

/** Created, since the earliest start; running, unless it ended; and how it ended, at the time of completion. */
function lifeConditions(list: readonly AggregatedStatusItem[]): readonly Fields[] {
  const statuses = statusesOf(list);
  const conditions = statuses.flatMap(status => entries(status['conditions'])).filter(isObject);
  const failed = list.filter(item => isTrue(item, 'Failed')).map(({ clusterName }) => clusterName);
  const succeeded = failed.length === 0 && list.every(item => isTrue(item, 'Succeeded'));
  const at = (time: unknown): Fields => (time === undefined ? {} : { lastTransitionTime: time, lastUpdateTime: time });
  const condition = (type: string, message: string, more: Fields): Fields => {
    return { type, status: 'True', reason: `PyTorchJob${type}`, message, ...more };
  };
  const running = conditions.filter(({ type }) => type === 'Running').at(-1);
  const out: Fields[] = [];
  if (list.some(item => isTrue(item, 'Created')))
    out.push(condition('Created', 'PyTorchJob is created.', at(extreme(statuses, 'startTime', 'earliest'))));
  if (running) {
    const times = pick(running, ['lastTransitionTime', 'lastUpdateTime']);
    out.push(condition('Running', 'PyTorchJob is running.', { ...times, ...(failed.length > 0 || succeeded ? { status: 'False' } : {}) }));
  }
  const end = at(extreme(statuses, 'completionTime', 'latest'));
  if (failed.length > 0) out.push(condition('Failed', `PyTorchJob executed failed in member clusters: ${failed.join(', ')}`, end));
  else if (succeeded) out.push(condition('Succeeded', 'PyTorchJob is successfully completed.', end));
  return out;
}

export const pyTorchJob = training({
  conditions: lifeConditions,
  emptyIsNone: true,
  specs: 'pytorchReplicaSpecs',
  types: [
    ['Master', 'master'],
    ['Worker', 'worker'],
  ],
  replicasOf: countOr(() => 1),
});

export const tfJob = training({
  conditions: endConditions,
  emptyIsNone: false,
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
  const timeOf = (condition: Fields): unknown => condition['lastUpdateTime'] ?? condition['lastTransitionTime'];
  for (const condition of statuses.flatMap(status => entries(status['conditions']))) {
    const time = isObject(condition) ? timeOf(condition) : undefined;
    if (!isObject(condition) || time === undefined || time === '') continue;
    const type = condition['type'];
    if (type === undefined) throw new CatalogueError('a condition has no type');
    const known = newest.get(type);
    if (!known || !atLeast(timeOf(known), time, 'the time of a condition')) newest.set(type, condition);
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
    const timed = (field: string): readonly Fields[] => statuses.filter(status => status[field] !== '');
    return {
      ...object,
      status: {
        startTime: extreme(timed('startTime'), 'startTime', 'earliest'),
        completionTime: extreme(timed('completionTime'), 'completionTime', 'latest'),
        lastReconcileTime: extreme(timed('lastReconcileTime'), 'lastReconcileTime', 'latest'),
        replicaStatuses: replicaStatuses(statuses),
        conditions: newestConditions(statuses),
      },
    };
  },
};

const FAULTS = new Set<unknown>(['Error', 'OOMKilled', 'ContainerCannotRun']);

/** The last state of a notebook that does not run; else running since the latest start. And whether they failed, or all are ready. */
function stateOfNotebooks(list: readonly AggregatedStatusItem[], clock: Clock): Fields {
  const states = list.map(({ status }) => (isObject(status) ? (status['containerState'] ?? {}) : undefined) as Fields | undefined);
  const isDown = (state: Fields | undefined): boolean =>
    state !== undefined && (Object.keys(state).length === 0 || state['terminated'] !== undefined || state['waiting'] !== undefined);
  const failed = list.filter((_, i) => isDown(states[i])).map(({ clusterName }) => clusterName);
  if (failed.length > 0) {
    const last = states.filter(isDown).at(-1) ?? {};
    const containerState = Object.keys(last).length > 0 ? last : { waiting: { reason: 'Unschedulable' } };
    return { containerState, conditions: [failure('Notebook', failed, clock)] };
  }
  const running = states.flatMap(state => (isObject(state?.['running']) ? [state['running']] : []));
  if (running.length === 0) return {};
  const startedAt = extreme(running, 'startedAt', 'latest');
  const containerState = { running: startedAt === undefined ? {} : { startedAt } };
  if (running.length < list.length) return { containerState };
  const now = timestamp(clock.now());
  const times = { lastProbeTime: now, lastTransitionTime: now };
  const ready = { type: 'Ready', status: 'True', reason: 'Ready', message: 'All notebooks are ready', ...times };
  return { containerState, conditions: [ready] };
}

export const notebook: CatalogueRules = {
  replicas: object => ({ replicas: 1, requirements: requirementsOf(need(object, 'spec', 'template')) }),
  reflect: ({ status }) =>
    isObject(status) ? { readyReplicas: 0, ...pick(status, ['conditions', 'containerState', 'readyReplicas']) } : {},
  health({ status }) {
    const state = isObject(status) ? status['containerState'] : undefined;
    if (!isObject(state)) return false;
    const { running, waiting, terminated } = state;
    if (running !== undefined) return true;
    if (waiting !== undefined) return isObject(waiting) && waiting['reason'] === 'ContainerCreating';
    if (!isObject(terminated)) return false;
    return (terminated['exitCode'] ?? 0) === 0 && !FAULTS.has(terminated['reason']);
  },
  aggregate(object, list, clock) {
    if (!list) return object;
    if (list.length === 1) return { ...object, status: list[0]?.status };
    return { ...object, status: { ...sums(statusesOf(list), ['readyReplicas']), ...stateOfNotebooks(list, clock) } };
  },
};
