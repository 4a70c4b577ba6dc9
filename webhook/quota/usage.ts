// What a ResourceBinding uses of a FederatedResourceQuota.
import type { ResourceBindingSpec } from '../../crds/index.ts';
import {
  addQuantities,
  multiplyQuantity,
  type Quantity,
  quantityOf,
  quantityOfJson,
  quantityValue,
  subtractQuantities,
  zeroQuantity,
} from '../../kube/index.ts';

/** Resource name to amount. */
export type Usage = ReadonlyMap<string, Quantity>;

type UsageSpec = Partial<Pick<ResourceBindingSpec, 'clusters' | 'components' | 'replicaRequirements'>>;

/** With components: their sum in each cluster; otherwise one replica's request for each scheduled replica. */
export function bindingUsage(spec: UsageSpec): Usage {
  const clusters = spec.clusters ?? [];
  const components = spec.components ?? [];
  let total: Usage = new Map();
  if (components.length > 0) {
    for (const component of components) {
      total = added(total, scaled(component.replicaRequirements?.resourceRequest, component.replicas * clusters.length));
    }
    return total;
  }
  return scaled(spec.replicaRequirements?.resourceRequest, scheduledReplicas(spec));
}

/** Replicas over all clusters. */
export function scheduledReplicas(spec: UsageSpec): number {
  return (spec.clusters ?? []).reduce((sum, cluster) => sum + (cluster.replicas ?? 0), 0);
}

function scaled(request: Readonly<Record<string, string | number>> | undefined, factor: number): Usage {
  const entries = Object.entries(request ?? {});
  return new Map(entries.map(([name, amount]) => [name, multiplyQuantity(inUnits(name, quantityOfJson(amount)), BigInt(factor))]));
}

/** Bytes are kept in powers of two. */
function inUnits(name: string, amount: Quantity): Quantity {
  return name === 'memory' || name === 'ephemeral-storage' ? quantityOf(quantityValue(amount), 'BinarySI') : amount;
}

function combined(a: Usage, b: Usage, f: (x: Quantity, y: Quantity) => Quantity): Usage {
  const result = new Map(a);
  for (const [name, amount] of b) result.set(name, f(result.get(name) ?? zeroQuantity, amount));
  return result;
}

/** The sum by resource. */
const added = (a: Usage, b: Usage): Usage => combined(a, b, addQuantities);
/** The difference by resource. */
export const subtracted = (a: Usage, b: Usage): Usage => combined(a, b, subtractQuantities);
