// Whether a Job is at its end, and in whose words. A first condition (SuccessCriteriaMet, FailureTarget) decides it while pods
// still stop; Complete or Failed follows with the same reason when none is left.
import { type Clock, timeMillis } from '../../../kube/index.ts';
import type { Job, JobCondition, Pod } from '../../kinds.ts';
import type { Account } from './account.ts';
import { parseIndexes } from './indexes.ts';

export interface Outcome {
  readonly type: 'SuccessCriteriaMet' | 'FailureTarget';
  readonly reason: string;
  readonly message: string;
}

export const FINAL: Readonly<Record<Outcome['type'], string>> = { SuccessCriteriaMet: 'Complete', FailureTarget: 'Failed' };

export const conditionOf = (job: Job, type: string): JobCondition | undefined =>
  job.status?.conditions?.find(c => c.type === type && c.status === 'True');

export const isFinished = (job: Job): boolean => conditionOf(job, 'Complete') !== undefined || conditionOf(job, 'Failed') !== undefined;

const failure = (reason: string, message: string): Outcome => ({ type: 'FailureTarget', reason, message });
const success = (reason: string, message: string): Outcome => ({ type: 'SuccessCriteriaMet', reason, message });

export function outcomeOf(job: Job, a: Account, clock: Clock): Outcome | undefined {
  for (const type of ['FailureTarget', 'SuccessCriteriaMet'] as const) {
    const decided = conditionOf(job, type);
    if (decided) return { type, reason: decided.reason ?? '', message: decided.message ?? '' };
  }
  return failureOf(job, a, clock) ?? successOf(job, a);
}

function failureOf(job: Job, a: Account, clock: Clock): Outcome | undefined {
  const { backoffLimit = 6, maxFailedIndexes } = job.spec;
  if (a.failJob !== undefined) return failure('PodFailurePolicy', a.failJob);
  if (a.failed > backoffLimit || restarts(job, a.active) > backoffLimit)
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if (deadlineInMs(job, clock) === 0) return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  if (maxFailedIndexes !== undefined && a.failedIndexes.size > maxFailedIndexes)
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  const over = a.failedIndexes.size > 0 && a.completedIndexes.size + a.failedIndexes.size >= (job.spec.completions ?? 0);
  return over ? failure('FailedIndexes', 'Job has failed indexes') : undefined;
}

/** Containers that start again within their pod count as failures where pods are kept. */
function restarts(job: Job, active: readonly Pod[]): number {
  if (job.spec.template.spec?.restartPolicy !== 'OnFailure') return 0;
  return active.reduce((sum, pod) => sum + (pod.status?.containerStatuses ?? []).reduce((n, s) => n + s.restartCount, 0), 0);
}

/** Milliseconds until the Job has been active for too long; undefined without a deadline. */
export function deadlineInMs(job: Job, clock: Clock): number | undefined {
  const started = timeMillis(job.status?.startTime);
  const { activeDeadlineSeconds, suspend } = job.spec;
  if (activeDeadlineSeconds === undefined || started === undefined || suspend) return undefined;
  return Math.max(0, started + activeDeadlineSeconds * 1000 - clock.now());
}

function successOf(job: Job, a: Account): Outcome | undefined {
  const { completions } = job.spec;
  const rule = (job.spec.successPolicy?.rules ?? []).findIndex(r => {
    const among = r.succeededIndexes === undefined ? a.completedIndexes : parseIndexes(r.succeededIndexes);
    const count = [...among].filter(i => a.completedIndexes.has(i)).length;
    return count >= (r.succeededCount ?? (r.succeededIndexes === undefined ? Number.POSITIVE_INFINITY : among.size));
  });
  if (rule >= 0) return success('SuccessPolicy', `Matched rules at index ${rule}`);
  const reached = completions === undefined ? a.succeeded > 0 && a.active.length === 0 : a.succeeded >= completions;
  return reached ? success('CompletionsReached', 'Reached expected number of succeeded pods') : undefined;
}
