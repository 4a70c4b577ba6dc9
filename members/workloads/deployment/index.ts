// Deployments: one ReplicaSet a template, moved from the old ones to the new one as the strategy says. Each pass goes one step and writes the status;
// the next step follows from the change that step makes.
import { fromInformer, getOrUndefined, parseKey, type Runnable } from '../../../kube/index.ts';
import { loop, type MemberContext } from '../../context.ts';
import { DEPLOYMENTS, type Deployment, PODS, REPLICA_SETS, type ReplicaSet } from '../../kinds.ts';
import { candidates, claim, controllerOf, ownerKeys } from '../../owners.ts';
import { writeStatus } from '../../writing.ts';
import { hasEnded } from '../pod-state.ts';
import {
  annotationsFor,
  cleanUp,
  createCurrent,
  nextRevision,
  REVISION,
  revisionOf,
  type Split,
  scale,
  split,
  wasMeantFor,
} from './replica-sets.ts';
import { boundsOf, proportional, sizeOf, sizeOfCurrent, sizesOfOld } from './rollout.ts';
import { statusOf } from './status.ts';

export function deploymentController(c: MemberContext): Runnable {
  const deployments = c.informer(DEPLOYMENTS);
  const sets = c.informer(REPLICA_SETS);
  return loop(c, {
    name: 'deployment',
    sources: [
      fromInformer(deployments),
      fromInformer(sets, {
        keys: ({ object }) =>
          controllerOf(object)
            ? ownerKeys(object, 'Deployment')
            : candidates(object, c.children(DEPLOYMENTS).in(object.metadata.namespace ?? '')),
      }),
      // Recreate waits for the last old pod.
      fromInformer(c.informer(PODS), {
        when: change => change.type === 'deleted',
        keys: ({ object }) =>
          ownerKeys(object, 'ReplicaSet').flatMap(key => {
            const set = sets.get(key);
            return set ? ownerKeys(set, 'Deployment') : [];
          }),
      }),
    ],
    async reconcile(key, signal) {
      const d = await getOrUndefined(c.client, DEPLOYMENTS, parseKey(key), { signal });
      if (!d) return {};
      const owned = await claim(c, REPLICA_SETS, d);
      const before = split(d, owned);
      const collision = d.metadata.deletionTimestamp ? false : await step(c, d, before);
      return report(c, d, collision);
    },
  });
}

/** One step of the rollout; true where the name of the new ReplicaSet was taken. */
async function step(c: MemberContext, d: Deployment, s: Split): Promise<boolean> {
  const b = boundsOf(d);
  const present = [...s.old, ...(s.current ? [s.current] : [])].filter(set => sizeOf(set) > 0);
  const rescaled = present.length > 1 && present.some(set => wasMeantFor(d, set));
  if (d.spec.paused || rescaled) {
    await spread(c, d, s);
    return false;
  }
  const recreate = d.spec.strategy?.type === 'Recreate';
  if (recreate && !(await oldAreGone(c, d, s.old))) return false;
  const oldSize = s.old.reduce((sum, set) => sum + sizeOf(set), 0);
  const revision = nextRevision(s.old);
  if (!s.current) {
    const replicas = recreate ? b.wanted : sizeOfCurrent(b, 0, oldSize);
    return 'collision' in (await createCurrent(c, d, { replicas, revision, max: b.wanted + b.surge }));
  }
  const current = await scale(
    c,
    d,
    await annotated(c, d, s.current, revision),
    recreate ? b.wanted : sizeOfCurrent(b, sizeOf(s.current), oldSize),
  );
  const sizes = sizesOfOld(b, current, s.old);
  for (const [i, set] of s.old.entries()) await scale(c, d, set, sizes[i] ?? sizeOf(set));
  const done = current.status?.availableReplicas === b.wanted || b.wanted === 0;
  if (done) await cleanUp(c, d, s.old);
  return false;
}

/** A rollout that is paused or half-way keeps its mix when it is scaled; one that moves on may surge meanwhile. */
async function spread(c: MemberContext, d: Deployment, s: Split): Promise<void> {
  const sets = [...s.old, ...(s.current ? [s.current] : [])].filter(set => sizeOf(set) > 0);
  const active = sets.length > 0 ? sets : s.current ? [s.current] : [];
  const b = boundsOf(d);
  const wanted = b.wanted > 0 && active.length > 1 ? b.wanted + b.surge : b.wanted;
  const sizes = active.length === 1 ? [wanted] : proportional(active.map(sizeOf), wanted);
  for (const [i, set] of active.entries()) await scale(c, d, set, sizes[i] ?? 0);
}

/** Takes the old ReplicaSets down; true when none of their pods is left. */
async function oldAreGone(c: MemberContext, d: Deployment, old: readonly ReplicaSet[]): Promise<boolean> {
  for (const set of old) await scale(c, d, set, 0);
  return old.every(set => c.children(PODS).of(set.metadata.uid).every(hasEnded));
}

/** Brings revision and copied annotations of the new ReplicaSet up to date; a template that comes back gets a new number. */
async function annotated(c: MemberContext, d: Deployment, current: ReplicaSet, next: number): Promise<ReplicaSet> {
  const b = boundsOf(d);
  const annotations = annotationsFor(d, { revision: Math.max(revisionOf(current), next), max: b.wanted + b.surge });
  const present = current.metadata.annotations ?? {};
  if (Object.entries(annotations).every(([key, value]) => present[key] === value)) return current;
  return c.client.update(REPLICA_SETS, { ...current, metadata: { ...current.metadata, annotations: { ...present, ...annotations } } });
}

/** Writes status and revision as they follow from the ReplicaSets now. */
async function report(c: MemberContext, seen: Deployment, collision: boolean): Promise<{ requeueAfterMs?: number }> {
  const { namespace = '', name = '' } = seen.metadata;
  const d = await getOrUndefined(c.client, DEPLOYMENTS, { namespace, name });
  if (!d || d.metadata.uid !== seen.metadata.uid) return {};
  const { current, old } = split(d, c.children(REPLICA_SETS).of(d.metadata.uid));
  const collisionCount = (d.status?.collisionCount ?? 0) + (collision ? 1 : 0);
  const { status, deadlineInMs } = statusOf({
    deployment: { ...d, metadata: { ...d.metadata, generation: seen.metadata.generation ?? 1 } },
    current,
    old,
    collisionCount,
    clock: c.clock,
  });
  const revision = current ? String(revisionOf(current)) : undefined;
  if (revision && d.metadata.annotations?.[REVISION] !== revision) {
    const annotations = { ...d.metadata.annotations, [REVISION]: revision };
    await c.client.update(DEPLOYMENTS, { ...d, metadata: { ...d.metadata, annotations }, status }, { subresource: 'status' });
  } else {
    await writeStatus(c.client, DEPLOYMENTS, d, status);
  }
  return deadlineInMs === undefined ? {} : { requeueAfterMs: deadlineInMs };
}
