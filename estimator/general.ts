// The general estimator (specification §6): what the Cluster object says about itself, without asking the member. The
// summary counts the cluster as one big machine; resource models, where there are any, count it node by node.
import { type Quantity, quantityMilliValue, quantityValue } from '../kube/index.ts';
import { modelNodes } from './resource-model.ts';
import { amountOf, least, MAX_INT32, resourcesOf, toInt32 } from './resources.ts';
import { Simulator } from './simulator.ts';
import { type Summary, summaryOf } from './summary.ts';
import type {
  AssumedWorkload,
  Component,
  EstimatedCluster,
  Estimates,
  Estimator,
  ReplicaRequirements,
  ResourceList,
  ResourceSummary,
} from './types.ts';

export interface GeneralOptions {
  /** Gate CustomizedClusterResourceModeling. */
  readonly models: boolean;
  /** Gate SchedulingOvercommitProtection: subtract what is promised already from the summary. */
  readonly subtractAssumed: boolean;
}

/** What is free of one resource: rounded to whole units, and in the unit that replicas are counted in. */
interface Free {
  readonly value: bigint;
  readonly amount: bigint;
}

/** A summary with nothing promised on top: worked out once for each state of a cluster, however many bindings ask. */
interface Room {
  readonly pods: bigint;
  /** Undefined where the cluster does not have the resource. */
  free(name: string): Free | undefined;
}

const rooms = new WeakMap<ResourceSummary, Room>();

const NONE: readonly AssumedWorkload[] = [];

function roomOf(summary: Summary): Room {
  const known = new Map<string, Free | undefined>();
  return {
    pods: summary.pods,
    free(name) {
      if (known.has(name)) return known.get(name);
      const free = summary.allocatable.has(name) ? freeOf(name, summary.available(name)) : undefined;
      known.set(name, free);
      return free;
    },
  };
}

const freeOf = (name: string, quantity: Quantity): Free => ({ value: quantityValue(quantity), amount: amountOf(name, quantity) });

function knownRoom(summary: ResourceSummary): Room {
  let room = rooms.get(summary);
  if (!room) {
    room = roomOf(summaryOf(summary, NONE));
    rooms.set(summary, room);
  }
  return room;
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
  const room = o.subtractAssumed && assumed.length > 0 ? roomOf(summaryOf(resourceSummary, assumed)) : knownRoom(resourceSummary);
  if (room.pods === 0n || !requirements) return toInt32(room.pods);
  const nodes = o.models && resourceSummary.allocatableModelings?.length ? modelNodes(cluster) : undefined;
  if (nodes) {
    const simulator = new Simulator(nodes);
    simulator.assume(assumed);
    return toInt32(least(room.pods, simulator.maxPods(requirements)));
  }
  return toInt32(least(room.pods, replicasOfRoom(room, requestsOf(requirements.resourceRequest))));
}

const UNBOUNDED = 2n ** 63n - 1n;

function replicasOfRoom(room: Room, requests: readonly Request[]): bigint {
  let replicas = UNBOUNDED;
  for (const { name, amount } of requests) {
    const free = room.free(name);
    if (!free || free.value <= 0n) return 0n;
    replicas = least(replicas, free.amount / amount);
  }
  return replicas;
}

interface Request {
  readonly name: string;
  readonly amount: bigint;
}

const requested = new WeakMap<ResourceList, readonly Request[]>();
const NO_REQUESTS: readonly Request[] = [];

/** The requests for more than nothing; worked out once a list. */
function requestsOf(list: ResourceList | undefined): readonly Request[] {
  if (!list) return NO_REQUESTS;
  let requests = requested.get(list);
  if (!requests) {
    requests = [...resourcesOf(list)].filter(([, q]) => quantityValue(q) > 0n).map(([name, q]) => ({ name, amount: amountOf(name, q) }));
    requested.set(list, requests);
  }
  return requests;
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

/** Answers about one list of clusters kept at a time. */
const MAX_QUESTIONS = 64;
const answered = new WeakMap<readonly EstimatedCluster[], Map<string, Estimates>>();

/** The answer for a list of clusters that never changes, worked out once for all replicas that ask for the same. */
function replicasOfAll(clusters: readonly EstimatedCluster[], requirements: ReplicaRequirements | undefined, o: GeneralOptions): Estimates {
  let known = answered.get(clusters);
  if (!known) {
    known = new Map();
    answered.set(clusters, known);
  }
  const question = `${o.models} ${requirements ? JSON.stringify(requirements.resourceRequest ?? {}) : ''}`;
  let estimates = known.get(question);
  if (!estimates) {
    estimates = new Map(clusters.map(c => [c.metadata.name ?? '', clusterReplicas(c, requirements, o)]));
    if (known.size >= MAX_QUESTIONS) known.clear();
    known.set(question, estimates);
  }
  return estimates;
}

/** The estimator that is always registered; it answers at once. */
export function generalEstimator(o: GeneralOptions): Estimator {
  const assumedOf = (assumed: ReadonlyMap<string, readonly AssumedWorkload[]> | undefined, name: string) => assumed?.get(name) ?? NONE;
  return {
    name: 'general-estimator',
    readsClusters: true,
    maxReplicas: async ({ clusters, requirements, assumed }) => {
      if (!assumed) return replicasOfAll(clusters, requirements, o);
      const estimates = new Map<string, number>();
      for (const c of clusters) {
        const name = c.metadata.name ?? '';
        estimates.set(name, clusterReplicas(c, requirements, { ...o, assumed: assumedOf(assumed, name) }));
      }
      return estimates;
    },
    maxComponentSets: async ({ clusters, components, assumed }) =>
      new Map(
        clusters.map(c => {
          const name = c.metadata.name ?? '';
          return [name, clusterSets(c, components, { ...o, assumed: assumedOf(assumed, name) })];
        }),
      ),
  };
}
