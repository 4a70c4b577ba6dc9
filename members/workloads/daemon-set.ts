// DaemonSets: one pod on each node that takes it, replaced a few at a time when the template changes.
import { fromInformer, getOrUndefined, type IntOrString, parseKey, type Runnable, scaledValue } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { type Affinity, DAEMON_SETS, type DaemonSet, NODES, type Node, PODS, type Pod, type PodSpec, REVISIONS } from '../kinds.ts';
import { candidates, claim, controllerOf, ownerKeys } from '../owners.ts';
import { refusalOfNode } from '../placement/node-rules.ts';
import { deleteObject, writeStatus } from '../writing.ts';
import { countPods, hasEnded, isActive, isReady, isTerminating } from './pod-state.ts';
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
function nodeOf(pod: Pod): string {
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
  const suitable = s.nodes.map(node => (suits(set, node) ? (node.metadata.name ?? '') : '')).filter(name => name !== '');
  const places: Place[] = [];
  for (const name of suitable) {
    if (!byNode.has(name)) await createPod(c, set, { node: name, hash: s.hash });
    const active = (byNode.get(name) ?? []).filter(isActive);
    const [now, ...more] = active.filter(pod => hashOf(pod) === s.hash);
    const [old, ...older] = active.filter(pod => hashOf(pod) !== s.hash);
    for (const pod of [...more, ...older]) await removePod(c, set, pod);
    places.push({ name, ...(now ? { now } : {}), ...(old ? { old } : {}) });
  }
  for (const [name, pods] of byNode) if (!suitable.includes(name)) for (const pod of pods.filter(isActive)) await removePod(c, set, pod);
  for (const pod of s.pods) if (pod.status?.phase === 'Failed' && !isTerminating(pod)) await removePod(c, set, pod);
  if (set.spec.updateStrategy?.type !== 'OnDelete') await replaceOld(c, set, { places, hash: s.hash });
}

/** A node with its pod of the present template, and one of an older. */
interface Place {
  readonly name: string;
  readonly now?: Pod;
  readonly old?: Pod;
}

const hashOf = (pod: Pod): string => pod.metadata.labels?.[REVISION_LABEL] ?? '';

/** Old pods go as long as few enough nodes are without an available one; with a surge, once a new one is available beside them. */
async function replaceOld(
  c: MemberContext,
  set: DaemonSet,
  s: { readonly places: readonly Place[]; readonly hash: string },
): Promise<void> {
  const { maxSurge = 0, maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const part = (value: IntOrString): number => scaledValue(value, { total: s.places.length, round: 'up' });
  const surge = part(maxSurge);
  const isAvailable = (pod: Pod | undefined): boolean =>
    pod !== undefined && countPods([pod], set.spec.minReadySeconds ?? 0, c.clock).available === 1;
  for (const { now, old } of s.places) if (old && now && (surge === 0 || isAvailable(now))) await removePod(c, set, old);
  const waiting = s.places.filter(p => p.old && !p.now).sort((a, b) => Number(isAvailable(a.old)) - Number(isAvailable(b.old)));
  let surging = s.places.filter(p => p.old && p.now && !isAvailable(p.now)).length;
  let missing = s.places.filter(p => !isAvailable(p.now) && !isAvailable(p.old)).length;
  const allowed = surge > 0 ? part(maxUnavailable) : Math.max(1, part(maxUnavailable));
  for (const { name, old } of waiting) {
    const costs = isAvailable(old) ? 1 : 0;
    if (surge > 0) {
      if (surging + costs > surge) return;
      surging += costs;
      await createPod(c, set, { node: name, hash: s.hash });
    } else if (old) {
      if (missing + costs > allowed) return;
      missing += costs;
      await removePod(c, set, old);
    }
  }
}

async function createPod(c: MemberContext, set: DaemonSet, o: { readonly node: string; readonly hash: string }): Promise<void> {
  const pod = await c.client.create(PODS, daemonPod(set, o.node, o.hash));
  c.events.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
}

async function removePod(c: MemberContext, set: DaemonSet, pod: Pod): Promise<void> {
  await deleteObject(c.client, PODS, pod);
  c.events.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
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
  const right = oneOfEachNode(
    pods.filter(pod => suitable.has(nodeOf(pod))),
    s.hash,
  );
  const counts = countPods(right, set.spec.minReadySeconds ?? 0, c.clock);
  const updated = right.filter(pod => pod.metadata.labels?.[REVISION_LABEL] === s.hash).length;
  await writeStatus(c.client, DAEMON_SETS, set, {
    currentNumberScheduled: right.length,
    numberMisscheduled: new Set(pods.map(nodeOf).filter(name => !suitable.has(name))).size,
    desiredNumberScheduled: suitable.size,
    numberReady: counts.ready,
    observedGeneration: seen.metadata.generation ?? 1,
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(counts.available > 0 ? { numberAvailable: counts.available } : {}),
    ...(suitable.size > counts.available ? { numberUnavailable: suitable.size - counts.available } : {}),
  });
  return counts.nextInMs === undefined ? {} : { requeueAfterMs: counts.nextInMs };
}

/** Where a new pod comes beside an old one, an available one speaks for the node. */
function oneOfEachNode(pods: readonly Pod[], hash: string): Pod[] {
  const byNode = new Map<string, Pod>();
  for (const pod of [...pods].sort(
    (a, b) => Number(isReady(a)) - Number(isReady(b)) || Number(hashOf(a) === hash) - Number(hashOf(b) === hash),
  ))
    byNode.set(nodeOf(pod), pod);
  return [...byNode.values()];
}
