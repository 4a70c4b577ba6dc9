// The two conditions of a Work that the execution controller keeps (specification §4.6).
import { type Condition, conditionReasons, conditionTypes, type Work } from '../../crds/index.ts';
import { type NewCondition, withCondition } from '../condition.ts';

export type WorkCondition = NewCondition<Condition>;

export function dispatchingCondition(work: Work): WorkCondition {
  return work.spec.suspendDispatching
    ? {
        type: conditionTypes.workDispatching,
        status: 'False',
        reason: conditionReasons.suspendDispatching,
        message: 'Work dispatching is in a suspended state.',
      }
    : {
        type: conditionTypes.workDispatching,
        status: 'True',
        reason: conditionReasons.dispatching,
        message: 'Work is being dispatched to member clusters.',
      };
}

export const appliedCondition: WorkCondition = {
  type: conditionTypes.workApplied,
  status: 'True',
  reason: conditionReasons.appliedSuccessful,
  message: 'Manifest has been successfully applied',
};

export const notAppliedCondition = (applied: number, total: number, errors: string): WorkCondition => ({
  type: conditionTypes.workApplied,
  status: 'False',
  reason: conditionReasons.appliedFailed,
  message: `Failed to apply all manifests (${applied}/${total}): ${errors}`.slice(0, 32_768),
});

/** The Work with those conditions; the very same Work where nothing changes. */
export function withWorkConditions(work: Work, added: readonly WorkCondition[], now: string): Work {
  const current = work.status?.conditions ?? [];
  const conditions = added.reduce<readonly Condition[]>((list, condition) => withCondition<Condition>(list, condition, now), current);
  return conditions === current ? work : { ...work, status: { ...work.status, conditions: [...conditions] } };
}
