// Ray clusters, jobs and services (ray.io).
import { addQuantities, at, compareQuantities, formatQuantity, isObject, objectOf, parseQuantity } from '../../kube/index.ts';
import type { Component, DependentObjectReference } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import {
  CatalogueError,
  dependenciesOf,
  items as entries,
  type Fields,
  lasts,
  numberOf,
  requirementsOf,
  statusesOf,
  sums,
  unique,
  withSpec,
} from './values.ts';

function clusterComponents(cluster: unknown): readonly Component[] {
  const out: Component[] = [];
  if (!isObject(cluster)) return out;
  const head = cluster['headGroupSpec'];
  const add = (name: string, replicas: number, template: unknown): void => {
    const replicaRequirements = isObject(template) ? requirementsOf(template) : undefined;
    out.push({ name, replicas, ...(replicaRequirements ? { replicaRequirements } : {}) });
  };
  if (isObject(head) && isObject(head['template'])) add('ray-head', 1, head['template']);
  for (const [i, group] of entries(cluster['workerGroupSpecs']).entries()) {
    if (!isObject(group)) continue;
    const replicas = group['replicas'] ?? 0;
    if (!Number.isInteger(replicas)) throw new CatalogueError(`replicas of worker group ${i} is no integer`);
    add(
      typeof group['groupName'] === 'string' && group['groupName'] !== '' ? group['groupName'] : `worker-${i + 1}`,
      Number(replicas),
      group['template'],
    );
  }
  return out;
}

/** Ephemeral containers do not count for Ray. */
function withoutEphemeral(template: Fields): Fields {
  const { ephemeralContainers: _, ...spec } = (isObject(template['spec']) ? template['spec'] : {}) as Fields;
  return { ...template, spec };
}

function clusterDependencies(cluster: unknown, namespace: string | undefined): readonly DependentObjectReference[] {
  if (!isObject(cluster)) return [];
  const groups = [cluster['headGroupSpec'], ...entries(cluster['workerGroupSpecs'])];
  return groups.flatMap(group =>
    isObject(group) && isObject(group['template']) ? (dependenciesOf(withoutEphemeral(group['template']), namespace) ?? []) : [],
  );
}

const holds = (conditions: unknown, type: string): boolean =>
  entries(conditions).some(c => isObject(c) && c['type'] === type && c['status'] === 'True');

const latest = (statuses: readonly Fields[], field: string): unknown =>
  statuses
    .map(status => status[field])
    .filter(time => typeof time === 'string')
    .sort()
    .at(-1);

/** The first condition of each type, status, reason, message and time. */
function distinctConditions(statuses: readonly Fields[]): readonly unknown[] {
  const each = new Map<string, unknown>();
  for (const condition of statuses.flatMap(status => entries(status['conditions']))) {
    const { type, status, reason, message, lastTransitionTime } = condition as Fields;
    const key = JSON.stringify([type, status, reason, message, lastTransitionTime].map(part => part ?? null));
    if (!each.has(key)) each.set(key, condition);
  }
  return [...each.values()];
}

const WORKERS = ['availableWorkerReplicas', 'desiredWorkerReplicas', 'maxWorkerReplicas', 'minWorkerReplicas', 'readyWorkerReplicas'];
const AMOUNTS = ['desiredCPU', 'desiredGPU', 'desiredMemory', 'desiredTPU'];

export const rayCluster: CatalogueRules = {
  components: object => clusterComponents(at(object, 'spec')),
  health({ status }) {
    const conditions = isObject(status) ? status['conditions'] : undefined;
    return (
      holds(conditions, 'HeadPodReady') && holds(conditions, 'RayClusterProvisioned') && !holds(conditions, 'RayClusterReplicaFailure')
    );
  },
  aggregate(object, list) {
    if (!list) return object;
    if (list.length === 1) return { ...object, status: list[0]?.status };
    const statuses = statusesOf(list);
    const before = isObject(object['status']) ? object['status'] : {};
    const leading = statuses.find(status => status['state'] !== undefined);
    const amounts = Object.fromEntries(
      AMOUNTS.map(field => [
        field,
        formatQuantity(
          statuses.reduce(
            (sum, s) => ((s[field] ?? undefined) === undefined ? sum : addQuantities(sum, parseQuantity(String(s[field])))),
            parseQuantity('0'),
          ),
        ),
      ]),
    );
    return {
      ...object,
      status: {
        observedGeneration: before['observedGeneration'],
        state: leading?.['state'],
        lastUpdateTime: latest(statuses, 'lastUpdateTime'),
        ...sums(statuses, WORKERS),
        ...amounts,
        stateTransitionTimes: leading?.['stateTransitionTimes'],
        ...lasts(statuses, ['head', 'endpoints']),
        conditions: distinctConditions(statuses),
      },
    };
  },
};

const JOB_STATUSES = ['FAILED', 'STOPPED', 'SUCCEEDED', 'RUNNING', 'PENDING', ''];
const DEPLOYMENT_STATUSES = [
  'Failed',
  'ValidationFailed',
  'Complete',
  'Running',
  'Suspended',
  'Suspending',
  'Retrying',
  'Waiting',
  'Initializing',
  '',
];

/** The status whose field has the word that comes first in the order. */
function most(statuses: readonly Fields[], field: string, order: readonly string[]): Fields | undefined {
  const rank = (status: Fields): number => (order.indexOf(String(status[field])) + order.length + 1) % (order.length + 1);
  return statuses
    .filter(status => status[field] !== undefined)
    .reduce<Fields | undefined>((best, s) => (best && rank(best) <= rank(s) ? best : s), undefined);
}

