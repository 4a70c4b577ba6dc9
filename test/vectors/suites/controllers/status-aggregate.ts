// The status of a binding out of its Works, and the clusters whose Works are kept.
import { aggregateStatus, keptClusters } from '../../../../controllers/index.ts';
import type { ResourceBinding, Work } from '../../../../crds/index.ts';
import type { Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly fn: string;
  readonly binding: ResourceBinding;
  readonly existingWorks?: readonly Work[];
}

/** Conditions that were just set have no recorded time. */
const JUST_NOW = '<just now>';

export const suite: Suite = {
  check(c) {
    const input = c.in as unknown as In;
    if (input.fn === 'keptClusters') return compareLoose({ clusters: [...keptClusters(input.binding.spec)].sort() }, c.out);
    return compareLoose(aggregate(input), withoutFalse(c.out));
  },
};

function aggregate({ binding, existingWorks = [] }: In): unknown {
  try {
    const status = aggregateStatus(binding, existingWorks, JUST_NOW);
    if (status === binding.status) return { updated: false };
    const { namespace, name } = binding.metadata;
    const subject = namespace ? `ResourceBinding(${namespace}/${name})` : `ClusterResourceBinding(${name})`;
    const event = `Normal AggregateStatusSucceed Update ${subject} with AggregatedStatus successfully.`;
    return withoutFalse({ updated: true, status, events: [event] });
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** `applied: false` is left out by the reference's types. */
function withoutFalse(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, item) => ((key === 'applied' && item === false) || item === JUST_NOW ? undefined : item)));
}
