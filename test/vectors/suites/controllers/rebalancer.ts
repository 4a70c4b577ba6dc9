// The results of a WorkloadRebalancer before a pass.
import { observedWorkloads } from '../../../../controllers/index.ts';
import type { WorkloadRebalancer } from '../../../../crds/index.ts';
import { equal } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { compare, loose } from './compare.ts';

interface Status {
  readonly observedWorkloads?: readonly { readonly workload: Readonly<Record<string, string>> }[];
}

export const suite: Suite = {
  check(c) {
    const { rebalancer } = c.in as unknown as { rebalancer: WorkloadRebalancer };
    const status = { observedWorkloads: observedWorkloads(rebalancer), observedGeneration: rebalancer.metadata.generation };
    return compare({ status }, c.out, (a, b) => equal(settled(a), settled(b)));
  },
};

/** Entries with equal keys stand in any order. */
function settled(out: unknown): unknown {
  const { status } = loose(out) as { status: Status };
  const key = (item: unknown): string => JSON.stringify(item, Object.keys(item as object).sort());
  const list = (status.observedWorkloads ?? []).map(item => ({ ...item, workload: Object.entries(item.workload).sort() }));
  return {
    ...status,
    observedWorkloads: list.sort((a, b) => (key(a) + JSON.stringify(a.workload) < key(b) + JSON.stringify(b.workload) ? -1 : 1)),
  };
}
