// Spark applications (sparkoperator.k8s.io): a driver and executors.
import { formatQuantity, isObject, parseQuantity } from '../../kube/index.ts';
import type { Component, ReplicaRequirements } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import { CatalogueError, extreme, type Fields, need, numberOr, pick, requirementsOfSpec, statusesOf, sums, textOf } from './values.ts';

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
/** Units of memory from the smallest on, with Java's words for them. */
const UNITS = [
  ['', 'b'],
  ['Ki', 'k', 'kb'],
  ['Mi', 'm', 'mb'],
  ['Gi', 'g', 'gb'],
  ['Ti', 't', 'tb'],
  ['Pi', 'p', 'pb'],
];

interface Memory {
  readonly value: number;
  /** Place in UNITS. */
  readonly unit: number;
}

/** An amount as Java writes it: `512m`, `2GB`. */
function memoryOf(text: unknown): Memory {
  const match = /^(\d+\.?\d*)([a-z]*)$/.exec(String(text).toLowerCase());
  const unit = UNITS.findIndex(([, ...words]) => words.includes(match?.[2] ?? ''));
  if (!match || unit < 0) throw new CatalogueError(`${JSON.stringify(text)} is no amount of memory`);
  return { value: Number(match[1]), unit };
}

const inUnit = ({ value, unit }: Memory, other: number): number => value * 1024 ** (unit - other);

const MIN_OVERHEAD: Memory = { value: 384, unit: 2 };

/** The memory and what lies over it, in the smaller of their units with six places. */
function totalMemory(memory: Memory, overhead: Memory): string {
  const unit = Math.min(memory.unit, overhead.unit);
  if (unit === 0) throw new CatalogueError('a quantity has no unit for single bytes');
  const sum = inUnit(memory, unit) + inUnit(overhead, unit);
  return formatQuantity(parseQuantity(`${sum.toFixed(6)}${UNITS[unit]?.[0] ?? ''}`));
}

function overheadOf(memory: Memory, factor: number): Memory {
  const unit = Math.min(memory.unit, MIN_OVERHEAD.unit);
  return { value: Math.max(inUnit({ ...memory, value: memory.value * factor }, unit), inUnit(MIN_OVERHEAD, unit)), unit };
}

const isSet = (value: unknown): boolean => value !== undefined && value !== false;

function part(spec: Fields, application: Fields): ReplicaRequirements {
  const { affinity, nodeSelector, tolerations, priorityClassName, cores, gpu } = spec;
  const place = requirementsOfSpec({ affinity, nodeSelector, tolerations });
  const type = textOf(application['type'], 'type').toLowerCase();
  const factor = numberOr(application['memoryOverheadFactor'], type === 'java' || type === 'scala' ? 0.1 : 0.4);
  const memory = memoryOf(isSet(spec['memory']) ? spec['memory'] : '1g');
  const overhead = isSet(spec['memoryOverhead']) ? memoryOf(spec['memoryOverhead']) : overheadOf(memory, factor);
  const { name, quantity } = (isObject(gpu) ? gpu : {}) as Fields;
  const gpus = numberOr(quantity, 0);
  return {
    ...(place?.nodeClaim ? { nodeClaim: place.nodeClaim } : {}),
    resourceRequest: {
      cpu: formatQuantity(parseQuantity(String(isSet(cores) ? cores : 1))),
      memory: totalMemory(memory, overhead),
      ...(typeof name === 'string' && name !== '' && gpus > 0 ? { [name]: formatQuantity(parseQuantity(String(gpus))) } : {}),
    },
    ...(typeof priorityClassName === 'string' && priorityClassName !== '' ? { priorityClassName } : {}),
  };
}

/** How many executors: with dynamic allocation no fewer than it begins with and keeps. */
function executors(spec: Fields): number {
  const instances = numberOr(isObject(spec['executor']) ? spec['executor']['instances'] : undefined, 1);
  const dynamic = isObject(spec['dynamicAllocation']) ? spec['dynamicAllocation'] : {};
  if (!isSet(dynamic['enabled'])) return instances;
  return Math.max(instances, numberOr(dynamic['initialExecutors'], 1), numberOr(dynamic['minExecutors'], 1));
}

/** States from the one that matters least to the one that matters most. */
const STATES = [
  ['UNKNOWN', ''],
  ['SUBMITTED', 'PENDING_RERUN'],
  ['COMPLETED'],
  ['SUSPENDING', 'SUSPENDED'],
  ['RUNNING', 'RESUMING', 'SUCCEEDING'],
  ['INVALIDATING'],
  ['FAILING', 'FAILED', 'SUBMISSION_FAILED'],
];

/** The latest time; '' where there is none. */
const latest = (statuses: readonly Fields[], field: string): unknown => extreme(statuses, field, 'latest') ?? '';

/** The application state that matters most; of equals the first. */
function worstState(statuses: readonly Fields[]): unknown {
  let worst: { readonly state: unknown; readonly rank: number } | undefined;
  for (const { applicationState } of statuses) {
    if (applicationState === undefined) continue;
    const name = need(applicationState, 'state');
    const rank = STATES.findIndex(names => names.some(known => known === name));
    if (rank < 0) throw new CatalogueError(`the state ${JSON.stringify(name)} is not known`);
    if (!worst || rank > worst.rank) worst = { state: applicationState, rank };
  }
  return worst?.state;
}

export const sparkApplication: CatalogueRules = {
  components(object) {
    const spec = need(object, 'spec') as Fields;
    const [driver, executor] = ['driver', 'executor'].map(name => part((spec[name] ?? {}) as Fields, spec));
    const out: Component[] = [
      { name: 'driver', replicas: 1, ...(driver ? { replicaRequirements: driver } : {}) },
      { name: 'executor', replicas: executors(spec), ...(executor ? { replicaRequirements: executor } : {}) },
    ];
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
