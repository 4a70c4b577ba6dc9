// Conditions as Kubernetes keeps them: one of each type, and lastTransitionTime moves only when the status does.

export interface ConditionLike {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export type NewCondition<C extends ConditionLike> = Omit<C, 'lastTransitionTime'>;

/** The list with the condition set; the very same list where nothing changes. `now` is RFC 3339. */
export function withCondition<C extends ConditionLike>(conditions: readonly C[], next: NewCondition<C>, now: string): readonly C[] {
  const index = conditions.findIndex(condition => condition.type === next.type);
  const present = conditions[index];
  if (!present) return [...conditions, { ...next, lastTransitionTime: now } as C];
  if (present.status === next.status && present.reason === next.reason && present.message === next.message) return conditions;
  const lastTransitionTime = present.status === next.status ? present.lastTransitionTime : now;
  return conditions.with(index, { ...present, ...next, lastTransitionTime } as C);
}

export const conditionOf = <C extends ConditionLike>(conditions: readonly C[] | undefined, type: string): C | undefined =>
  conditions?.find(condition => condition.type === type);

/** Whether the condition is there and True. */
export const isTrue = (conditions: readonly ConditionLike[] | undefined, type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True';