const OUTCOME = ['jobStatus', 'jobDeploymentStatus', 'message', 'reason'];

export const rayJob: CatalogueRules = {
  components: object => clusterComponents(at(object, 'spec', 'rayClusterSpec')),
  dependencies(object) {
    const { rayClusterSpec, submitterPodTemplate } = objectOf(at(object, 'spec'));
    const submitter = isObject(submitterPodTemplate) ? (dependenciesOf(submitterPodTemplate, object.metadata.namespace) ?? []) : [];
    return unique([...clusterDependencies(rayClusterSpec, object.metadata.namespace), ...submitter]);
  },
  health({ status }) {
    if (!isObject(status)) return false;
    const { jobDeploymentStatus, jobStatus } = status;
    return jobDeploymentStatus === 'Running' || (jobDeploymentStatus === 'Complete' && jobStatus === 'SUCCEEDED');
  },
  aggregate(object, list) {
    if (!list) return object;
    if (list.length === 1) return { ...object, status: list[0]?.status };
    const statuses = statusesOf(list);
    const before = isObject(object['status']) ? { ...object['status'] } : {};
    for (const field of OUTCOME) delete before[field];
    const jobStatus = most(statuses, 'jobStatus', JOB_STATUSES)?.['jobStatus'];
    const deployment = most(statuses, 'jobDeploymentStatus', DEPLOYMENT_STATUSES);
    const { jobDeploymentStatus, message, reason } = deployment ?? {};
    return { ...object, status: { ...before, jobStatus, jobDeploymentStatus, message, reason } };
  },
};

/** The service status of all clusters: their applications together; of each name the first value. */
function united(statuses: readonly Fields[], field: string, before: unknown): unknown {
  const each = statuses.flatMap(status => (isObject(status[field]) ? [status[field]] : []));
  if (each.length === 0) return before;
  const applicationStatuses = Object.assign({}, ...each.map(service => service['applicationStatuses'] ?? {}).reverse()) as Fields;
  return { ...(Object.assign({}, ...[...each].reverse()) as Fields), applicationStatuses };
}

const larger = (a: string | undefined, b: string): string =>
  a === undefined || compareQuantities(parseQuantity(a), parseQuantity(b)) < 0 ? b : a;

/** Divides a number by weights; what is left over goes to the first. */
function divide(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const shares = weights.map(weight => (sum === 0 ? 0 : Math.floor((total * weight) / sum)));
  const rest = total - shares.reduce((a, b) => a + b, 0);
  return shares.map((share, i) => (i === 0 ? share + rest : share));
}

export const rayService: CatalogueRules = {
  replicas(object) {
    const cluster = objectOf(at(object, 'spec', 'rayClusterConfig'));
    const head = cluster['headGroupSpec'];
    if (!isObject(head) || !isObject(head['template'])) return { replicas: 0, requirements: undefined };
    let replicas = 1;
    const requirements = requirementsOf(head['template']);
    const request: Record<string, string> = { ...requirements?.resourceRequest };
    for (const group of entries(cluster['workerGroupSpecs'])) {
      const { replicas: count = 0, template } = group as Fields;
      replicas += Math.trunc(numberOf(count, 'replicas'));
      const worker = isObject(template) ? requirementsOf(template)?.resourceRequest : undefined;
      for (const name of ['cpu', 'memory']) if (worker?.[name]) request[name] = larger(request[name], worker[name]);
    }
    const resourceRequest = Object.keys(request).length > 0 ? { resourceRequest: request } : {};
    return {
      replicas,
      requirements: requirements || request['cpu'] || request['memory'] ? { ...requirements, ...resourceRequest } : undefined,
    };
  },
  revise(object, replicas) {
    const cluster = objectOf(at(object, 'spec', 'rayClusterConfig'));
    const groups = entries(cluster['workerGroupSpecs']) as readonly Fields[];
    if (groups.length === 0) return object;
    const counts = divide(
      Math.max(replicas - 1, 0),
      groups.map(group => numberOf(group['replicas'] ?? 0, 'replicas')),
    );
    const workerGroupSpecs = groups.map((group, i) => ({ ...group, replicas: counts[i] ?? 0 }));
    return withSpec(object, { rayClusterConfig: { ...cluster, workerGroupSpecs } });
  },
  dependencies: object => unique(clusterDependencies(at(object, 'spec', 'rayClusterConfig'), object.metadata.namespace)),
  health: ({ status }) => holds(isObject(status) ? status['conditions'] : undefined, 'Ready'),
  aggregate(object, list) {
    if (!list) return object;
    if (list.length === 1) return { ...object, status: list[0]?.status };
    const statuses = statusesOf(list);
    const generation = statuses.reduce((max, s) => Math.max(max, numberOf(s['observedGeneration'] ?? 0, 'observedGeneration')), 0);
    return {
      ...object,
      status: {
        ...sums(statuses, ['numServeEndpoints']),
        activeServiceStatus: united(statuses, 'activeServiceStatus', at(object, 'status', 'activeServiceStatus')),
        pendingServiceStatus: united(statuses, 'pendingServiceStatus', at(object, 'status', 'pendingServiceStatus')),
        lastUpdateTime: latest(statuses, 'lastUpdateTime'),
        serviceStatus: statuses.some(status => status['serviceStatus'] === '') ? '' : 'Running',
        observedGeneration: generation,
        conditions: distinctConditions(statuses),
      },
    };
  },
};
