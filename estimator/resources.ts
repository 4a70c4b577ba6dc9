// Resource lists as amounts. Lists come out of caches and never change, so each is parsed once.
import {
  addQuantities,
  milliQuantity,
  type Quantity,
  quantityMilliValue,
  quantityOf,
  quantityOfJson,
  quantityValue,
  zeroQuantity,
} from '../kube/index.ts';
import type { AssumedWorkload, ResourceList } from './types.ts';

export type Resources = ReadonlyMap<string, Quantity>;

const NOTHING: Resources = new Map();
const parsed = new WeakMap<ResourceList, Resources>();

/** Resource name → quantity. A text that is no quantity is left out: nothing can be said about it. */
export function resourcesOf(list: ResourceList | undefined): Resources {
  if (!list) return NOTHING;
  const known = parsed.get(list);
  if (known) return known;
  const resources = new Map<string, Quantity>();
  for (const [name, value] of Object.entries(list)) {
    const quantity = readQuantity(value);
    if (quantity) resources.set(name, quantity);
  }
  parsed.set(list, resources);
  return resources;
}

/** The quantity, or undefined where the text is none. */
export function readQuantity(value: unknown): Quantity | undefined {
  try {
    return quantityOfJson(value);
  } catch {
    return undefined;
  }
}

/** Thousandths for cpu, whole units for everything else. */
export function amountOf(name: string, quantity: Quantity): bigint {
  return name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity);
}

/** The quantity of a name, zero where it is absent. */
export function quantityIn(resources: Resources, name: string): Quantity {
  return resources.get(name) ?? zeroQuantity;
}

/** Everything that assumed workloads will take: requests × replicas, and one pod a replica. */
export function assumedUsage(workloads: readonly AssumedWorkload[]): { readonly pods: bigint; readonly resources: Resources } {
  const resources = new Map<string, Quantity>();
  let pods = 0n;
  for (const component of workloads.flatMap(w => w.components ?? [])) {
    const replicas = BigInt(component.replicas ?? 0);
    if (replicas <= 0n) continue;
    pods += replicas;
    for (const [name, request] of resourcesOf(component.replicaRequirements?.resourceRequest)) {
      const amount = amountOf(name, request) * replicas;
      const used = name === 'cpu' ? milliQuantity(amount) : quantityOf(amount);
      resources.set(name, addQuantities(quantityIn(resources, name), used));
    }
  }
  return { pods, resources };
}

/** The low 32 bits: counts are int32 on the wire. */
export function toInt32(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

export const MAX_INT32 = 2n ** 31n - 1n;

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
