// Flink deployments (flink.apache.org): a job manager and task managers.
import { compareQuantities, formatQuantity, isObject, parseQuantity, type Quantity, quantityNumber } from '../../kube/index.ts';
import type { ReplicaRequirements } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import { type Fields, need, numberOf, pick, requirementsOfSpec, statusesOf } from './values.ts';

const REPORTED = [
  'clusterInfo',
  'error',
  'jobManagerDeploymentStatus',
  'jobStatus',
  'lifecycleState',
  'observedGeneration',
  'reconciliationStatus',
  'taskManager',
];
const STARTING = new Set(['CREATED', 'INITIALIZING', 'RECONCILING']);
const SETTLED = new Set(['RUNNING', 'FINISHED', 'FAILED', 'CANCELED', 'SUSPENDED', 'CANCELLING', 'FAILING', 'RESTARTING']);
const FAULTS = ['ErrImagePull', 'ImagePullBackOff', 'CrashLoopBackOff'];

const managerOf = (spec: Fields, name: string): Fields => (isObject(spec[name]) ? spec[name] : {});

function replicasOf(spec: Fields): { readonly job: number; readonly task: number } {
  const job = numberOf(managerOf(spec, 'jobManager')['replicas'] ?? 1, 'jobManager.replicas');
  const explicit = managerOf(spec, 'taskManager')['replicas'];
  if (explicit !== undefined) return { job, task: numberOf(explicit, 'taskManager.replicas') };
  const parallelism = Number(managerOf(spec, 'job')['parallelism']);
  const slots = Number(managerOf(spec, 'flinkConfiguration')['taskmanager.numberOfTaskSlots'] ?? Number.NaN);
  return { job, task: parallelism > 0 && slots > 0 ? Math.ceil(parallelism / slots) : 1 };
}

function place(spec: Fields): ReplicaRequirements {
  const pod = managerOf(managerOf(spec, 'podTemplate'), 'spec');
  const { affinity, nodeSelector, tolerations, priorityClassName } = pod;
  const claim = requirementsOfSpec({ affinity, nodeSelector, tolerations })?.nodeClaim;
  return { ...(claim ? { nodeClaim: claim } : {}), ...(typeof priorityClassName === 'string' ? { priorityClassName } : {}) };
}

function resourcesOf(spec: Fields, name: string, memory: (amount: Quantity) => string = formatQuantity): Record<string, string> {
  const resource = managerOf(managerOf(spec, name), 'resource');
  const out: Record<string, string> = {};
  if (resource['cpu'] !== undefined) out['cpu'] = formatQuantity(parseQuantity(String(resource['cpu'])));
  if (resource['memory'] !== undefined) out['memory'] = memory(parseQuantity(String(resource['memory'])));
  return out;
}

/** A component's memory is a plain number of bytes. */
const inBytes = (amount: Quantity): string => formatQuantity(parseQuantity(String(quantityNumber(amount))));

const withRequest = (request: Record<string, string>): ReplicaRequirements =>
  Object.keys(request).length > 0 ? { resourceRequest: request } : {};

export const flinkDeployment: CatalogueRules = {
  replicas(object) {
    const spec = need(object, 'spec') as Fields;
    const { job, task } = replicasOf(spec);
    const request = resourcesOf(spec, 'jobManager');
    for (const [key, amount] of Object.entries(resourcesOf(spec, 'taskManager'))) {
      const known = request[key];
      if (known === undefined || compareQuantities(parseQuantity(known), parseQuantity(amount)) < 0) request[key] = amount;
    }
    const { namespace } = object.metadata;
    return { replicas: job + task, requirements: { ...place(spec), ...withRequest(request), ...(namespace ? { namespace } : {}) } };
  },
  components(object) {
    const spec = need(object, 'spec') as Fields;
    const { job, task } = replicasOf(spec);
    const part = (name: string): ReplicaRequirements => ({ ...place(spec), ...withRequest(resourcesOf(spec, name, inBytes)) });
    return [
      { name: 'jobmanager', replicas: job, replicaRequirements: part('jobManager') },
      { name: 'taskmanager', replicas: task, replicaRequirements: part('taskManager') },
    ];
  },
  reflect: ({ status }) => (isObject(status) ? pick(status, REPORTED) : {}),
  health({ status }) {
    if (!isObject(status)) return false;
    const state = isObject(status['jobStatus']) ? status['jobStatus']['state'] : undefined;
    if (typeof state === 'string' && SETTLED.has(state)) return true;
    if (typeof state === 'string' && STARTING.has(state)) return FAULTS.some(fault => String(status['error'] ?? '').includes(fault));
    return state === undefined && status['jobManagerDeploymentStatus'] === 'READY' && status['lifecycleState'] === 'STABLE';
  },
  aggregate(object, list) {
    if (!list) return object;
    const last = statusesOf(list).at(-1);
    return last ? { ...object, status: pick(last, REPORTED) } : object;
  },
};
