// Ray clusters, jobs and services (ray.io).
import { formatQuantity, addQuantities, isObject, parseQuantity } from '../../kube/index.ts';
import type { Component, DependentObjectReference } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import { dependenciesOf, type Fields, items as entries, lasts, need, numberOf, requirementsOf, statusesOf, sums, unique, withSpec } from './values.ts';

function clusterComponents(cluster: unknown): readonly Component[] {
  const out: Component[] = [];
  if (!isObject(cluster)) return out;
  const head = cluster['headGroupSpec'];
  const add = (name: string, replicas: number, template: unknown): void => {
    const replicaRequirements = isObject(template) ? requirementsOf(template) : undefined;
    out.push({ name, replicas, ...(replicaRequirements ? { replicaRequirements } : {}) });
  };
  if (isObject(head)) add('ray-head', 1, head['template']);
  for (const [i, group] of entries(cluster['workerGroupSpecs']).entries()) {
    if (!isObject(group)) continue;
    const replicas = group['replicas'] ?? group['minReplicas'] ?? 0;
    if (!Number.isInteger(replicas)) throw new TypeError(`replicas of worker group ${i} is no integer`);
    add(typeof group['groupName'] === 'string' && group['groupName'] !== '' ? group['groupName'] : `worker-${i + 1}`, Number(replicas), group['template']);
  }
  return out;
}

function clusterDependencies(cluster: unknown, namespace: string | undefined): readonly DependentObjectReference[] {
  if (!isObject(cluster)) return [];
  const groups = [cluster['headGroupSpec'], ...entries(cluster['workerGroupSpecs'])];
  return groups.flatMap(group => (isObject(group) && isObject(group['template']) ? (dependenciesOf(group['template'], namespace) ?? []) : []));
}

const holds = (conditions: unknown, type: string): boolean =>
  entries(conditions).some(c => isObject(c) && c['type'] === type && c['status'] === 'True');

const WORKERS = ['availableWorkerReplicas', 'desiredWorkerReplicas', 'maxWorkerReplicas', 'minWorkerReplicas', 'readyWorkerReplicas'];
const AMOUNTS = ['desiredCPU', 'desiredGPU', 'desiredMemory', 'desiredTPU'];

export const rayCluster: CatalogueRules = {
  components: object => clusterComponents(need(object, 'spec')),
  health({ status }) {
    const conditions = isObject(status) ? status['conditions'] : undefined;
    return holds(conditions, 'HeadPodReady') && holds(conditions, 'RayClusterProvisioned') && !holds(conditions, 'RayClusterReplicaFailure');
  },
  aggregate(object, list) {
    if (!list) return object;
    if (list.length === 1) return { ...object, status: list[0]?.status };
    const statuses = statusesOf(list);
    const before = isObject(object['status']) ? object['status'] : {};
    const amounts = Object.fromEntries(
      AMOUNTS.map(field => [
        field,
        formatQuantity(statuses.reduce((sum, s) => ((s[field] ?? undefined) === undefined ? sum : addQuantities(sum, parseQuantity(String(s[field])))), parseQuantity('0'))),
      ]),
    );
    return {
      ...object,
      status: {
        observedGeneration: before['observedGeneration'],
        ...sums(statuses, WORKERS),
        ...amounts,
        ...lasts(statuses, ['state', 'head', 'endpoints', 'lastUpdateTime', 'stateTransitionTimes']),
        conditions: statuses.flatMap(status => entries(status['conditions'])),
      },
    };
  },
};

const OUTCOME = ['jobStatus', 'jobDeploymentStatus', 'message', 'reason'];

export const rayJob: CatalogueRules = {
  components: object => clusterComponents(need(object, 'spec', 'rayClusterSpec')),
  dependencies(object) {
    const { rayClusterSpec, submitterPodTemplate } = need(object, 'spec') as Fields;
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
    return { ...object, status: { ...before, ...lasts(statuses, OUTCOME) } };
  },
};

export const rayService: CatalogueRules = {
  replicas(object) {
    const cluster = need(object, 'spec', 'rayClusterConfig') as Fields;
    const parts = clusterComponents(cluster);
    return { replicas: parts.reduce((sum, part) => sum + part.replicas, 0), requirements: parts[0]?.replicaRequirements };
  },
  revise: (object, replicas) => withSpec(object, { replicas }),
  dependencies: object => unique(clusterDependencies(need(object, 'spec', 'rayClusterConfig'), object.metadata.namespace)),
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
        ...lasts(statuses, ['activeServiceStatus', 'pendingServiceStatus', 'lastUpdateTime']),
        ...lasts(statuses, ['serviceStatus'], 'Running'),
        observedGeneration: generation,
        conditions: statuses.flatMap(status => entries(status['conditions'])),
      },
    };
  },
};
