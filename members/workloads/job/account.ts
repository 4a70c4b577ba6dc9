// What has become of the pods of a Job. A pod carries a finalizer until it has been counted: it is counted in the same write that
// lists it in status.uncountedTerminatedPods, then loses the finalizer, then leaves that list; so each one counts exactly once,
// whatever is deleted or crashes in between.
import type { Job, Pod } from '../../kinds.ts';
import { isActive, isReady, isTerminating } from '../pod-state.ts';
import { verdictOf } from './failure-policy.ts';
import { indexOf, parseIndexes } from './indexes.ts';

export const TRACKING = 'batch.kubernetes.io/job-tracking';

export interface Account {
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  readonly active: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  /** Counted, but still with their finalizer. */
  readonly pending: { readonly succeeded: readonly Pod[]; readonly failed: readonly Pod[] };
  /** A rule of the failure policy ends the Job. */
  readonly failJob?: string;
}

const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(TRACKING) === true;
const hasSucceeded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded';

/** A pod that is taken away before its end has failed, unless only failed ones are to be replaced. */
export function hasFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  return job.spec.podReplacementPolicy !== 'Failed' && isTerminating(pod) && !hasSucceeded(pod);
}

export function accountOf(job: Job, pods: readonly Pod[]): Account {
  const { status = {}, spec } = job;
  const counted = new Set([...(status.uncountedTerminatedPods?.succeeded ?? []), ...(status.uncountedTerminatedPods?.failed ?? [])]);
  const tracked = pods.filter(isTracked);
  const ended = { succeeded: tracked.filter(hasSucceeded), failed: tracked.filter(pod => hasFailed(job, pod)) };
  const fresh = (pod: Pod): boolean => !counted.has(pod.metadata.uid ?? '');
  const indexed = spec.completionMode === 'Indexed';
  const completed = parseIndexes(status.completedIndexes);
  if (indexed) for (const pod of ended.succeeded) addIndex(completed, pod, spec.completions ?? 0);
  // What a suspension takes away is no failure.
  const verdicts = spec.suspend ? [] : ended.failed.filter(fresh).map(pod => ({ pod, verdict: verdictOf(job, pod) }));
  const failJob = verdicts.find(v => v.verdict.action === 'FailJob')?.verdict.message;
  return {
    succeeded: indexed ? completed.size : (status.succeeded ?? 0) + ended.succeeded.filter(fresh).length,
    failed: (status.failed ?? 0) + verdicts.filter(v => v.verdict.action !== 'Ignore').length,
    completedIndexes: completed,
    failedIndexes: indexed ? failedIndexes(job, pods, completed) : new Set(),
    active: pods.filter(isActive),
    ready: pods.filter(pod => isActive(pod) && isReady(pod)).length,
    terminating: pods.filter(pod => isTerminating(pod) && pod.status?.phase !== 'Failed' && !hasSucceeded(pod)).length,
    pending: ended,
    ...(failJob === undefined ? {} : { failJob }),
  };
}

function addIndex(to: Set<number>, pod: Pod, completions: number): void {
  const index = indexOf(pod);
  if (index !== undefined && index < completions) to.add(index);
}

/** Indexes that have used up their own limit, or that a rule has ended. */
function failedIndexes(job: Job, pods: readonly Pod[], completed: ReadonlySet<number>): Set<number> {
  const failed = parseIndexes(job.status?.failedIndexes);
  const { backoffLimitPerIndex: limit } = job.spec;
  if (limit === undefined) return failed;
  for (const [index, count] of failuresByIndex(job, pods)) if (count > limit && !completed.has(index)) failed.add(index);
  return failed;
}

/** Failures of each index; one that a rule ends counts as infinitely many. */
function failuresByIndex(job: Job, pods: readonly Pod[]): Map<number, number> {
  const failures = new Map<number, number>();
  for (const pod of pods) {
    const index = indexOf(pod);
    if (index === undefined || !hasFailed(job, pod)) continue;
    const { action } = verdictOf(job, pod);
    const more = action === 'Ignore' ? 0 : action === 'FailIndex' ? Number.POSITIVE_INFINITY : 1;
    failures.set(index, (failures.get(index) ?? 0) + more);
  }
  return failures;
}
