// Nodes with what is free on them (specification §7.3), in the order in which pods are placed: one node of each zone in
// turn.
import { type Capacity, capacityOf, isCounted } from './capacity.ts';
import { amountOf, resourcesOf } from './resources.ts';
import type { NodeRun } from './simulator.ts';
import type { Node, Pod, ResourceList } from './types.ts';

/** One entry a node, free capacity after the requests of its pods. */
export function nodeRuns(nodes: readonly Node[], pods: readonly Pod[]): NodeRun[] {
  const used = new Map<string, { pods: bigint; amounts: Map<string, bigint> }>();
  for (const pod of pods) {
    const name = pod.spec?.nodeName;
    const phase = pod.status?.phase;
    if (!name || phase === 'Succeeded' || phase === 'Failed') continue;
    const usage = used.get(name) ?? { pods: 0n, amounts: new Map<string, bigint>() };
    usage.pods++;
    for (const [resource, amount] of podRequests(pod)) usage.amounts.set(resource, (usage.amounts.get(resource) ?? 0n) + amount);
    used.set(name, usage);
  }
  return inZoneOrder(nodes).map(node => {
    const usage = used.get(node.metadata.name ?? '');
    const free = capacityOf(resourcesOf(node.status?.allocatable));
    return { count: 1n, node, free: usage ? subtract(free, usage) : free };
  });
}

function subtract(capacity: Capacity, usage: { pods: bigint; amounts: Capacity }): Map<string, bigint> {
  const left = (name: string, amount: bigint): bigint => {
    const rest = amount - (name === 'pods' ? usage.pods : (usage.amounts.get(name) ?? 0n));
    return rest > 0n ? rest : 0n;
  };
  return new Map([...capacity].map(([name, amount]) => [name, left(name, amount)]));
}

/** What a pod asks for: the sum of its containers or its largest init container, whichever is more, and its overhead. */
function podRequests(pod: Pod): Map<string, bigint> {
  const requests = new Map<string, bigint>();
  const each = (list: ResourceList | undefined, f: (name: string, amount: bigint) => void): void => {
    for (const [name, quantity] of resourcesOf(list)) if (isCounted(name)) f(name, amountOf(name, quantity));
  };
  const add = (name: string, amount: bigint): void => void requests.set(name, (requests.get(name) ?? 0n) + amount);
  for (const container of pod.spec?.containers ?? []) each(container.resources?.requests, add);
  for (const container of pod.spec?.initContainers ?? []) {
    each(container.resources?.requests, (name, amount) => {
      if (amount > (requests.get(name) ?? 0n)) requests.set(name, amount);
    });
  }
  each(pod.spec?.overhead, add);
  return requests;
}

function zoneOf({ metadata: { labels = {} } }: Node): string {
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  return `${region}\u0000${zone}`;
}

function inZoneOrder(nodes: readonly Node[]): Node[] {
  const zones = new Map<string, Node[]>();
  for (const node of nodes) {
    const zone = zones.get(zoneOf(node));
    if (zone) zone.push(node);
    else zones.set(zoneOf(node), [node]);
  }
  const ordered: Node[] = [];
  for (let i = 0; ordered.length < nodes.length; i++) {
    for (const zone of zones.values()) {
      const node = zone[i];
      if (node) ordered.push(node);
    }
  }
  return ordered;
}
