import { firstUntolerated, type Taint, type Toleration, taintText, tolerates } from '../../../../estimator/index.ts';
import { labelSelector, type Selector, SelectorError } from '../../../../kube/index.ts';
import { type Cluster, type ClusterAffinity, type FieldSelector, type LabelSelector, matchAffinity } from '../../../../scheduler/index.ts';
import type { Suite } from '../../suite.ts';
import { oneOf } from './outcome.ts';

function compile(selector: LabelSelector | undefined): Selector | undefined {
  try {
    return labelSelector(selector);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

const withoutEmpty = (taint: Taint): unknown => Object.fromEntries(Object.entries(taint).filter(([, value]) => value !== ''));

const kinds: Record<string, (input: Record<string, unknown>) => unknown> = {
  affinity: input => ({ match: matchAffinity(input['affinity'] as ClusterAffinity)(input['cluster'] as Cluster) }),
  fieldSelector: input => {
    const affinity = input['affinity'] as ClusterAffinity & FieldSelector;
    return { match: matchAffinity(affinity)(input['cluster'] as Cluster) };
  },
  toleration: input => ({ match: tolerates(input['toleration'] as Toleration, input['taint'] as Taint) }),
  untolerated: input => {
    const taint = firstUntolerated(input['taints'] as Taint[], input['tolerations'] as Toleration[]);
    return taint ? { untolerated: withoutEmpty(taint), text: taintText(taint) } : { untolerated: null };
  },
  labelSelector: input => {
    const selector = compile(input['selector'] as LabelSelector | undefined);
    return selector ? { match: selector.matches(input['labels'] as Record<string, string>) } : { match: false, invalid: true };
  },
};

export const suite: Suite = {
  check: c => oneOf(c, kinds[String(c.in['kind'])]?.(c.in)),
};
