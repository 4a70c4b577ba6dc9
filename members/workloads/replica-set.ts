// ReplicaSets: as many active pods as wanted, no more and no less, and the counts in their status.
import { fromInformer, getOrUndefined, parseKey, type Runnable } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { PODS, type Pod, REPLICA_SETS, type ReplicaSet } from '../kinds.ts';
import { candidates, claim, controllerOf, ownerKeys } from '../owners.ts';
import { deleteObject, writeStatus } from '../writing.ts';
import { byWorth, countPods, hasEnded, isActive, isTerminating } from './pod-state.ts';
import { podFrom } from './template.ts';

/** At most this many pods are made or deleted in one pass. */
const BURST = 500;

export function replicaSetController(c: MemberContext): Runnable {
  const sets = c.informer(REPLICA_SETS);
  return loop(c, {
    name: 'replicaset',
    sources: [
      fromInformer(sets),
      fromInformer(c.informer(PODS), {
        keys: ({ object }) =>
          controllerOf(object)
            ? ownerKeys(object, 'ReplicaSet')
            : candidates(object, c.children(REPLICA_SETS).in(object.metadata.namespace ?? '')),
      }),
    ],
    async reconcile(key, signal) {
      const set = await getOrUndefined(c.client, REPLICA_SETS, parseKey(key), { signal });
      if (!set) return {};
      const pods = (await claim(c, PODS, set)).filter(pod => !hasEnded(pod));
      if (!set.metadata.deletionTimestamp) await settle(c, set, pods.filter(isActive));
      return report(c, set);
    },
  });
}

async function settle(c: MemberContext, set: ReplicaSet, active: readonly Pod[]): Promise<void> {
  const missing = (set.spec.replicas ?? 1) - active.length;
  if (missing > 0) await Promise.all(Array.from({ length: Math.min(missing, BURST) }, () => createPod(c, set)));
  const surplus = [...active].sort(byWorth).slice(0, Math.min(Math.max(0, -missing), BURST));
  await Promise.all(
    surplus.map(async pod => {
      await deleteObject(c.client, PODS, pod);
      c.events.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    }),
  );
}

async function createPod(c: MemberContext, set: ReplicaSet): Promise<void> {
  try {
    const pod = await c.client.create(PODS, podFrom(set.spec.template, set));
    c.events.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
  } catch (error) {
    c.events.event(set, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`);
    throw error;
  }
}

/** Counts what is there now; written with the state the counts are of. */
async function report(c: MemberContext, set: ReplicaSet): Promise<{ requeueAfterMs?: number }> {
  const { namespace = '', name = '', uid } = set.metadata;
  const pods = c
    .children(PODS)
    .of(uid)
    .filter(pod => !hasEnded(pod));
  const active = pods.filter(isActive);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const counts = countPods(active, minReadySeconds, c.clock);
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const fresh = await getOrUndefined(c.client, REPLICA_SETS, { namespace, name });
  if (!fresh || fresh.metadata.uid !== uid) return {};
  const { conditions } = fresh.status ?? {};
  await writeStatus(c.client, REPLICA_SETS, fresh, {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(pod => labels.every(([k, v]) => pod.metadata.labels?.[k] === v)).length || undefined,
    readyReplicas: counts.ready || undefined,
    availableReplicas: counts.available || undefined,
    terminatingReplicas: pods.filter(isTerminating).length,
    observedGeneration: set.metadata.generation ?? 1,
    ...(conditions ? { conditions } : {}),
  });
  return counts.nextInMs === undefined ? {} : { requeueAfterMs: counts.nextInMs };
}
