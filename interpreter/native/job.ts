import { type AnyObject, at, type Clock, isObject, timestamp } from '../../kube/index.ts';
import type { AggregatedStatusItem } from '../interpreter.ts';
import { podDependencies } from './pod-dependencies.ts';
import { podRequirements } from './pod-requirements.ts';
import type { PodTemplate } from './pod-spec.ts';
import { type NativeRules, withSpec, withStatus } from './rules.ts';
import { asBuiltin, asMessage } from './typed.ts';
import { isPresent, statusOf } from './workload.ts';

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
}

interface JobStatus {
  readonly active?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly conditions?: readonly Condition[];
  readonly startTime?: string;
  readonly completionTime?: string;
}

interface Job {
  readonly metadata?: { readonly namespace?: string };
  readonly spec?: { readonly parallelism?: number; readonly completions?: number; readonly template?: PodTemplate };
  readonly status?: JobStatus;
}

const read = (object: AnyObject): Job => asBuiltin('batch/v1', 'Job', object);
const readStatus = (status: unknown, overflow?: 'wrap'): JobStatus => asMessage('api.batch.v1.JobStatus', status, overflow);
/** How a job ended: its first true condition of the two. */
const ending = (status: JobStatus): string | undefined =>
  (status.conditions ?? []).find(({ type, status: truth }) => truth === 'True' && (type === 'Complete' || type === 'Failed'))?.type;
const isTrue = (status: JobStatus, type: string): boolean =>
  (status.conditions ?? []).some(condition => condition.type === type && condition.status === 'True');

/** batch/v1 Job */
export const job: NativeRules = {
  replicas(object) {
    const { spec } = read(object);
    const parallelism = spec?.parallelism ?? 0;
    return { replicas: Math.min(parallelism, spec?.completions ?? parallelism), requirements: podRequirements(spec?.template?.spec) };
  },
  revise: (object, replicas) => (Number.isInteger(at(object, 'spec', 'parallelism')) ? withSpec(object, 'parallelism', replicas) : object),
  retain(desired, observed) {
    const matchLabels = at(observed, 'spec', 'selector', 'matchLabels');
    const labels = at(observed, 'spec', 'template', 'metadata', 'labels');
    const selected = isObject(matchLabels) ? put(desired, ['spec', 'selector', 'matchLabels'], matchLabels) : desired;
    return isObject(labels) ? put(selected, ['spec', 'template', 'metadata', 'labels'], labels) : selected;
  },
  aggregate: aggregateJob,
  dependencies(object) {
    const { metadata, spec } = read(object);
    return podDependencies(spec?.template?.spec, metadata?.namespace);
  },
  reflect(observed) {
    const raw = statusOf(observed);
    if (!raw) return undefined;
    const { active, succeeded, failed, conditions, startTime, completionTime } = readStatus(raw, 'wrap');
    return {
      ...(conditions?.length ? { conditions } : {}),
      ...(startTime ? { startTime } : {}),
      ...(completionTime ? { completionTime } : {}),
      ...nonZero({ active, succeeded, failed }),
    };
  },
};

function nonZero(counts: Record<string, number | undefined>): Record<string, number> {
  const out: Record<string, number> = {};
  for (const [name, count] of Object.entries(counts)) if (count) out[name] = count;
  return out;
}

/** A copy with the value at the path; steps that are missing become objects. */
function put<T extends object>(target: T, [step = '', ...rest]: readonly string[], value: unknown): T {
  const inner = (target as Record<string, unknown>)[step];
  return { ...target, [step]: rest.length === 0 ? value : put(isObject(inner) ? inner : {}, rest, value) };
}

function aggregateJob(object: AnyObject, items: readonly AggregatedStatusItem[], clock: Clock): AnyObject {
  const before = read(object).status ?? {};
  if (ending(before)) return object;
  const members = items.map(item => ({ cluster: item.clusterName, status: isPresent(item) ? readStatus(item.status) : undefined }));
  const statuses = members.flatMap(member => member.status ?? []);
  const failedIn = members.filter(member => member.status && ending(member.status) === 'Failed').map(member => member.cluster);
  const sum = (field: 'active' | 'succeeded' | 'failed'): number => statuses.reduce((total, status) => total + (status[field] ?? 0), 0);
  const everywhere = (test: (status: JobStatus) => boolean): boolean =>
    members.length > 0 && members.every(({ status }) => status !== undefined && test(status));
  const now = timestamp(clock.now());
  const condition = (type: string, reason: string, message: string): Condition => ({
    type,
    status: 'True',
    lastProbeTime: now,
    lastTransitionTime: now,
    reason,
    message,
  });
  const conditions: Condition[] = [];
  if (failedIn.length > 0)
    conditions.push(condition('Failed', 'JobFailed', `Job executed failed in member clusters ${failedIn.join(',')}`));
  if (everywhere(status => ending(status) === 'Complete')) {
    conditions.push(condition('Complete', 'Completed', 'Job completed'));
    if (everywhere(status => isTrue(status, 'SuccessCriteriaMet')))
      conditions.push(condition('SuccessCriteriaMet', 'CompletionsReached', 'All member clusters have met success criteria'));
  }
  const startTime =
    before.startTime ??
    onceAll(
      members.length,
      statuses.map(status => status.startTime),
    )[0];
  const completionTime = onceAll(
    members.length,
    statuses.map(status => status.completionTime),
  ).at(-1);
  return withStatus(object, {
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(startTime ? { startTime } : {}),
    ...(completionTime ? { completionTime } : {}),
    ...nonZero({ active: sum('active'), succeeded: sum('succeeded'), failed: sum('failed') }),
  });
}

/** The times in order, once every member has one. */
function onceAll(members: number, times: readonly (string | undefined)[]): string[] {
  const known = times.filter(time => time !== undefined);
  return known.length === members ? known.sort() : [];
}
