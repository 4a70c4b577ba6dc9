// What a cluster lacks for so many more replicas, by its own summary: for people who ask why a workload does not fit.
import { formatQuantity, milliQuantity, quantityOf, quantityValue } from '../kube/index.ts';
import { modelNodes } from './resource-model.ts';
import { amountOf, resourcesOf } from './resources.ts';
import { Simulator } from './simulator.ts';
import { type Summary, summaryOf } from './summary.ts';
import type { EstimatedCluster, ReplicaRequirements } from './types.ts';

export interface Shortage {
  /** Resource name → quantity that is to be added. */
  readonly resources: Readonly<Record<string, string>>;
  /** By resource models: replicas that lack a node with room for one. */
  readonly nodesFor?: number;
}

/** Undefined where nothing is known to be missing, or where the cluster says nothing about itself. */
export function shortageOf(
  cluster: EstimatedCluster,
  requirements: ReplicaRequirements | undefined,
  replicas: number,
): Shortage | undefined {
  const given = cluster.status?.resourceSummary;
  if (!given || replicas <= 0) return undefined;
  const summary = summaryOf(given, []);
  const wanted = BigInt(Math.trunc(replicas));
  const pods: Record<string, string> = wanted > summary.pods ? { pods: String(wanted - summary.pods) } : {};
  const nodes = requirements && given.allocatableModelings?.length ? modelNodes(cluster) : undefined;
  if (nodes) {
    const lacking = wanted - new Simulator(nodes).maxPods(requirements);
    return lacking > 0n ? { resources: pods, nodesFor: Number(lacking) } : shortageIn(pods);
  }
  return shortageIn({ ...missing(summary, requirements, wanted), ...pods });
}

const shortageIn = (resources: Readonly<Record<string, string>>): Shortage | undefined =>
  Object.keys(resources).length > 0 ? { resources } : undefined;

function missing(summary: Summary, requirements: ReplicaRequirements | undefined, wanted: bigint): Record<string, string> {
  const resources: Record<string, string> = {};
  for (const [name, request] of resourcesOf(requirements?.resourceRequest)) {
    if (quantityValue(request) <= 0n) continue;
    const free = summary.allocatable.has(name) ? amountOf(name, summary.available(name)) : 0n;
    const lacking = amountOf(name, request) * wanted - (free > 0n ? free : 0n);
    if (lacking > 0n) resources[name] = amountText(name, lacking, request.format);
  }
  return resources;
}

function amountText(name: string, amount: bigint, format: Parameters<typeof quantityOf>[1]): string {
  return formatQuantity(name === 'cpu' ? milliQuantity(amount) : quantityOf(amount, format));
}
