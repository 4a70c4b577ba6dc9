// Ray clusters, jobs and services (ray.io).
import {
  addQuantities,
  at,
  compareQuantities,
  formatQuantity,
  isObject,
  objectOf,
  parseQuantity,
  type Quantity,
} from '../../kube/index.ts';
import type { Component, DependentObjectReference } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import {
  CatalogueError,
  dependenciesOf,
  items as entries,
  extreme,
  type Fields,
  numberOf,
  numberOr,
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

/** The conditions of all clusters. */
const allConditions = (statuses: readonly Fields[]): readonly unknown[] => statuses.flatMap(status => entries(status['conditions']));

/** The first value of a field. */
const first = (statuses: readonly Fields[], field: string): unknown => statuses.flatMap(status => status[field] ?? [])[0];

/** The sum of the quantities in a field. */
function amount(statuses: readonly Fields[], field: string): string {
  const given = statuses.flatMap(status => (status[field] === '' ? [] : (status[field] ?? [])));
  return formatQuantity(given.reduce<Quantity>((sum, value) => addQuantities(sum, parseQuantity(String(value))), parseQuantity('0')));
}

/** The sum of the numbers in a field, some of them written as text. */
function total(statuses: readonly Fields[], field: string): string {
  const given = statuses.flatMap(status => (status[field] === '' ? [] : (status[field] ?? [])));
  const numbers = given.map(value => numberOr(value, undefined));
  if (numbers.includes(undefined)) throw new CatalogueError(`${field} is no number`);
  return String(numbers.reduce<number>((sum, value) => sum + Number(value), 0));
}

const WORKERS = ['availableWorkerReplicas', 'desiredWorkerReplicas', 'maxWorkerReplicas', 'minWorkerReplicas', 'readyWorkerReplicas'];
const AMOUNTS = ['desiredCPU', 'desiredMemory'];
const TOTALS = ['desiredGPU', 'desiredTPU'];

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
    return {
      ...object,
      status: {
        ...before,
        state: leading?.['state'],
        lastUpdateTime: extreme(statuses, 'lastUpdateTime', 'latest'),
        ...sums(statuses, WORKERS),
        ...Object.fromEntries(AMOUNTS.map(field => [field, amount(statuses, field)])),
        ...Object.fromEntries(TOTALS.map(field => [field, total(statuses, field)])),
        stateTransitionTimes: leading?.['stateTransitionTimes'],
        head: first(statuses, 'head'),
        endpoints: first(statuses, 'endpoints'),
        conditions: allConditions(statuses),
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

/** States of applications of a service from good to bad. */
const APPLICATION_STATES = ['RUNNING', 'NOT_STARTED', 'DEPLOYING', 'DELETING', 'UNHEALTHY', 'DEPLOY_FAILED'];

/** The first active service, with each application as it is in the cluster where it is worst. */
function activeService(statuses: readonly Fields[]): Fields {
  const active = first(statuses, 'activeServiceStatus');
  if (!isObject(active)) return {};
  const worst = new Map<string, Fields>();
  const rank = (application: Fields): number => Math.max(APPLICATION_STATES.indexOf(String(application['status'])), 0);
  for (const status of statuses) {
    for (const [name, application] of Object.entries(objectOf(at(status, 'activeServiceStatus', 'applicationStatuses')))) {
      const known = worst.get(name);
      if (!known || rank(application as Fields) > rank(known)) worst.set(name, application as Fields);
    }
  }
  return { activeServiceStatus: { ...active, applicationStatuses: Object.fromEntries(worst) } };
}

/** The quantity if it is larger than the one known; without one, than 0. */
const larger = (known: string | undefined, quantity: string): string | undefined =>
  compareQuantities(parseQuantity(known ?? '0'), parseQuantity(quantity)) < 0 ? quantity : known;

/** Divides workers by the sizes of the groups, or evenly where all are empty; the last group takes what is left. */
function divide(total: number, sizes: readonly number[]): number[] {
  const sum = sizes.reduce((a, b) => a + b, 0);
  const even = (i: number): number => Math.floor(total / sizes.length) + (i < total % sizes.length ? 1 : 0);
  const shares = sizes.map((size, i) => (total === 0 ? 0 : sum === 0 ? even(i) : Math.floor((total * size) / sum + 0.5)));
  const others = shares.slice(0, -1);
  return [...others, total - others.reduce((a, b) => a + b, 0)];
}

export const rayService: CatalogueRules = {
  replicas(object) {
    const cluster = objectOf(at(object, 'spec', 'rayClusterConfig'));
    const head = cluster['headGroupSpec'];
    if (!isObject(head) || !isObject(head['template'])) return { replicas: 0, requirements: undefined };
    let replicas = 1;
    const requirements = requirementsOf(head['template']);
    const request: Record<string, string | undefined> = { ...requirements?.resourceRequest };
    for (const group of entries(cluster['workerGroupSpecs'])) {
      const { replicas: count = 0, template } = group as Fields;
      replicas += Math.trunc(numberOf(count, 'replicas'));
      const worker = isObject(template) ? requirementsOf(template)?.resourceRequest : undefined;
      for (const name of ['cpu', 'memory']) if (worker?.[name]) request[name] = larger(request[name], worker[name]);
    }
    const some = Object.entries(request).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const resourceRequest = some.length > 0 ? { resourceRequest: Object.fromEntries(some) } : {};
    return { replicas, requirements: requirements && { ...requirements, ...resourceRequest } };
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
    const before = isObject(object['status']) ? object['status'] : {};
    const pending = first(statuses, 'pendingServiceStatus');
    return {
      ...object,
      status: {
        ...before,
        ...sums(statuses, ['numServeEndpoints']),
        ...activeService(statuses),
        ...(pending === undefined ? {} : { pendingServiceStatus: pending }),
        lastUpdateTime: extreme(statuses, 'lastUpdateTime', 'latest'),
        serviceStatus: statuses.some(status => status['serviceStatus'] === '') ? '' : 'Running',
        observedGeneration: statuses.reduce((max, s) => Math.max(max, numberOf(s['observedGeneration'] ?? 0, 'observedGeneration')), 0),
        conditions: allConditions(statuses),
      },
    };
  },
};
