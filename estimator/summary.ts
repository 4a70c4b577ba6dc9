// A cluster's own summary of its resources as one big machine (specification §6.1): allocatable less allocated, less what is on its
// way there.
import { addQuantities, type Quantity, quantityOf, quantityValue, subtractQuantities } from '../kube/index.ts';
import { assumedUsage, quantityIn, type Resources, resourcesOf } from './resources.ts';
import type { AssumedWorkload, ResourceSummary } from './types.ts';

export interface Summary {
  readonly allocatable: Resources;
  available(name: string): Quantity;
  readonly pods: bigint;
}

/** The summary with these workloads counted as on their way. */
export function summaryOf(summary: ResourceSummary, assumed: readonly AssumedWorkload[]): Summary {
  const allocatable = resourcesOf(summary.allocatable);
  const allocated = resourcesOf(summary.allocated);
  const promised = assumedUsage(assumed);
  const given = resourcesOf(summary.allocating);
  const allocating = (name: string): Quantity => {
    const base = quantityIn(given, name);
    const more = promised.resources.get(name);
    const sum = more ? addQuantities(base, more) : base;
    return name === 'pods' && promised.pods > 0n ? addQuantities(sum, quantityOf(promised.pods)) : sum;
  };
  const pods =
    quantityValue(quantityIn(allocatable, 'pods')) - quantityValue(quantityIn(allocated, 'pods')) - quantityValue(allocating('pods'));
  return {
    allocatable,
    available: name => subtractQuantities(subtractQuantities(quantityIn(allocatable, name), quantityIn(allocated, name)), allocating(name)),
    pods: pods > 0n ? pods : 0n,
  };
}
