// Flink deployments (flink.apache.org): a job manager and task managers.
import { compareQuantities, formatQuantity, isObject, parseQuantity, type Quantity, quantityNumber } from '../../kube/index.ts';
import type { ReplicaRequirements } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import { CatalogueError, type Fields, need, numberOf, numberOr, pick, requirementsOfSpec, statusesOf } from './values.ts';

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
  const job = numberOr(managerOf(spec, 'jobManager')['replicas'], 1);
  const explicit = numberOr(managerOf(spec, 'taskManager')['replicas'], undefined);
  if (explicit !== undefined) return { job, task: explicit };
  const parallelism = numberOr(managerOf(spec, 'job')['parallelism'], undefined);
  const slots = numberOr(managerOf(spec, 'flinkConfiguration')['taskmanager.numberOfTaskSlots'], undefined);
  return { job, task: parallelism === undefined || !slots ? 1 : Math.ceil(parallelism / slots) };
}

/** Where the pods may go; affinities do not count for Flink. */
function place(spec: Fields): ReplicaRequirements {
  const pod = managerOf(managerOf(spec, 'podTemplate'), 'spec');
  const { nodeSelector, tolerations, priorityClassName } = pod;
  const claim = requirementsOfSpec({ nodeSelector, tolerations })?.nodeClaim;
  const priority = typeof priorityClassName === 'string' && priorityClassName !== '' ? { priorityClassName } : {};
  return { ...(claim ? { nodeClaim: claim } : {}), ...priority };
}

const quantityText = (value: unknown): string => formatQuantity(parseQuantity(String(value)));

/** The amount of a quantity that is written as text. */
function amountOf(value: unknown): Quantity {
  if (typeof value !== 'string') throw new CatalogueError(`${JSON.stringify(value)} is no amount of memory`);
  return parseQuantity(value);
}

/** What one replica asks for at most: the larger CPU, as a number, and the larger memory. */
function largest(spec: Fields): Record<string, string> {
  const [job, task] = ['jobManager', 'taskManager'].map(name => managerOf(managerOf(spec, name), 'resource')) as [Fields, Fields];
  const out: Record<string, string> = {};
  const cpu =
    job['cpu'] !== undefined && task['cpu'] !== undefined
      ? Math.max(numberOf(task['cpu'], 'cpu'), numberOf(job['cpu'], 'cpu'))
      : (task['cpu'] ?? job['cpu']);
  if (cpu !== undefined) out['cpu'] = quantityText(cpu);
  const [jobMemory, taskMemory] = [job['memory'], task['memory']];
  const isJob = taskMemory === undefined || (jobMemory !== undefined && compareQuantities(amountOf(jobMemory), amountOf(taskMemory)) > 0);
  const memory = isJob ? jobMemory : taskMemory;
  if (memory !== undefined) out['memory'] = quantityText(memory);
  return out;
}

function resourcesOf(spec: Fields, name: string): Record<string, string> {
  const { cpu, memory } = managerOf(managerOf(spec, name), 'resource');
  return {
    ...(cpu === undefined ? {} : { cpu: quantityText(cpu) }),
    ...(memory === undefined ? {} : { memory: inBytes(amountOf(memory)) }),
  };
}

/** A component's memory is a plain number of bytes. */
const inBytes = (amount: Quantity): string => formatQuantity(parseQuantity(String(quantityNumber(amount))));

const withRequest = (request: Record<string, string>): ReplicaRequirements =>
  Object.keys(request).length > 0 ? { resourceRequest: request } : {};

/** What stands where no cluster reports anything. */
const UNKNOWN = { error: '', jobManagerDeploymentStatus: '', lifecycleState: '', observedGeneration: 0 };

export const flinkDeployment: CatalogueRules = {
  replicas(object) {
    const spec = (need(object, 'spec') ?? {}) as Fields;
    const { job, task } = replicasOf(spec);
    const { namespace } = object.metadata;
    return { replicas: job + task, requirements: { ...place(spec), ...withRequest(largest(spec)), ...(namespace ? { namespace } : {}) } };
  },
  components(object) {
    const spec = (need(object, 'spec') ?? {}) as Fields;
    const { job, task } = replicasOf(spec);
    const part = (name: string): ReplicaRequirements => ({ ...place(spec), ...withRequest(resourcesOf(spec, name)) });
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
    const { ...before } = (isObject(object['status']) ? object['status'] : {}) as Fields;
    for (const field of REPORTED) delete before[field];
    const last = statusesOf(list).at(-1);
    return { ...object, status: { ...before, ...(last ? pick(last, REPORTED) : UNKNOWN) } };
  },
};
