// DaemonSets: one pod on each node that takes it, replaced a few at a time when the template changes.
import { fromInformer, getOrUndefined, parseKey, type Runnable, scaledValue } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { type Affinity, DAEMON_SETS, type DaemonSet, NODES, type Node, PODS, type Pod, type PodSpec, REVISIONS } from '../kinds.ts';
import { candidates, claim, controllerOf, ownerKeys } from '../owners.ts';
import { refusalOfNode } from '../placement/node-rules.ts';
import { deleteObject, writeStatus } from '../writing.ts';
import { countPods, hasEnded, isActive } from './pod-state.ts';
import { REVISION_LABEL, syncRevisions, trimRevisions } from './revisions.ts';
import { podFrom } from './template.ts';

const PREFIX = 'node.kubernetes.io';
/** Daemons stay on nodes in trouble. */
const TOLERATIONS = [
  { key: `${PREFIX}/not-ready`, operator: 'Exists', effect: 'NoExecute' },
  { key: `${PREFIX}/unreachable`, operator: 'Exists', effect: 'NoExecute' },
  { key: `${PREFIX}/disk-pressure`, operator: 'Exists', effect: 'NoSchedule' },
  { key: `${PREFIX}/memory-pressure`, operator: 'Exists', effect: 'NoSchedule' },
  { key: `${PREFIX}/pid-pressure`, operator: 'Exists', effect: 'NoSchedule' },
  { key: `${PREFIX}/unschedulable`, operator: 'Exists', effect: 'NoSchedule' },
] as const;

export function daemonSetController(c: MemberContext): Runnable {
  const sets = c.informer(DAEMON_SETS);
  c.children(REVISIONS);
  return loop(c, {
    name: 'daemonset',
    sources: [
      fromInformer(sets),
      fromInformer(c.informer(PODS), {
        keys: ({ object }) =>
          controllerOf(object)
            ? ownerKeys(object, 'DaemonSet')
            : candidates(object, c.children(DAEMON_SETS).in(object.metadata.namespace ?? '')),
      }),
      fromInformer(c.informer(NODES), { keys: () => sets.list().map(s => `${s.metadata.namespace}/${s.metadata.name}`) }),
    ],
    async reconcile(key, signal) {
      const set = await getOrUndefined(c.client, DAEMON_SETS, parseKey(key), { signal });
      if (!set || set.metadata.deletionTimestamp) return {};
      const revisions = await syncRevisions(c, set);
      const nodes = c.informer(NODES).list();
      const owned = await claim(c, PODS, set);
      await settle(c, set, { nodes, pods: owned, hash: revisions.current.hash });
      await trimRevisions(c, set, revisions, new Set(owned.map(pod => `${set.metadata.name}-${pod.metadata.labels?.[REVISION_LABEL]}`)));
      return report(c, set, { nodes, hash: revisions.current.hash });
    },
  });
}

interface Scene {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly hash: string;
}

/** The node a daemon pod is meant for, placed or not. */
export function nodeOf(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.find(f => f.key === 'metadata.name')?.values?.[0] ?? '';
}

function suits(set: DaemonSet, node: Node): boolean {
  const spec = specFor(set, node.metadata.name ?? '');
  return refusalOfNode(spec, node) === undefined;
}

async function settle(c: MemberContext, set: DaemonSet, s: Scene): Promise<void> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of s.pods.filter(p => !hasEnded(p))) byNode.set(nodeOf(pod), [...(byNode.get(nodeOf(pod)) ?? []), pod]);
  const suitable = new Set(s.nodes.filter(node => suits(set, node)).map(node => node.metadata.name ?? ''));
  for (const name of suitable) if (!byNode.has(name)) await c.client.create(PODS, daemonPod(set, name, s.hash));
  for (const [name, pods] of byNode) {
    const surplus = suitable.has(name) ? pods.filter(isActive).slice(1) : pods.filter(isActive);
    for (const pod of surplus) await deleteObject(c.client, PODS, pod);
  }
  for (const pod of s.pods) if (pod.status?.phase === 'Failed' && isLive(pod)) await deleteObject(c.client, PODS, pod);
  await replaceOld(c, set, { ...s, pods: [...suitable].flatMap(name => byNode.get(name)?.filter(isActive)[0] ?? []) });
}

const isLive = (pod: Pod): boolean => pod.metadata.deletionTimestamp === undefined;

/** Takes old pods away as long as few enough nodes are without an available one. */
async function replaceOld(c: MemberContext, set: DaemonSet, s: Scene): Promise<void> {
  if (set.spec.updateStrategy?.type === 'OnDelete') return;
  const total = s.nodes.filter(node => suits(set, node)).length;
  const allowed = Math.max(1, scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, { total, round: 'up' }));
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const old = s.pods.filter(pod => pod.metadata.labels?.[REVISION_LABEL] !== s.hash);
  const isAvailable = (pod: Pod): boolean => countPods([pod], minReadySeconds, c.clock).available === 1;
  let unavailable = total - s.pods.filter(isAvailable).length;
  for (const pod of [...old].sort((a, b) => Number(isAvailable(a)) - Number(isAvailable(b)))) {
    const costs = isAvailable(pod) ? 1 : 0;
    if (unavailable + costs > allowed) return;
    unavailable += costs;
    await deleteObject(c.client, PODS, pod);
  }
}

function specFor(set: DaemonSet, node: string): PodSpec {
  const spec = set.spec.template.spec ?? { containers: [] };
  return { ...spec, affinity: pinned(spec.affinity, node), tolerations: [...(spec.tolerations ?? []), ...TOLERATIONS] };
}

/** Only that node will do, besides what the template asks for. */
function pinned(affinity: Affinity | undefined, node: string): Affinity {
  const name = { key: 'metadata.name', operator: 'In', values: [node] };
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map(term => ({ ...term, matchFields: [...(term.matchFields ?? []), name] })),
      },
    },
  };
}

function daemonPod(set: DaemonSet, node: string, hash: string): Pod {
  const pod = podFrom(set.spec.template, set, { labels: { [REVISION_LABEL]: hash } });
  return { ...pod, spec: specFor(set, node) };
}

async function report(c: MemberContext, seen: DaemonSet, s: Pick<Scene, 'nodes' | 'hash'>): Promise<{ requeueAfterMs?: number }> {
  const { namespace = '', name = '', uid } = seen.metadata;
  const set = await getOrUndefined(c.client, DAEMON_SETS, { namespace, name });
  if (!set || set.metadata.uid !== uid) return {};
  const pods = c.children(PODS).of(uid).filter(isActive);
  const suitable = new Set(s.nodes.filter(node => suits(set, node)).map(node => node.metadata.name ?? ''));
  const right = pods.filter(pod => suitable.has(nodeOf(pod)));
  const counts = countPods(right, set.spec.minReadySeconds ?? 0, c.clock);
  const updated = right.filter(pod => pod.metadata.labels?.[REVISION_LABEL] === s.hash).length;
  await writeStatus(c.client, DAEMON_SETS, set, {
    currentNumberScheduled: right.length,
    numberMisscheduled: pods.length - right.length,
    desiredNumberScheduled: suitable.size,
    numberReady: counts.ready,
    observedGeneration: seen.metadata.generation ?? 1,
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(counts.available > 0 ? { numberAvailable: counts.available } : {}),
    ...(suitable.size > counts.available ? { numberUnavailable: suitable.size - counts.available } : {}),
  });
  return counts.nextInMs === undefined ? {} : { requeueAfterMs: counts.nextInMs };
}
