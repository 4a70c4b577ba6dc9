import { type Binding, descheduleBinding, isEligible, undesiredTargets } from '../../../../scheduler/index.ts';
import type { Suite } from '../../suite.ts';
import type { Scripted } from './cycle.ts';
import { oneOf } from './outcome.ts';

interface Input {
  readonly binding: Binding;
  readonly estimators: Record<string, Scripted>;
  readonly updateError?: string;
}

export const suite: Suite = {
  async check(c) {
    const { binding, estimators, updateError } = c.in as unknown as Input;
    const events: string[] = [];
    let clusters: unknown;
    const error = await descheduleBinding(binding, {
      estimators: Object.entries(estimators).map(([name, script]) => ({
        name,
        unschedulableReplicas: async () => {
          if (script.error) throw new Error(script.error);
          return new Map(Object.entries(script.values ?? {}));
        },
      })),
      thresholdMs: 300_000,
      signal: new AbortController().signal,
      update: async changed => {
        clusters = changed.spec.clusters?.map(t => (t.replicas === 0 ? { name: t.name } : t));
        if (updateError) throw new Error(updateError);
      },
      event: (type, reason, message) => void events.push(`${type} ${reason} ${message}`),
    });
    const asked =
      binding.metadata.deletionTimestamp || Object.keys(estimators).length === 0 ? [] : undesiredTargets(binding).map(u => u.cluster);
    return oneOf(c, {
      eligible: isEligible(binding),
      events,
      ...(asked.length ? { asked } : {}),
      ...(clusters === undefined ? {} : { clusters }),
      ...(error ? { returned: error.message } : {}),
    });
  },
};
