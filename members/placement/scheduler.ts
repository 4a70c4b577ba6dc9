// The scheduler of a member: one pod after the other, onto the node that suits it; what fits nowhere waits for a change.
import { fromInformer, getOrUndefined, keyOf, keyText, parseKey, type Runnable, type Source, timestamp } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { CLAIMS, NAMESPACES, NODES, PODS, type Pod } from '../kinds.ts';
import { withCondition, writeStatus } from '../writing.ts';
import { choose } from './choose.ts';
import { Usage } from './usage.ts';

const RETRY_MS = 30_000;

const waits = (pod: Pod): boolean =>
  !pod.spec.nodeName &&
  !pod.metadata.deletionTimestamp &&
  (pod.spec.schedulingGates ?? []).length === 0 &&
  (pod.spec.schedulerName ?? 'default-scheduler') === 'default-scheduler' &&
  pod.status?.phase !== 'Failed';

/** Places pods without a node. */
export function podScheduler(c: MemberContext): Runnable {
  const pods = c.informer(PODS);
  const nodes = c.informer(NODES);
  const namespaces = c.informer(NAMESPACES);
  const usage = new Usage();
  const waiting = new Set<string>();

  async function place(pod: Pod): Promise<{ requeueAfterMs?: number }> {
    const key = keyText(keyOf(pod));
    const missing = await missingClaim(c, pod);
    const choice = missing
      ? { message: `persistentvolumeclaim "${missing}" not found` }
      : choose({
          pod,
          nodes: nodes.list(),
          placed: () => usage.all(),
          repelling: () => usage.repelling(),
          usage: node => usage.on(node),
          namespaceLabels: name => namespaces.get(name)?.metadata.labels ?? {},
        });
    if ('node' in choice) {
      // Counted before it is written: other pods are placed meanwhile.
      usage.place(pod, choice.node);
      try {
        await bind(c, pod, choice.node);
      } catch (error) {
        usage.forget(key);
        throw error;
      }
      waiting.delete(key);
      c.events.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${key} to ${choice.node}`);
      return {};
    }
    waiting.add(key);
    await refuse(c, pod, choice.message);
    return { requeueAfterMs: RETRY_MS };
  }

  return loop(c, {
    name: 'scheduler',
    sources: [
      fromInformer(pods, { when: change => change.type !== 'deleted' && waits(change.object) }),
      following(pods, usage, waiting),
      retrying(fromInformer(nodes), waiting),
      retrying(fromInformer(c.informer(CLAIMS), { when: change => change.type === 'added' }), waiting),
    ],
    async reconcile(key, signal) {
      const pod = await getOrUndefined(c.client, PODS, parseKey(key), { signal });
      if (pod && waits(pod)) return place(pod);
      waiting.delete(key);
      return {};
    },
  });
}

/** Keeps the usage, and tries waiting pods again when one went away. */
function following(pods: ReturnType<typeof podInformer>, usage: Usage, waiting: ReadonlySet<string>): Source {
  return {
    synced: pods.synced,
    start(enqueue) {
      const stop = usage.follow(pods);
      const freed = pods.subscribe(change => {
        const ended = change.object.status?.phase === 'Succeeded' || change.object.status?.phase === 'Failed';
        if (change.type === 'deleted' || ended || change.type === 'added') for (const key of waiting) enqueue(key, { priority: -1 });
      });
      return () => {
        stop();
        freed();
      };
    },
  };
}

const podInformer = (c: MemberContext) => c.informer(PODS);

/** Whatever the source tells means: look at all waiting pods again. */
function retrying(source: Source, waiting: ReadonlySet<string>): Source {
  return {
    synced: source.synced,
    start: enqueue =>
      source.start(() => {
        for (const key of waiting) enqueue(key);
      }),
  };
}

async function missingClaim(c: MemberContext, pod: Pod): Promise<string | undefined> {
  for (const volume of pod.spec.volumes ?? []) {
    const name = volume.persistentVolumeClaim?.claimName;
    const namespace = pod.metadata.namespace ?? '';
    if (name && !(await getOrUndefined(c.client, CLAIMS, { namespace, name }))) return name;
  }
  return undefined;
}

async function bind(c: MemberContext, pod: Pod, node: string): Promise<void> {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: node },
  };
  await c.client.create(PODS, binding as unknown as Pod, { subresource: 'binding' });
}

async function refuse(c: MemberContext, pod: Pod, message: string): Promise<void> {
  const now = timestamp(c.clock.now());
  const next = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastProbeTime: null };
  const known = pod.status?.conditions?.find(x => x.type === 'PodScheduled');
  if (known?.status === 'False' && known.reason === 'Unschedulable' && known.message === message) return;
  const conditions = withCondition(pod.status?.conditions, next, now);
  await writeStatus(c.client, PODS, pod, { ...pod.status, phase: 'Pending', conditions });
  c.events.event(pod, 'Warning', 'FailedScheduling', message);
}
