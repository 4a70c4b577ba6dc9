// How a cycle ended, as the condition and the queue see it (specification §1.6, §1.7).
import { at, listOf, StatusError } from '../kube/index.ts';
import { SchedulingFailure } from './failure.ts';
import type { Condition } from './types.ts';

/** Several errors of one cycle; the text of one alone is its own. Who asks for the kind of an error does not look inside. */
export class FailureList extends Error {
  readonly errors: readonly Error[];

  constructor(errors: readonly Error[]) {
    const texts = [...new Set(errors.map(e => e.message))];
    super(texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`);
    this.name = 'FailureList';
    this.errors = errors;
  }

  /** A list of those that happened, or undefined. */
  static of(...errors: readonly (Error | undefined)[]): FailureList | undefined {
    const real = errors.filter(e => e !== undefined);
    return real.length ? new FailureList(real) : undefined;
  }
}

export const SCHEDULED = 'Scheduled';

const isKind = (error: Error, kind: SchedulingFailure['kind']): boolean => error instanceof SchedulingFailure && error.kind === kind;

/** The condition that tells of this end of a cycle. */
export function conditionOf(error: Error | undefined): Omit<Condition, 'lastTransitionTime'> {
  const failed = (reason: string, message: string) => ({ type: SCHEDULED, status: 'False', reason, message });
  if (!error) return { type: SCHEDULED, status: 'True', reason: 'Success', message: 'Binding has been scheduled successfully.' };
  if (isKind(error, 'Unschedulable')) return failed('Unschedulable', error.message);
  if (isKind(error, 'FitError')) return failed('NoClusterFit', error.message);
  if (error instanceof FailureList) {
    if (error.errors.some(e => isKind(e, 'FitError'))) return failed('NoClusterFit', error.message);
    const quota = error.errors.find(e => e instanceof StatusError && e.code === 403 && e.reason === 'QuotaExceeded');
    if (quota) return failed('QuotaExceeded', quota.message);
  }
  return failed('SchedulerError', error.message);
}

/** A fit error alone is an answer, not a fault: trying again changes nothing until something else changes. */
export function isAnswered(error: Error | undefined): boolean {
  return error === undefined || isKind(error, 'FitError');
}

export type QueueResult = 'forget' | 'unschedulable' | 'backoff';

/** Where a binding waits after a cycle. */
export function queueResultOf(error: Error | undefined): QueueResult {
  if (!error || isNamespaceTerminating(error)) return 'forget';
  return isKind(error, 'Unschedulable') ? 'unschedulable' : 'backoff';
}

function isNamespaceTerminating(error: Error): boolean {
  return error instanceof StatusError && listOf(error.details?.causes).some(cause => at(cause, 'reason') === 'NamespaceTerminating');
}
