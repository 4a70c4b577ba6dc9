// The taints of a node follow its Ready condition and its cordon, as the node lifecycle controller keeps them.
import { equal, fromInformer, getOrUndefined, isStatusError, parseKey, type Runnable, timestamp } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { NODES, type Node } from '../kinds.ts';
import { readyStatus } from './nodes.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const OWN = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE]);

/** Taints nodes that are not ready or take no pods, and frees those that are and do. */
export function nodeTaints(c: MemberContext): Runnable {
  return loop(c, {
    name: 'node-lifecycle',
    sources: [fromInformer(c.informer(NODES), { when: change => change.type !== 'deleted' })],
    async reconcile(key, signal) {
      const node = await getOrUndefined(c.client, NODES, parseKey(key), { signal });
      if (!node) return {};
      const taints = taintsOf(node, timestamp(c.clock.now()));
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

function wantedTaints(node: Node): Taint[] {
  const status = readyStatus(node);
  const key = status === 'True' ? undefined : status === 'Unknown' ? UNREACHABLE : NOT_READY;
  return [
    ...(node.spec?.unschedulable ? [{ key: UNSCHEDULABLE, effect: 'NoSchedule' }] : []),
    ...(key === undefined ? [] : [{ key, effect: 'NoSchedule' }]),
    // A node that has not reported yet is not failing: nothing is driven off it.
    ...(key === undefined || status === undefined ? [] : [{ key, effect: 'NoExecute' }]),
  ];
}

function taintsOf(node: Node, now: string): Taint[] {
  const wanted = wantedTaints(node);
  const present = node.spec?.taints ?? [];
  const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const kept = present.filter(t => !OWN.has(t.key) || wanted.some(w => same(w, t)));
  const added = wanted.filter(w => !present.some(t => same(w, t)));
  return [...kept, ...added.map(t => ({ ...t, timeAdded: now }))];
}
