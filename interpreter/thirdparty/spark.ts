// Spark applications (sparkoperator.k8s.io): a driver and executors.
import { formatQuantity, isObject, parseQuantity, quantityOf } from '../../kube/index.ts';
import type { Component, ReplicaRequirements } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import { CatalogueError, type Fields, need, numberOf, pick, requirementsOfSpec, statusesOf, sums } from './values.ts';

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
const MEBI = 1024 * 1024;
const DEFAULT_MEMORY = 1024 * MEBI;
const MIN_OVERHEAD = 384 * MEBI;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: MEBI, g: 1024 * MEBI, t: MEBI * MEBI };

/** Bytes of Java's way to write memory: `512m`, `2g`. */
function bytes(text: unknown): number {
  const match = /^(\d+(?:\.\d+)?)(?:([kmgt])i?b?)?$/i.exec(String(text));
  if (!match) throw new CatalogueError(`${JSON.stringify(text)} is no amount of memory`);
  return Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? 1);
}

function part(spec: Fields, application: Fields): ReplicaRequirements {
  const { affinity, nodeSelector, tolerations } = spec;
  const place = requirementsOfSpec({ affinity, nodeSelector, tolerations });
  const memory = spec['memory'] === undefined ? DEFAULT_MEMORY : bytes(spec['memory']);
  const jvm = application['type'] === 'Java' || application['type'] === 'Scala';
  const factor = numberOf(application['memoryOverheadFactor'] ?? (jvm ? 0.1 : 0.4), 'memoryOverheadFactor');
  const overhead = spec['memoryOverhead'] === undefined ? Math.max(memory * factor, MIN_OVERHEAD) : bytes(spec['memoryOverhead']);
  const sum = memory + overhead;
  const total = formatQuantity(Number.isInteger(sum) ? quantityOf(sum, 'BinarySI') : parseQuantity(String(sum)));
  const { name, quantity } = (isObject(spec['gpu']) ? spec['gpu'] : {}) as Fields;
  const gpu = typeof name === 'string' && name !== '' && quantity ? { [name]: String(quantity) } : {};
  const request = { ...gpu, cpu: formatQuantity(parseQuantity(String(spec['cores'] ?? 1))), memory: total };
  const { priorityClassName } = spec;
  return {
    ...(place?.nodeClaim ? { nodeClaim: place.nodeClaim } : {}),
    resourceRequest: request,
    ...(typeof priorityClassName === 'string' && priorityClassName !== '' ? { priorityClassName } : {}),
  };
}

/** States from the one that matters most to the one that matters least. */
const STATES = [
  ['FAILED', 'FAILING'],
  ['SUBMISSION_FAILED'],
  ['SUSPENDED', 'SUSPENDING'],
  ['INVALIDATING'],
  ['PENDING_RERUN', 'RESUMING'],
  ['RUNNING'],
  ['SUBMITTED'],
  ['UNKNOWN'],
  ['SUCCEEDING'],
  ['COMPLETED'],
  [''],
];

/** The latest time; '' where there is none. */
const latest = (statuses: readonly Fields[], field: string): string =>
  statuses
    .map(status => status[field])
    .filter(time => typeof time === 'string')
    .sort()
    .at(-1) ?? '';

/** The application state that matters most; of equals the first. */
function worstState(statuses: readonly Fields[]): unknown {
  let worst: { readonly state: unknown; readonly rank: number } | undefined;
  for (const { applicationState } of statuses) {
    const name = isObject(applicationState) ? applicationState['state'] : undefined;
    if (name === undefined) continue;
    const rank = STATES.findIndex(names => names.includes(String(name)));
    if (rank < 0) throw new CatalogueError(`the state ${JSON.stringify(name)} is not known`);
    if (!worst || rank < worst.rank) worst = { state: applicationState, rank };
  }
  return worst?.state;
}

export const sparkApplication: CatalogueRules = {
  components(object) {
    const spec = need(object, 'spec') as Fields;
    const driver = (spec['driver'] ?? {}) as Fields;
    const executor = (spec['executor'] ?? {}) as Fields;
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
    const before = isObject(object['status']) ? object['status'] : {};
    return {
      ...object,
      status: {
        ...before,
        ...sums(statuses, ['executionAttempts', 'submissionAttempts']),
        applicationState: worstState(statuses),
        executorState: Object.assign({}, ...statuses.map(status => status['executorState'] ?? {})) as Fields,
        lastSubmissionAttemptTime: latest(statuses, 'lastSubmissionAttemptTime'),
        terminationTime: latest(statuses, 'terminationTime'),
      },
    };
  },
};
