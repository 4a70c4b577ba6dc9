// Volcano jobs (batch.volcano.sh).
import { at, isObject, objectOf, timestamp } from '../../kube/index.ts';
import type { AggregatedStatusItem } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import {
  atLeast,
  CatalogueError,
  items as entries,
  type Fields,
  numberOf,
  numberOr,
  omitEmpty,
  pick,
  requirementsOf,
  statusesOf,
  sums,
} from './values.ts';

const HEALTHY = new Set([
  'Pending',
  'Running',
  'Restarting',
  'Completing',
  'Completed',
  'Aborting',
  'Aborted',
  'Terminating',
  'Terminated',
]);
const COUNTS = ['minAvailable', 'pending', 'running', 'succeeded', 'failed', 'terminating', 'unknown', 'retryCount'];
const OTHERS = ['conditions', 'state', 'version', 'runningDuration', 'taskStatusCount', 'controlledResources'];

/** How many pods of each task are in each phase; none is left out. */
function taskPhases(statuses: readonly Fields[]): Fields {
  const tasks = new Map<string, Map<string, number>>();
  for (const [task, count] of statuses.flatMap(status => Object.entries(status['taskStatusCount'] ?? {}))) {
    const phases = tasks.get(task) ?? new Map<string, number>();
    for (const [phase, pods] of Object.entries(objectOf(at(count, 'phase'))))
      phases.set(phase, (phases.get(phase) ?? 0) + numberOf(pods, phase));
    tasks.set(task, phases);
  }
  const out: Fields = {};
  for (const [task, phases] of tasks) {
    const some = [...phases].filter(([, pods]) => pods !== 0);
    if (some.length > 0) out[task] = { phase: Object.fromEntries(some) };
  }
  return out;
}

/** The longest runningDuration, as it was written; '0s' where none is longer. */
function longest(statuses: readonly Fields[]): unknown {
  return statuses
    .map(({ runningDuration }) => runningDuration)
    .reduce((max, duration) => (seconds(duration) > seconds(max) ? duration : max), '0s');
}

/** Seconds of a duration such as `1h2m3s`, or of a number; 0 for anything else. */
function seconds(duration: unknown): number {
  if (typeof duration !== 'string') return typeof duration === 'number' ? duration : 0;
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
  const parts = [...duration.matchAll(/([\d.]+)([hms])/g)];
  return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 1), 0) || numberOr(duration, 0);
}

const ENDED_BADLY = new Set<unknown>(['Failed', 'Aborted', 'Aborting', 'Terminated', 'Terminating']);

/** The conditions of the first cluster where something ended badly; else of each status the condition that changed last. */
function conditionsOf(statuses: readonly Fields[]): readonly unknown[] {
  const each = statuses.map(status => entries(status['conditions']) as readonly Fields[]);
  const bad = each.find(conditions => conditions.some(({ status }) => ENDED_BADLY.has(status)));
  if (bad) return bad;
  const newest = new Map<unknown, Fields>();
  for (const condition of each.flat()) {
    const { status, lastTransitionTime } = condition;
    const known = newest.get(status);
    if (status === undefined) throw new CatalogueError('a condition has no status');
    if (!known || !atLeast(known['lastTransitionTime'], lastTransitionTime, 'lastTransitionTime')) newest.set(status, condition);
  }
  return [...newest.values()];
}

/** The state of the whole: it completed everywhere, or failed or was aborted somewhere. */
function stateOf(list: readonly AggregatedStatusItem[], now: string): Fields | undefined {
  const phases = list.map(({ status }) => at(status, 'state', 'phase'));
  const failed = list.flatMap(({ clusterName }, i) => (phases[i] === 'Failed' || phases[i] === 'Aborted' ? [clusterName] : []));
  if (failed.length > 0)
    return { phase: 'Failed', reason: 'VolcanoJobFailed', message: `Job failed in clusters: ${failed.join(',')}`, lastTransitionTime: now };
  if (!phases.every(phase => phase === 'Completed')) return undefined;
  return { phase: 'Completed', reason: 'Completed', message: 'Job completed successfully', lastTransitionTime: now };
}

export const volcanoJob: CatalogueRules = {
  components: object =>
    entries(at(object, 'spec', 'tasks')).map((task, i) => {
      const { name, minAvailable = 1, template } = task as Fields;
      const replicaRequirements = isObject(template) ? requirementsOf(template) : undefined;
      const replicas = Math.trunc(numberOf(minAvailable === '' ? 1 : minAvailable, 'minAvailable'));
      return {
        name: typeof name === 'string' && name !== '' ? name : `task-${i}`,
        replicas,
        ...(replicaRequirements ? { replicaRequirements } : {}),
      };
    }),
  reflect: ({ status }) => (isObject(status) ? pick(status, [...COUNTS, ...OTHERS]) : {}),
  health({ status }) {
    const phase = isObject(status) && isObject(status['state']) ? status['state']['phase'] : undefined;
    return typeof phase === 'string' && HEALTHY.has(phase);
  },
  aggregate(object, list, clock) {
    if (!list || list.length === 0) return list ? { ...object, status: {} } : object;
    if (list.length === 1) return { ...object, status: list[0]?.status };
    const statuses = statusesOf(list);
    const status = {
      ...sums(statuses, COUNTS),
      version: statuses.reduce((max, { version = 0 }) => Math.max(max, numberOf(version, 'version')), 0),
      controlledResources: Object.assign({}, ...statuses.map(({ controlledResources }) => controlledResources)) as Fields,
      taskStatusCount: taskPhases(statuses),
      conditions: conditionsOf(statuses),
      runningDuration: longest(statuses),
      state: stateOf(list, timestamp(clock.now())),
    };
    return { ...object, status: omitEmpty(status) ?? {} };
  },
};
