// Usage of federated quotas.
import { aggregateQuota, bindingUsage, overallUsed } from '../../../../controllers/index.ts';
import type { ResourceBinding, Work } from '../../../../crds/index.ts';
import { at } from '../../../../kube/index.ts';
import { differ, type Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly fn: string;
  readonly bindings: readonly ResourceBinding[];
  readonly overall: Readonly<Record<string, string>>;
  readonly works?: readonly Work[];
}

export const suite: Suite = {
  check(c) {
    const { fn, bindings, overall, works = [] } = c.in as unknown as In;
    const [first] = bindings ?? [];
    if (fn === 'bindingUsage') return compareLoose({ usage: first ? bindingUsage(first) : {} }, c.out);
    if (fn === 'overallUsed') return compareLoose({ overallUsed: overallUsed(bindings, overall) }, c.out);
    const got = aggregate(works);
    const verdict = compareLoose(got, c.out);
    const sums = compareLoose(at(got, 'overallUsed'), at(c.out, 'overallUsed'));
    return verdict.agreed || !sums.agreed ? verdict : differ(got, c.out, "the reference adds up in place, in one cluster's own usage");
  },
};

function aggregate(works: readonly Work[]): unknown {
  try {
    return aggregateQuota(works);
  } catch (error) {
    return { error: (error as Error).message };
  }
}
