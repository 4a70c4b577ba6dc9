// The general estimator (specification §6): what the Cluster object says about itself, without asking the member. The
// summary counts the cluster as one big machine; resource models, where there are any, count it node by node.
import { addQuantities, type Quantity, quantityMilliValue, quantityOf, quantityValue, subtractQuantities } from '../kube/index.ts';
import { modelNodes } from './resource-model.ts';
import { amountOf, assumedUsage, least, MAX_INT32, quantityIn, type Resources, resourcesOf, toInt32 } from './resources.ts';
import { Simulator } from './simulator.ts';
import type { AssumedWorkload, Component, EstimatedCluster, Estimator, ReplicaRequirements, ResourceSummary } from './types.ts';

export interface GeneralOptions {
  /** Gate CustomizedClusterResourceModeling. */
  readonly models: boolean;
  /** Gate SchedulingOvercommitProtection: subtract what is promised already from the summary. */
  readonly subtractAssumed: boolean;
}

interface Summary {
  readonly allocatable: Resources;
  available(name: string): Quantity;
  readonly pods: bigint;
}

const NONE: readonly AssumedWorkload[] = [];

function summaryOf(summary: ResourceSummary, assumed: readonly AssumedWorkload[]): Summary {
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

/** How many replicas fit into one cluster, int32. */
export function clusterReplicas(
  cluster: EstimatedCluster,
  requirements: ReplicaRequirements | undefined,
  o: GeneralOptions & { readonly assumed?: readonly AssumedWorkload[] },
): number {
  const resourceSummary = cluster.status?.resourceSummary;
  if (!resourceSummary) return 0;
  const assumed = o.assumed ?? NONE;
  const summary = summaryOf(resourceSummary, o.subtractAssumed ? assumed : NONE);
  if (summary.pods === 0n || !requirements) return toInt32(summary.pods);
  const nodes = o.models && resourceSummary.allocatableModelings?.length ? modelNodes(cluster) : undefined;
  if (nodes) {
    const simulator = new Simulator(nodes);
    simulator.assume(assumed);
    return toInt32(least(summary.pods, simulator.maxPods(requirements)));
  }
  return toInt32(least(summary.pods, replicasOfSummary(summary, resourcesOf(requirements.resourceRequest))));
}

function replicasOfSummary(summary: Summary, requests: Resources): bigint {
  let replicas = 2n ** 63n - 1n;
  for (const [name, request] of requests) {
    if (quantityValue(request) <= 0n) continue;
    const available = summary.available(name);
    if (!summary.allocatable.has(name) || quantityValue(available) <= 0n) return 0n;
    replicas = least(replicas, amountOf(name, available) / amountOf(name, request));
  }
  return replicas;
}

/** Decimal quantities in thousandths, binary ones in whole units: each by its own spelling, as the reference counts. */
function spelledAmount(quantity: Quantity): bigint {
  return quantity.format === 'BinarySI' ? quantityValue(quantity) : quantityMilliValue(quantity);
}

/** How many whole sets of components fit into one cluster, int32. */
export function clusterSets(
  cluster: EstimatedCluster,
  components: readonly Component[],
  o: GeneralOptions & { readonly assumed?: readonly AssumedWorkload[] },
): number {
  const resourceSummary = cluster.status?.resourceSummary;
  if (!resourceSummary) return 0;
  const assumed = o.assumed ?? NONE;
  const promised = perSet(o.subtractAssumed ? assumed.flatMap(w => w.components ?? []) : []);
  const summary = summaryOf(resourceSummary, NONE);
  const pods = summary.pods - promised.pods;
  if (pods <= 0n) return 0;
  const set = perSet(components);
  if (set.pods <= 0n) return toInt32(pods);
  const bound = setsOfSummary(summary, { pods, set: set.amounts, podsPerSet: set.pods, promised: promised.amounts });
  const nodes = o.models && resourceSummary.allocatableModelings?.length ? modelNodes(cluster) : undefined;
  if (!nodes || bound <= 0n) return toInt32(bound);
  const simulator = new Simulator(nodes);
  simulator.assume(assumed);
  return toInt32(simulator.maxSets(components, least(bound, MAX_INT32)));
}

function perSet(components: readonly Component[]): { pods: bigint; amounts: Map<string, bigint> } {
  const amounts = new Map<string, bigint>();
  let pods = 0n;
  for (const component of components) {
    const replicas = BigInt(component.replicas ?? 0);
    pods += replicas;
    for (const [name, request] of resourcesOf(component.replicaRequirements?.resourceRequest)) {
      amounts.set(name, (amounts.get(name) ?? 0n) + replicas * spelledAmount(request));
    }
  }
  return { pods, amounts };
}

function setsOfSummary(
  summary: Summary,
  o: { pods: bigint; podsPerSet: bigint; set: ReadonlyMap<string, bigint>; promised: ReadonlyMap<string, bigint> },
): bigint {
  let bound = BigInt.asIntN(32, o.pods / o.podsPerSet);
  for (const [name, amount] of o.set) {
    if (amount <= 0n) continue;
    const available = summary.allocatable.has(name) ? spelledAmount(summary.available(name)) - (o.promised.get(name) ?? 0n) : 0n;
    if (available <= 0n) return 0n;
    bound = least(bound, BigInt.asIntN(32, available / amount));
  }
  return bound;
}

/** The estimator that is always registered; it answers at once. */
export function generalEstimator(o: GeneralOptions): Estimator {
  const assumedOf = (assumed: ReadonlyMap<string, readonly AssumedWorkload[]> | undefined, name: string) => assumed?.get(name) ?? NONE;
  return {
    name: 'general-estimator',
    maxReplicas: async ({ clusters, requirements, assumed }) =>
      new Map(
        clusters.map(c => {
          const name = c.metadata.name ?? '';
          return [name, clusterReplicas(c, requirements, { ...o, assumed: assumedOf(assumed, name) })];
        }),
      ),
    maxComponentSets: async ({ clusters, components, assumed }) =>
      new Map(
        clusters.map(c => {
          const name = c.metadata.name ?? '';
          return [name, clusterSets(c, components, { ...o, assumed: assumedOf(assumed, name) })];
        }),
      ),
  };
}
