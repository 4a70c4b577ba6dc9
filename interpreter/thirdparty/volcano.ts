// Volcano jobs (batch.volcano.sh).
import { isObject } from '../../kube/index.ts';
import type { CatalogueRules } from './rules.ts';
import { type Fields, items as entries, lasts, need, numberOf, pick, requirementsOf, statusesOf, sums } from './values.ts';

const HEALTHY = new Set(['Pending', 'Running', 'Restarting', 'Completing', 'Completed', 'Aborting', 'Aborted', 'Terminating', 'Terminated']);
const COUNTS = ['minAvailable', 'pending', 'running', 'succeeded', 'failed', 'terminating', 'unknown', 'retryCount'];
const OTHERS = ['conditions', 'state', 'version', 'runningDuration', 'taskStatusCount', 'controlledResources'];

export const volcanoJob: CatalogueRules = {
  components: object =>
    entries(need(object, 'spec', 'tasks')).map((task, i) => {
      const { name, minAvailable = 1, template } = task as Fields;
      const replicaRequirements = isObject(template) ? requirementsOf(template) : undefined;
      const replicas = Math.trunc(numberOf(minAvailable, 'minAvailable'));
      return { name: typeof name === 'string' && name !== '' ? name : `task-${i}`, replicas, ...(replicaRequirements ? { replicaRequirements } : {}) };
    }),
  reflect: ({ status }) => (isObject(status) ? pick(status, [...COUNTS, ...OTHERS]) : {}),
  health({ status }) {
    const phase = isObject(status) && isObject(status['state']) ? status['state']['phase'] : undefined;
    return typeof phase === 'string' && HEALTHY.has(phase);
  },
  aggregate(object, list) {
    if (!list || list.length === 0) return list ? { ...object, status: {} } : object;
    if (list.length === 1) return { ...object, status: list[0]?.status };
    const statuses = statusesOf(list);
    return { ...object, status: { ...sums(statuses, COUNTS), ...lasts(statuses, OTHERS) } };
  },
};
