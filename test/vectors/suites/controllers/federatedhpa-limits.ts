// What limits make of wanted replica counts, step by step.
import { defaultedBehavior, type LimitCondition, type PartialBehavior, ScaleHistory } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly spec: { readonly minReplicas?: number; readonly maxReplicas: number; readonly behavior?: PartialBehavior };
  readonly start: number;
  readonly steps: readonly { readonly advanceSeconds: number; readonly desired: number }[];
}

export const suite: Suite = {
  check(c) {
    const { spec, start, steps } = c.in as unknown as In;
    const behavior = defaultedBehavior(spec.behavior);
    const history = new ScaleHistory();
    history.recommend(start, 0);
    let current = start;
    let nowMs = 0;
    let conditions: readonly LimitCondition[] = [];
    const results = steps.map(({ advanceSeconds, desired }) => {
      nowMs += advanceSeconds * 1000;
      const result = history.limit({
        current,
        desired,
        min: spec.minReplicas ?? 1,
        max: spec.maxReplicas,
        behavior,
        nowMs,
        downscaleStabilizationMs: 300_000,
      });
      history.scaled(current, result.replicas, nowMs);
      current = result.replicas;
      conditions = result.conditions;
      return { replicas: current, conditions: sorted(conditions) };
    });
    const expected = c.out as { steps: readonly { replicas: number; conditions: readonly LimitCondition[] }[] };
    return compareLoose({ steps: results }, { steps: expected.steps.map(s => ({ ...s, conditions: sorted(s.conditions) })) });
  },
};

const sorted = (conditions: readonly LimitCondition[]): readonly LimitCondition[] =>
  [...conditions].sort((a, b) => (a.type < b.type ? -1 : 1));
