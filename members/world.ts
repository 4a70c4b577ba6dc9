// The simulated machines beneath a member: which addresses are free, which kubelets work.
import type { Clock, Informer } from '../kube/index.ts';
import type { Node, Pod } from './kinds.ts';
import { isUp, type NodeWorld, readyStatus } from './stages/nodes.ts';
import type { PodWorld } from './stages/pods.ts';

const POD_ADDRESSES = 256 * 254;
const NODE_ADDRESSES = 65_000;
/** The address of the first node, behind which the API server is. */
export const FIRST_NODE = '10.89.0.2';

export interface WorldOptions {
  readonly clock: Clock;
  readonly kubernetesVersion: string;
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
}

/** The world that the stages of nodes and pods look at. */
export function world(o: WorldOptions): NodeWorld & PodWorld {
  const podsAt = o.pods.indexed(pod => (pod.status?.podIP ? [pod.status.podIP] : []));
  const nodesAt = o.nodes.indexed(node => (node.status?.addresses ?? []).map(a => a.address));
  const readyOf = (name: string): string | undefined => {
    const node = o.nodes.get(name);
    return node && readyStatus(node);
  };
  let lastPod = 1;
  let lastNode = 1;
  return {
    kubernetesVersion: o.kubernetesVersion,
    nowMs: () => o.clock.now(),
    nodeUp(name) {
      const node = o.nodes.get(name);
      return node !== undefined && isUp(node);
    },
    nodeLost: name => readyOf(name) === 'Unknown',
    nodeIP: (name?: string) => {
      if (name !== undefined) return o.nodes.get(name)?.status?.addresses?.find(a => a.type === 'InternalIP')?.address ?? FIRST_NODE;
      for (let i = 0; i < NODE_ADDRESSES; i++) {
        lastNode = (lastNode % NODE_ADDRESSES) + 1;
        const ip = `10.89.${Math.floor(lastNode / 256)}.${lastNode % 256}`;
        if (nodesAt(ip).length === 0) return ip;
      }
      return FIRST_NODE;
    },
    podIP() {
      for (let i = 0; i < POD_ADDRESSES; i++) {
        lastPod = (lastPod + 1) % POD_ADDRESSES;
        const ip = `10.244.${Math.floor(lastPod / 254)}.${(lastPod % 254) + 1}`;
        if (podsAt(ip).length === 0) return ip;
      }
      return '10.244.0.2';
    },
  };
}
