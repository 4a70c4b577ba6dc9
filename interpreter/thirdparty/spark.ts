// Spark applications (sparkoperator.k8s.io): a driver and executors.
import { isObject } from '../../kube/index.ts';
import type { Component, ReplicaRequirements } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import { type Fields, lasts, need, numberOf, pick, requirementsOfSpec, statusesOf, sums } from './values.ts';

const REPORTED = [
  'applicationState',
  'driverInfo',
  'executionAttempts',
  'executorState',
  'lastSubmissionAttemptTime',
  'sparkApplicationId',
  'submissionAttempts',
  'submissionID',
  'terminationTime',
];
const DEFAULT_MEMORY_MIB = 1024;
const MIN_OVERHEAD_MIB = 384;

/** Mebibytes of Java's way to write memory: `512m`, `2g`. */
function mebibytes(text: unknown): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(String(text));
  if (!match) throw new TypeError(`${JSON.stringify(text)} is no amount of memory`);
  const unit = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024, '': 1 / (1024 * 1024) }[(match[2] ?? '').toLowerCase()] ?? 1;
  return Number(match[1]) * unit;
}

function part(spec: Fields, application: Fields): ReplicaRequirements {
  const { affinity, nodeSelector, tolerations } = spec;
  const place = requirementsOfSpec({ affinity, nodeSelector, tolerations });
  const memory = spec['memory'] === undefined ? DEFAULT_MEMORY_MIB : mebibytes(spec['memory']);
  const jvm = application['type'] === 'Java' || application['type'] === 'Scala';
  const factor = numberOf(application['memoryOverheadFactor'] ?? (jvm ? 0.1 : 0.4), 'memoryOverheadFactor');
  const overhead = spec['memoryOverhead'] === undefined ? Math.max(Math.floor(memory * factor), MIN_OVERHEAD_MIB) : mebibytes(spec['memoryOverhead']);
  return {
    ...(place?.nodeClaim ? { nodeClaim: place.nodeClaim } : {}),
    resourceRequest: { cpu: String(spec['cores'] ?? 1), memory: `${Math.ceil(memory + overhead)}Mi` },
  };
}

export const sparkApplication: CatalogueRules = {
  components(object) {
    const spec = need(object, 'spec') as Fields;
    const driver = spec['driver'] as Fields;
    const executor = spec['executor'] as Fields;
    const dynamic = isObject(spec['dynamicAllocation']) ? spec['dynamicAllocation'] : {};
    const instances = numberOf(need(executor, 'instances') ?? 1, 'instances');
    const enabled = dynamic['enabled'] === true;
    const counts = enabled ? [dynamic['initialExecutors'], dynamic['minExecutors']].map(count => numberOf(count ?? 0, 'executors')) : [];
    const out: Component[] = [{ name: 'driver', replicas: 1, replicaRequirements: part(driver, spec) }];
    out.push({ name: 'executor', replicas: Math.max(instances, ...counts), replicaRequirements: part(executor, spec) });
    return out;
  },
  reflect: ({ status }) => (isObject(status) ? pick(status, REPORTED) : {}),
  health({ status }) {
    const state = isObject(status) && isObject(status['applicationState']) ? status['applicationState']['state'] : undefined;
    return state !== undefined && state !== 'FAILED';
  },
  aggregate(object, list) {
    if (!list) return object;
    if (list.length === 1) return { ...object, status: list[0]?.status };
    const statuses = statusesOf(list);
    return {
      ...object,
      status: {
        ...sums(statuses, ['executionAttempts', 'submissionAttempts']),
        ...lasts(statuses, ['applicationState', 'driverInfo', 'executorState', 'sparkApplicationId', 'submissionID']),
        ...lasts(statuses, ['lastSubmissionAttemptTime', 'terminationTime'], ''),
      },
    };
  },
};
