// StatefulSets: numbered pods with claims of their own, made and replaced in order.
import { fromInformer, getOrUndefined, parseKey, type Runnable } from '../../../kube/index.ts';
import { loop, type MemberContext } from '../../context.ts';
import { PODS, REVISIONS, STATEFUL_SETS, type StatefulSet } from '../../kinds.ts';
import { candidates, claim, controllerOf, ownerKeys } from '../../owners.ts';
import { deleteObject, writeStatus } from '../../writing.ts';
import { availableInMs, isTerminating } from '../pod-state.ts';
import { type Revisions, syncRevisions, templateOf, trimRevisions } from '../revisions.ts';
import { revisionOf, type Step, stepsOf } from './order.ts';
import { createPod, keepRetention } from './pods.ts';
import { statusOf } from './status.ts';

export function statefulSetController(c: MemberContext): Runnable {
  const sets = c.children(STATEFUL_SETS);
  c.children(REVISIONS);
  return loop(c, {
    name: 'statefulset',
    sources: [
      fromInformer(c.informer(STATEFUL_SETS)),
      fromInformer(c.informer(PODS), {
        keys: ({ object }) =>
          controllerOf(object) ? ownerKeys(object, 'StatefulSet') : candidates(object, sets.in(object.metadata.namespace ?? '')),
      }),
    ],
    async reconcile(key, signal) {
      const set = await getOrUndefined(c.client, STATEFUL_SETS, parseKey(key), { signal });
      if (!set || set.metadata.deletionTimestamp) return {};
      return settle(c, set);
    },
  });
}

async function settle(c: MemberContext, set: StatefulSet): Promise<{ requeueAfterMs?: number }> {
  const revisions = await syncRevisions(c, set);
  const updateRevision = revisions.current.name;
  const known = revisions.all.find(r => r.metadata.name === set.status?.currentRevision);
  const currentRevision = known?.metadata.name ?? updateRevision;
  const pods = await claim(c, PODS, set);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  await keepRetention(c, set, pods);
  const steps = stepsOf({
    set,
    pods,
    currentRevision,
    updateRevision,
    isHealthy: pod => !isTerminating(pod) && pod.status?.phase === 'Running' && availableInMs(pod, minReadySeconds, c.clock) === 0,
  });
  for (const step of steps) await take(c, set, revisions, step);
  const now = c.children(PODS).of(set.metadata.uid);
  await trimRevisions(c, set, revisions, new Set([currentRevision, ...now.map(revisionOf)]));
  const { status, nextInMs } = statusOf({ set, pods: now, currentRevision, updateRevision, clock: c.clock });
  await writeStatus(c.client, STATEFUL_SETS, set, status);
  return nextInMs === undefined ? {} : { requeueAfterMs: nextInMs };
}

async function take(c: MemberContext, set: StatefulSet, revisions: Revisions, step: Step): Promise<void> {
  if ('create' in step) {
    const revision = revisions.all.find(r => r.metadata.name === step.revision);
    const template = (revision && templateOf(revision)) ?? set.spec.template;
    return createPod(c, set, { ordinal: step.create, revision: step.revision, template });
  }
  await deleteObject(c.client, PODS, step.delete);
  const what = `delete Pod ${step.delete.metadata.name} in StatefulSet ${set.metadata.name} successful`;
  c.events.event(set, 'Normal', 'SuccessfulDelete', what);
}
