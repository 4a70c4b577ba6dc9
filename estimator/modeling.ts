// How a member's nodes become grade counts (specification §6.3): what a cluster publishes as allocatableModelings.
import {
  addQuantities,
  compareQuantities,
  type Quantity,
  quantityOf,
  quantityValue,
  signOfQuantity,
  subtractQuantities,
  zeroQuantity,
} from '../kube/index.ts';
import { quantityIn, readQuantity, resourcesOf } from './resources.ts';
import type { AllocatableModeling, Node, Pod, ResourceList, ResourceModel } from './types.ts';

/** One count a grade, in the order of the models; nothing where the grades do not cover the same number of resources. */
export function allocatableModelings(
  models: readonly ResourceModel[],
  nodes: readonly Node[],
  pods: readonly Pod[],
): AllocatableModeling[] {
  if (models.some(m => m.ranges?.length !== models[0]?.ranges?.length)) return [];
  const counts = models.map(() => 0);
  const podsByNode = groupByNode(pods);
  const grades = gradesByResource(models);
  for (const node of nodes) {
    const own = podsByNode.get(node.metadata.name ?? '') ?? [];
    const available = availableOf(node, own);
    if (own.length > 0 && quantityValue(available('pods')) <= 0n) break;
    const index = gradeOf(grades, available);
    if (index !== undefined) counts[index] = (counts[index] ?? 0) + 1;
  }
  return models.map((model, i) => ({ grade: model.grade, count: counts[i] ?? 0 }));
}

function groupByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const phase = pod.status?.phase;
    const node = pod.spec?.nodeName;
    if (!node || phase === 'Succeeded' || phase === 'Failed') continue;
    const group = groups.get(node);
    if (group) group.push(pod);
    else groups.set(node, [pod]);
  }
  return groups;
}

/** Resource → the least amount of each grade. */
function gradesByResource(models: readonly ResourceModel[]): Map<string, Quantity[]> {
  const grades = new Map<string, Quantity[]>();
  for (const model of models) {
    for (const range of model.ranges ?? []) {
      const least = readQuantity(range.min) ?? zeroQuantity;
      const list = grades.get(range.name);
      if (list) list.push(least);
      else grades.set(range.name, [least]);
    }
  }
  return grades;
}

/** What is left on a node. Requests of init containers only raise the running total, as the reference counts. */
function availableOf(node: Node, pods: readonly Pod[]): (name: string) => Quantity {
  const used = new Map<string, Quantity>();
  const add = (list: ResourceList | undefined): void => {
    for (const [name, q] of resourcesOf(list)) used.set(name, addQuantities(quantityIn(used, name), q));
  };
  for (const pod of pods) {
    for (const container of pod.spec?.containers ?? []) add(container.resources?.requests);
    for (const container of pod.spec?.initContainers ?? []) {
      for (const [name, q] of resourcesOf(container.resources?.requests)) {
        if (compareQuantities(q, quantityIn(used, name)) > 0) used.set(name, q);
      }
    }
    add(pod.spec?.overhead);
  }
  used.set('pods', addQuantities(quantityIn(used, 'pods'), quantityOf(pods.length)));
  const allocatable = resourcesOf(node.status?.allocatable);
  return name => (allocatable.has(name) ? subtractQuantities(quantityIn(allocatable, name), quantityIn(used, name)) : zeroQuantity);
}

/** The lowest of the grades that the resources reach; undefined where one reaches none. */
function gradeOf(grades: ReadonlyMap<string, readonly Quantity[]>, available: (name: string) => Quantity): number | undefined {
  let lowest: number | undefined;
  for (const [name, mins] of grades) {
    const amount = available(name);
    if (signOfQuantity(amount) < 0) return undefined;
    const index = lastReached(mins, amount);
    if (index < 0) return undefined;
    lowest = lowest === undefined ? index : Math.min(lowest, index);
  }
  return lowest;
}

/** The last of ascending amounts that is reached, by halving; −1 for none. */
function lastReached(mins: readonly Quantity[], amount: Quantity): number {
  const reached = (i: number): boolean => compareQuantities(mins[i] ?? zeroQuantity, amount) <= 0;
  let low = 0;
  let high = mins.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (!reached(middle)) high = middle - 1;
    else if (middle === mins.length - 1 || !reached(middle + 1)) return middle;
    else low = middle + 1;
  }
  return -1;
}
