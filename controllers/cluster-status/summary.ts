// What a cluster has and what its pods ask for (specification §6.3): nodes, sums of resources, and nodes by class of what they have free.
import type { Cluster, ClusterStatus, ResourceModel } from '../../crds/index.ts';
import { type AnyObject, at, listOf, objectOf, stringOf } from '../../kube/index.ts';
import { type Amounts, addAmounts, amountOf, printAmounts, type ResourceList, raiseAmounts, sumQuantities } from './resource-amounts.ts';

type ResourceSummary = NonNullable<ClusterStatus['resourceSummary']>;
type Modelings = NonNullable<ResourceSummary['allocatableModelings']>;

export function nodeSummary(nodes: readonly AnyObject[]): NonNullable<ClusterStatus['nodeSummary']> {
  const ready = (node: AnyObject): boolean =>
    listOf(at(node, 'status', 'conditions')).some(c => at(c, 'type') === 'Ready' && at(c, 'status') === 'True');
  return { totalNum: nodes.length, readyNum: nodes.filter(ready).length };
}

export function resourceSummary(nodes: readonly AnyObject[], pods: readonly AnyObject[]): ResourceSummary {
  return {
    allocatable: sumQuantities(nodes.map(node => objectOf(at(node, 'status', 'allocatable')))),
    allocating: printAmounts(requested(pods.filter(pod => nodeOf(pod) === ''))),
    allocated: printAmounts(requested(pods.filter(pod => nodeOf(pod) !== '' && isActive(pod)))),
  };
}

const nodeOf = (pod: AnyObject): string => stringOf(at(pod, 'spec', 'nodeName'));
const isActive = (pod: AnyObject): boolean => !['Succeeded', 'Failed'].includes(stringOf(at(pod, 'status', 'phase')));

/** Sums over one accumulator: an init container counts only where it exceeds everything summed so far. */
function requested(pods: readonly AnyObject[]): Amounts {
  const sum: Amounts = new Map();
  for (const pod of pods) {
    for (const container of listOf(at(pod, 'spec', 'containers'))) addAmounts(sum, requestsOf(container));
    for (const container of listOf(at(pod, 'spec', 'initContainers'))) raiseAmounts(sum, requestsOf(container));
    addAmounts(sum, objectOf(at(pod, 'spec', 'overhead')));
  }
  if (pods.length > 0) sum.set('pods', (sum.get('pods') ?? 0n) + BigInt(pods.length));
  return sum;
}

const requestsOf = (container: unknown): ResourceList => objectOf(at(container, 'resources', 'requests'));

/** How many nodes fall into each of the cluster's resource models; nothing where the models do not speak of the same resources. */
export function allocatableModelings(cluster: Cluster, nodes: readonly AnyObject[], pods: readonly AnyObject[]): Modelings {
  const models = cluster.spec.resourceModels ?? [];
  if (models.some(({ ranges }) => ranges.length !== models[0]?.ranges.length)) return [];
  const counts = models.map(() => 0);
  const byNode = new Map<string, AnyObject[]>();
  for (const pod of pods) if (isActive(pod)) byNode.set(nodeOf(pod), [...(byNode.get(nodeOf(pod)) ?? []), pod]);
  for (const node of nodes) {
    const free = freeOf(node, byNode.get(node.metadata.name ?? '') ?? []);
    // The reference stops counting here instead of leaving out the one node.
    if (!free) break;
    const index = modelIndex(models, free);
    if (index !== undefined) counts[index] = (counts[index] ?? 0) + 1;
  }
  return models.map(({ grade }, i) => ({ grade, count: counts[i] ?? 0 }));
}

/** What is left on a node; undefined where it runs pods and has no slot for another. */
function freeOf(node: AnyObject, pods: readonly AnyObject[]): Amounts | undefined {
  const free: Amounts = new Map();
  addAmounts(free, objectOf(at(node, 'status', 'allocatable')));
  if (pods.length === 0) return free;
  for (const [name, amount] of requested(pods)) if (free.has(name)) free.set(name, (free.get(name) ?? 0n) - amount);
  return (free.get('pods') ?? 0n) > 0n ? free : undefined;
}

/** The model whose lower bounds the free resources reach, for the scarcest resource. */
function modelIndex(models: readonly ResourceModel[], free: Amounts): number | undefined {
  let lowest: number | undefined;
  for (const { name } of models[0]?.ranges ?? []) {
    const amount = free.get(name) ?? 0n;
    const reached = models.findLastIndex(({ ranges }) => {
      const range = ranges.find(candidate => candidate.name === name);
      return range !== undefined && amountOf(name, range.min) <= amount;
    });
    if (reached < 0) return undefined;
    lowest = Math.min(lowest ?? reached, reached);
  }
  return lowest;
}
