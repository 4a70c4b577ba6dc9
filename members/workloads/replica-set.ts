// ReplicaSets and ReplicationControllers: as many active pods as wanted, no more and no less, and the counts in their status.
import { fromInformer, getOrUndefined, isStatusError, parseKey, type Resource, type Runnable, timestamp } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import {
  type Condition,
  PODS,
  type Pod,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  type ReplicaSet,
  type ReplicationController,
} from '../kinds.ts';
import { candidates, claim, controllerOf, ownerKeys } from '../owners.ts';
import { deleteObject, writeStatus } from '../writing.ts';
import { byWorth, countPods, hasEnded, isActive, isTerminating } from './pod-state.ts';
import { podFrom } from './template.ts';

const RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;
/** At most this many pods are made or deleted in one pass. */
const BURST = 500;

/** A kind that keeps a number of pods, seen as a ReplicaSet. */
interface Replicated<T extends ReplicaSet | ReplicationController> {
  readonly name: string;
  readonly resource: Resource<T>;
  asSet(object: T): ReplicaSet;
  /** What its status has besides the counts of all such kinds. */
  moreStatus(pods: readonly Pod[]): ReplicaSet['status'];
}

const REPLICA_SET: Replicated<ReplicaSet> = {
  name: 'replicaset',
  resource: REPLICA_SETS,
  asSet: set => set,
  moreStatus: pods => ({ terminatingReplicas: pods.filter(isTerminating).length }),
};

const REPLICATION_CONTROLLER: Replicated<ReplicationController> = {
  name: 'replicationcontroller',
  resource: REPLICATION_CONTROLLERS,
  asSet: rc => ({ ...rc, spec: { ...rc.spec, selector: { matchLabels: rc.spec.selector ?? {} } } }),
  moreStatus: () => ({}),
};

export const replicaSetController = (c: MemberContext): Runnable => replicaController(c, REPLICA_SET);
export const replicationController = (c: MemberContext): Runnable => replicaController(c, REPLICATION_CONTROLLER);

function replicaController<T extends ReplicaSet | ReplicationController>(c: MemberContext, of: Replicated<T>): Runnable {
  const { resource, asSet } = of;
  const sets = c.informer(resource);
  /** How often in a row no pod could be made for a set. */
  const failures = new Map<string, number>();
  return loop(c, {
    name: of.name,
    sources: [
      fromInformer(sets),
      fromInformer(c.informer(PODS), {
        keys: ({ object }) =>
          controllerOf(object)
            ? ownerKeys(object, resource.kind)
            : candidates(
                object,
                c
                  .children(resource)
                  .in(object.metadata.namespace ?? '')
                  .map(asSet),
              ),
      }),
    ],
    async reconcile(key, signal) {
      const found = await getOrUndefined(c.client, resource, parseKey(key), { signal });
      if (!found) {
        failures.delete(key);
        return {};
      }
      const set = asSet(found);
      const pods = (await claim(c, PODS, set)).filter(pod => !hasEnded(pod));
      const failure = set.metadata.deletionTimestamp ? undefined : await settle(c, set, pods.filter(isActive));
      const next = await report(c, of, set, failure);
      if (failure === undefined) {
        failures.delete(key);
        return next;
      }
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      return { requeueAfterMs: Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(count, 10)) };
    },
  });
}

/** Resolves with why a pod could not be made. */
async function settle(c: MemberContext, set: ReplicaSet, active: readonly Pod[]): Promise<string | undefined> {
  const missing = (set.spec.replicas ?? 1) - active.length;
  const made = await Promise.all(Array.from({ length: Math.max(0, Math.min(missing, BURST)) }, () => createPod(c, set)));
  const surplus = [...active].sort(byWorth).slice(0, Math.min(Math.max(0, -missing), BURST));
  await Promise.all(
    surplus.map(async pod => {
      await deleteObject(c.client, PODS, pod);
      c.events.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    }),
  );
  return made.find(failure => failure !== undefined);
}

async function createPod(c: MemberContext, set: ReplicaSet): Promise<string | undefined> {
  try {
    const pod = await c.client.create(PODS, podFrom(set.spec.template, set));
    c.events.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    return undefined;
  } catch (error) {
    // Refused by quota, policy or rules: told in the status, and tried again later.
    if (!isStatusError(error) || error.code >= 500) throw error;
    c.events.event(set, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
    return error.message;
  }
}

/** Counts what is there now; written with the state the counts are of. */
async function report<T extends ReplicaSet | ReplicationController>(
  c: MemberContext,
  of: Replicated<T>,
  set: ReplicaSet,
  failure: string | undefined,
): Promise<{ requeueAfterMs?: number }> {
  const { namespace = '', name = '', uid } = set.metadata;
  const pods = c
    .children(PODS)
    .of(uid)
    .filter(pod => !hasEnded(pod));
  const active = pods.filter(isActive);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const counts = countPods(active, minReadySeconds, c.clock);
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const fresh = await getOrUndefined(c.client, of.resource, { namespace, name });
  if (!fresh || fresh.metadata.uid !== uid) return {};
  const conditions = conditionsOf(fresh, failure, timestamp(c.clock.now()));
  await writeStatus(c.client, of.resource, fresh, {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(pod => labels.every(([k, v]) => pod.metadata.labels?.[k] === v)).length || undefined,
    readyReplicas: counts.ready || undefined,
    availableReplicas: counts.available || undefined,
    ...of.moreStatus(pods),
    observedGeneration: set.metadata.generation ?? 1,
    ...(conditions.length > 0 ? { conditions } : {}),
  });
  return counts.nextInMs === undefined ? {} : { requeueAfterMs: counts.nextInMs };
}

/** A failure that goes on keeps its first words: each attempt has another name in it. */
function conditionsOf(set: ReplicaSet | ReplicationController, failure: string | undefined, now: string): Condition[] {
  const known = set.status?.conditions ?? [];
  const others = known.filter(x => x.type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const present = known.find(x => x.type === 'ReplicaFailure');
  return [
    ...others,
    present ?? { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure, lastTransitionTime: now },
  ];
}
