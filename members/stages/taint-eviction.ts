// Pods leave a node whose NoExecute taints they do not tolerate, or no longer than they said; and a node that is no more.
import { tolerates } from '../../estimator/index.ts';
import { fromInformer, keyOf, keyText, type Runnable, timeMillis } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { NODES, type Node, PODS, type Pod } from '../kinds.ts';
import { hasEnded, isTerminating } from '../workloads/pod-state.ts';
import { deleteObject } from '../writing.ts';

const QUARANTINE_MS = 40_000;

export function taintEviction(c: MemberContext): Runnable {
  const pods = c.informer(PODS);
  const nodes = c.informer(NODES);
  const on = pods.indexed(pod => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
  /** Since when a pod has stood against what drives it off. */
  const since = new Map<string, number>();

  async function judge(key: string, pod: Pod): Promise<{ requeueAfterMs?: number }> {
    const node = nodes.get(pod.spec.nodeName ?? '');
    const begun = since.get(key) ?? c.clock.now();
    const due = node ? dueMs(pod, node, begun) : begun + QUARANTINE_MS;
    if (due === undefined) {
      since.delete(key);
      return {};
    }
    since.set(key, begun);
    const leftMs = due - c.clock.now();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    since.delete(key);
    if (!node) await deleteObject(c.client, PODS, pod, { gracePeriodSeconds: 0 });
    else {
      c.events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
      await deleteObject(c.client, PODS, pod);
    }
    return {};
  }

  return loop(c, {
    name: 'taint-eviction',
    sources: [
      fromInformer(pods, { when: ({ object, old }) => object.spec.nodeName !== old?.spec.nodeName }),
      fromInformer(nodes, {
        when: ({ type, object, old }) => type === 'deleted' || hasNoExecute(object) || (old !== undefined && hasNoExecute(old)),
        keys: ({ object }) => on(object.metadata.name ?? '').map(pod => keyText(keyOf(pod))),
      }),
    ],
    async reconcile(key) {
      const pod = pods.get(key);
      const stays = !pod?.spec.nodeName || (nodes.get(pod.spec.nodeName) && (isTerminating(pod) || hasEnded(pod)));
      if (!pod || stays) {
        since.delete(key);
        return {};
      }
      return judge(key, pod);
    },
  });
}

const hasNoExecute = (node: Node): boolean => node.spec?.taints?.some(t => t.effect === 'NoExecute') === true;

/** When the pod must go, having stood against the taints since then; undefined = it may stay. */
function dueMs(pod: Pod, node: Node, sinceMs: number): number | undefined {
  const dues: number[] = [];
  for (const taint of (node.spec?.taints ?? []).filter(t => t.effect === 'NoExecute')) {
    const tolerations = (pod.spec.tolerations ?? []).filter(t => tolerates(t, taint));
    if (tolerations.length === 0) return sinceMs;
    const seconds = tolerations.flatMap(t => (t.tolerationSeconds === undefined ? [] : [t.tolerationSeconds]));
    if (seconds.length > 0) dues.push((timeMillis(taint.timeAdded) ?? sinceMs) + Math.min(...seconds) * 1000);
  }
  return dues.length > 0 ? Math.min(...dues) : undefined;
}
