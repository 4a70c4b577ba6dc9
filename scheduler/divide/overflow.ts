// Overflow tiers (specification §4.6): the primary clusters are filled first; each tier behind takes what is left. A
// scale-down empties the last tier first, because a tier's share is counted after those before it.
import { unschedulable } from '../failure.ts';
import type { Candidate } from '../select/candidate.ts';
import type { DivisionStep } from './record.ts';
import type { Target } from './targets.ts';
import { divideWorkload, type WorkloadInput } from './workload.ts';

/** Divides tier by tier; throws Unschedulable where all tiers together are too small. */
export function divideTiers(input: WorkloadInput, record: (step: DivisionStep) => void): Target[] {
  const result: Target[] = [];
  let remaining = input.replicas;
  for (const [tier, selected] of tiersOf(input.selected)) {
    const room = selected.reduce((sum, c) => sum + c.available, 0);
    const replicas = Math.min(remaining, room);
    result.push(...divideWorkload({ ...input, selected, replicas }, step => record({ ...step, tier })));
    remaining -= replicas;
    if (remaining === 0) break;
  }
  if (remaining > 0) throw unschedulable('Clusters available replicas are not enough to schedule.');
  return result;
}

function tiersOf(selected: readonly Candidate[]): [number, Candidate[]][] {
  const tiers = new Map<number, Candidate[]>();
  for (const c of selected) {
    const tier = tiers.get(c.overflowOrder);
    if (tier) tier.push(c);
    else tiers.set(c.overflowOrder, [c]);
  }
  return [...tiers].sort(([a], [b]) => a - b);
}
