// The taints of a node follow its Ready condition, as the node lifecycle controller keeps them.
import { equal, fromInformer, getOrUndefined, isStatusError, parseKey, type Runnable } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { NODES, type Node } from '../kinds.ts';
import { readyStatus } from './nodes.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Taints nodes that are not ready, and frees those that are. */
export function nodeTaints(c: MemberContext): Runnable {
  return loop(c, {
    name: 'node-lifecycle',
    sources: [fromInformer(c.informer(NODES), { when: change => change.type !== 'deleted' })],
    async reconcile(key, signal) {
      const node = await getOrUndefined(c.client, NODES, parseKey(key), { signal });
      if (!node) return {};
      const taints = taintsOf(node);
      if (equal(taints, node.spec?.taints ?? [])) return {};
      try {
        await c.client.update(NODES, { ...node, spec: { ...node.spec, taints } }, { signal });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
      return {};
    },
  });
}

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

function taintsOf(node: Node): Taint[] {
  const status = readyStatus(node);
  const wanted = status === 'True' ? undefined : status === 'Unknown' ? UNREACHABLE : NOT_READY;
  const kept = (node.spec?.taints ?? []).filter(
    t => (t.key !== NOT_READY && t.key !== UNREACHABLE) || (t.key === wanted && t.effect === 'NoSchedule'),
  );
  if (wanted === undefined || kept.some(t => t.key === wanted)) return kept;
  return [...kept, { key: wanted, effect: 'NoSchedule' }];
}
