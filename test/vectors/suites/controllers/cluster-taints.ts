// Taints by condition, and who has to leave because of taints.
import { evictionDelay, purgeMode, taintedText, taintsByCondition } from '../../../../controllers/index.ts';
import type { Cluster, FailoverBehavior } from '../../../../crds/index.ts';
import { equal } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly fn: string;
  readonly cluster: Cluster;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly now: string;
  readonly enableNoExecuteTaintEviction: boolean;
  readonly failover?: FailoverBehavior;
  readonly flagPurgeMode: string;
}

export const suite: Suite = {
  check(c) {
    const input = c.in as unknown as In;
    if (input.fn === 'purgeMode') return compareLoose({ purgeMode: purgeMode(input.failover, input.flagPurgeMode) }, c.out);
    if (input.fn === 'taintByCondition') return compareLoose(taintByCondition(input), c.out);
    return needEviction(input, c.out as { error?: string });
  },
};

function taintByCondition({ cluster }: In): unknown {
  const taints = taintsByCondition(cluster, '<now>');
  if (equal(taints, cluster.spec.taints ?? [])) return { updated: false, events: [] };
  return { updated: true, taints, events: [`Normal TaintClusterSucceed ${taintedText(taints)}`] };
}

function needEviction(input: In, expected: { error?: string }) {
  try {
    const delay = evictionDelay(input.cluster, input.annotations ?? {}, Date.parse(input.now));
    const after = input.enableNoExecuteTaintEviction ? delay : undefined;
    return compareLoose({ evict: after === 0, after: after ?? null }, expected);
  } catch (error) {
    return expected.error === undefined ? differ(String(error), expected) : agree;
  }
}
