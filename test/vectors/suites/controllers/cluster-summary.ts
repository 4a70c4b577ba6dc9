// The summary of a cluster's nodes and pods, and the Ready condition of a probe.
import { allocatableModelings, nodeSummary, readyCondition, resourceSummary } from '../../../../controllers/index.ts';
import type { Cluster } from '../../../../crds/index.ts';
import type { AnyObject } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { compare, loose } from './compare.ts';

interface In {
  readonly fn: string;
  readonly online: boolean;
  readonly healthy: boolean;
  readonly cluster: Cluster;
  readonly nodes?: readonly AnyObject[];
  readonly pods?: readonly AnyObject[];
}

export const suite: Suite = {
  check(c) {
    const input = c.in as unknown as In;
    if (input.fn === 'readyCondition') return compare(readyCondition(input), c.out);
    const { cluster, nodes = [], pods = [] } = input;
    const got = {
      nodeSummary: nodeSummary(nodes),
      resourceSummary: resourceSummary(nodes, pods),
      allocatableModelings: allocatableModelings(cluster, nodes, pods),
    };
    return compare(withoutZeros(loose(got)), withoutZeros(loose(c.out)));
  },
};

/** Zero counts of the node summary are left out by the reference's types. */
function withoutZeros(value: unknown): unknown {
  const { nodeSummary: nodes = {}, ...rest } = value as { nodeSummary?: Record<string, number> };
  return { ...rest, nodeSummary: Object.fromEntries(Object.entries(nodes).filter(([, n]) => n !== 0)) };
}
