// What the rules of a CronFederatedHPA have done: newest first, a few of each kind, and nothing of rules that are gone.
import type { CronFederatedHPA } from '../../crds/index.ts';

type Status = NonNullable<CronFederatedHPA['status']>;
type History = NonNullable<Status['executionHistories']>[number];
type Rule = CronFederatedHPA['spec']['rules'][number];

const DEFAULT_LIMIT = 3;

/** One run of a rule. */
export interface Execution {
  readonly rule: Rule;
  /** When it was due. */
  readonly scheduleTime: string;
  /** When it ran. */
  readonly executionTime: string;
  readonly error: string | undefined;
  /** What was asked for. */
  readonly applied: { readonly replicas?: number; readonly maxReplicas?: number; readonly minReplicas?: number };
  readonly nextTime: string | undefined;
}

/** The histories after a run. */
export function withExecution(histories: readonly History[], e: Execution): History[] {
  const { rule, scheduleTime, executionTime, error, applied } = e;
  const before = histories.find(history => history.ruleName === rule.name);
  const success = {
    scheduleTime,
    executionTime,
    ...(applied.replicas === undefined ? {} : { appliedReplicas: applied.replicas }),
    ...(applied.maxReplicas === undefined ? {} : { appliedMaxReplicas: applied.maxReplicas }),
    ...(applied.minReplicas === undefined ? {} : { appliedMinReplicas: applied.minReplicas }),
  };
  const successes = error === undefined ? [success, ...(before?.successfulExecutions ?? [])] : (before?.successfulExecutions ?? []);
  const failures =
    error === undefined
      ? (before?.failedExecutions ?? [])
      : [{ scheduleTime, executionTime, message: error }, ...(before?.failedExecutions ?? [])];
  const history = {
    ruleName: rule.name,
    ...(e.nextTime === undefined ? {} : { nextExecutionTime: e.nextTime }),
    ...(successes.length > 0 ? { successfulExecutions: successes.slice(0, rule.successfulHistoryLimit ?? DEFAULT_LIMIT) } : {}),
    ...(failures.length > 0 ? { failedExecutions: failures.slice(0, rule.failedHistoryLimit ?? DEFAULT_LIMIT) } : {}),
  } as History;
  return before ? histories.map(h => (h === before ? history : h)) : [...histories, history];
}

/** The histories of the rules there are, with their next times. */
export function currentHistories(histories: readonly History[], next: ReadonlyMap<string, string>): History[] {
  return [...next].map(
    ([ruleName, nextExecutionTime]) => ({ ...histories.find(h => h.ruleName === ruleName), ruleName, nextExecutionTime }) as History,
  );
}
