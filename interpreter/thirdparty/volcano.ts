// Volcano jobs (batch.volcano.sh).
import { at, isObject, objectOf, timestamp } from '../../kube/index.ts';
import type { CatalogueRules } from './rules.ts';
import { clustersWhere, items as entries, type Fields, lasts, numberOf, pick, requirementsOf, statusesOf, sums } from './values.ts';

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

/** The longest runningDuration, as it was written. */
function longest(statuses: readonly Fields[]): string | undefined {
  const texts = statuses.flatMap(({ runningDuration }) =>
    typeof runningDuration === 'string' && runningDuration !== '' ? [runningDuration] : [],
  );
  return texts.reduce<string | undefined>((max, text) => (max !== undefined && seconds(max) >= seconds(text) ? max : text), undefined);
}

/** Seconds of a duration such as `1h2m3s`. */
function seconds(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  return [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)].reduce((sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 1), 0);
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
    const failed = clustersWhere(list, status => isObject(status['state']) && status['state']['phase'] === 'Failed');
    const state = {
      phase: 'Failed',
      reason: 'VolcanoJobFailed',
      message: `Job failed in clusters: ${failed.join(', ')}`,
      lastTransitionTime: timestamp(clock.now()),
    };
    const version = statuses
      .flatMap(status => status['version'] ?? [])
      .reduce<number>((max, v) => Math.max(max, numberOf(v, 'version')), 0);
    return {
      ...object,
      status: {
        ...sums(
          statuses,
          COUNTS.filter(count => statuses.some(status => status[count] !== undefined && status[count] !== 0)),
        ),
        ...lasts(statuses, ['controlledResources']),
        taskStatusCount: taskPhases(statuses),
        conditions: statuses.find(status => entries(status['conditions']).length > 0)?.['conditions'],
        runningDuration: longest(statuses),
        version,
        ...(failed.length > 0 ? { state } : {}),
      },
    };
  },
};
