// Static weights (specification §4.4): from scratch every time, blind to capacity and to what ran before.
import { matchAffinity } from '../affinity.ts';
import type { Candidate } from '../select/candidate.ts';
import type { StaticClusterWeight } from '../types.ts';

/** Weight by cluster: the largest of the rules that match it. If no rule matches anything, all weigh 1. */
export function staticWeights(selected: readonly Candidate[], rules: readonly StaticClusterWeight[] = []): Map<string, number> {
  const matchers = rules.map(rule => ({ weight: Number(rule.weight), matches: matchAffinity(rule.targetCluster ?? {}) }));
  const weights = new Map<string, number>();
  for (const candidate of selected) {
    let weight = 0;
    for (const rule of matchers) if (rule.weight > weight && rule.matches(candidate.cluster)) weight = rule.weight;
    if (weight > 0) weights.set(candidate.name, weight);
  }
  return weights.size ? weights : new Map(selected.map(c => [c.name, 1]));
}
