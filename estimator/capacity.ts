// Capacity as the placing of pods sees it: cpu in thousandths, everything else in whole units, pods one each. Names that
// no node agent accounts for are ignored.
import { amountOf, least, type Resources, resourcesOf } from './resources.ts';
import type { ResourceList } from './types.ts';

/** Resource name → amount; `pods` is one of them. */
export type Capacity = ReadonlyMap<string, bigint>;

const CORE = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** A resource of a vendor: `vendor.example/device`. */
export function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

/** Is this resource counted on nodes? */
export function isCounted(name: string): boolean {
  return (
    CORE.has(name) ||
    name.startsWith('hugepages-') ||
    name.startsWith('attachable-volumes-') ||
    name.includes('kubernetes.io/') ||
    isExtended(name)
  );
}

/** The counted resources and `pods`. */
export function capacityOf(resources: Resources): Map<string, bigint> {
  const capacity = new Map<string, bigint>();
  for (const [name, quantity] of resources) if (name === 'pods' || isCounted(name)) capacity.set(name, amountOf(name, quantity));
  return capacity;
}

const demands = new WeakMap<ResourceList, Capacity>();
const NO_DEMAND: Capacity = new Map();

/** The counted requests; worked out once a list. */
export function demandOf(list: ResourceList | undefined): Capacity {
  if (!list) return NO_DEMAND;
  const known = demands.get(list);
  if (known) return known;
  const demand = new Map<string, bigint>();
  for (const [name, quantity] of resourcesOf(list)) if (isCounted(name)) demand.set(name, amountOf(name, quantity));
  demands.set(list, demand);
  return demand;
}

/** How many pods of this demand fit into what is free; only what is more than nothing limits them. */
export function podsThatFit(free: Capacity, demand: Capacity): bigint {
  let count = free.get('pods') ?? 0n;
  for (const [name, amount] of demand) {
    if (count <= 0n) return 0n;
    if (amount <= 0n) continue;
    count = least(count, (free.get(name) ?? 0n) / amount);
  }
  return count > 0n ? count : 0n;
}

/** What is left after `count` pods of this demand; never below zero. */
export function consume(free: Capacity, demand: Capacity, count: bigint): Map<string, bigint> {
  const left = new Map(free);
  const take = (name: string, amount: bigint): void => {
    const rest = (left.get(name) ?? 0n) - amount;
    left.set(name, rest > 0n ? rest : 0n);
  };
  for (const [name, amount] of demand) take(name, amount * count);
  take('pods', count);
  return left;
}
