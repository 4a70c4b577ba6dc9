// When a change of a cluster's Ready condition is published.
import { ReadyThreshold } from '../../../../controllers/index.ts';
import type { Suite } from '../../suite.ts';
import { compare } from './compare.ts';

interface In {
  readonly initial: string;
  readonly successThresholdSeconds: number;
  readonly failureThresholdSeconds: number;
  readonly steps: readonly { readonly advanceSeconds: number; readonly observed: string }[];
}

export const suite: Suite = {
  check(c) {
    const { initial, successThresholdSeconds, failureThresholdSeconds, steps } = c.in as unknown as In;
    const threshold = new ReadyThreshold({ successMs: successThresholdSeconds * 1000, failureMs: failureThresholdSeconds * 1000 });
    let published = initial === '' ? undefined : initial;
    let nowMs = 0;
    const result = steps.map(({ advanceSeconds, observed }) => {
      nowMs += advanceSeconds * 1000;
      if (threshold.permits('c', { observed, published, nowMs })) published = observed;
      return published;
    });
    return compare({ published: result }, c.out);
  },
};
