// The status of a Deployment: counts over its ReplicaSets, and whether it is available and getting on.
import { type Clock, timeMillis, timestamp } from '../../../kube/index.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../kinds.ts';
import { boundsOf } from './rollout.ts';

type DeploymentCondition = NonNullable<DeploymentStatus['conditions']>[number];

const sum = (sets: readonly ReplicaSet[], f: (set: ReplicaSet) => number | undefined): number =>
  sets.reduce((total, set) => total + (f(set) ?? 0), 0);

export interface StatusInput {
  readonly deployment: Deployment;
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  readonly collisionCount: number | undefined;
  readonly clock: Clock;
}

/** The status, and how long until the deadline for progress. */
export function statusOf(o: StatusInput): { readonly status: DeploymentStatus; readonly deadlineInMs?: number } {
  const { deployment: d, current, old } = o;
  const all = current ? [...old, current] : old;
  const counts = {
    replicas: sum(all, set => set.status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(all, set => set.status?.readyReplicas),
    availableReplicas: sum(all, set => set.status?.availableReplicas),
  };
  const size = sum(all, set => set.spec.replicas);
  const now = timestamp(o.clock.now());
  const available = availability(d, counts.availableReplicas);
  const progress = progressOf(d, { ...counts, current, hasOld: sum(old, set => set.status?.replicas) > 0 }, o.clock);
  const conditions = merged(
    d.status?.conditions,
    [available, progress.condition, failureOf(all)].filter(x => x !== undefined),
    now,
  );
  const unavailable = Math.max(0, size - counts.availableReplicas);
  return {
    status: {
      observedGeneration: d.metadata.generation ?? 1,
      ...present(counts),
      ...present({ unavailableReplicas: unavailable }),
      terminatingReplicas: sum(all, set => set.status?.terminatingReplicas),
      conditions,
      ...(o.collisionCount ? { collisionCount: o.collisionCount } : {}),
    },
    ...(progress.deadlineInMs === undefined ? {} : { deadlineInMs: progress.deadlineInMs }),
  };
}

/** What keeps a ReplicaSet from making pods is said of the Deployment as well. */
function failureOf(sets: readonly ReplicaSet[]): DeploymentCondition | undefined {
  const [failure] = sets.flatMap(set => set.status?.conditions ?? []).filter(x => x.type === 'ReplicaFailure' && x.status === 'True');
  return failure && { type: failure.type, status: failure.status, reason: failure.reason ?? '', message: failure.message ?? '' };
}

const present = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0));

function availability(d: Deployment, available: number): DeploymentCondition {
  const { wanted, unavailable } = boundsOf(d);
  return available >= wanted - unavailable
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

interface Progress {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly current: ReplicaSet | undefined;
  readonly hasOld: boolean;
}

function progressOf(
  d: Deployment,
  p: Progress,
  clock: Clock,
): { readonly condition?: DeploymentCondition; readonly deadlineInMs?: number } {
  const deadlineMs = (d.spec.progressDeadlineSeconds ?? 600) * 1000;
  const known = d.status?.conditions?.find(c => c.type === 'Progressing');
  const name = p.current?.metadata.name ?? '';
  const wanted = d.spec.replicas ?? 1;
  const progressing = (status: string, reason: string, message: string): DeploymentCondition => ({
    type: 'Progressing',
    status,
    reason,
    message,
  });
  if (d.spec.paused) {
    return { condition: progressing('Unknown', 'DeploymentPaused', 'Deployment is paused') };
  }
  if (!p.current) return known ? { condition: known } : {};
  if (p.updatedReplicas === wanted && p.availableReplicas >= wanted && !p.hasOld)
    return { condition: progressing('True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`) };
  const before = d.status;
  const moved =
    !known ||
    known.reason === 'NewReplicaSetAvailable' ||
    known.reason === 'DeploymentPaused' ||
    p.updatedReplicas > (before?.updatedReplicas ?? 0) ||
    p.readyReplicas > (before?.readyReplicas ?? 0) ||
    p.availableReplicas > (before?.availableReplicas ?? 0) ||
    p.replicas - p.updatedReplicas < (before?.replicas ?? 0) - (before?.updatedReplicas ?? 0);
  if (moved) {
    const justMade = p.current.status?.observedGeneration === undefined;
    const [reason, message] = justMade
      ? ['NewReplicaSetCreated', `Created new replica set "${name}"`]
      : ['ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`];
    return {
      condition: { ...progressing('True', reason, message), lastUpdateTime: timestamp(clock.now()) },
      deadlineInMs: deadlineMs,
    };
  }
  const leftMs = (timeMillis(known.lastUpdateTime) ?? clock.now()) + deadlineMs - clock.now();
  if (leftMs > 0) return { condition: known, deadlineInMs: leftMs };
  return { condition: progressing('False', 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`) };
}

/** Times move with the status (transition) and with what is said (update). */
function merged(known: readonly DeploymentCondition[] = [], next: readonly DeploymentCondition[], now: string): DeploymentCondition[] {
  // A failure of replicas is forgotten when no ReplicaSet tells of it any more.
  const kept = known.filter(c => c.type !== 'ReplicaFailure' && !next.some(n => n.type === c.type));
  return [
    ...kept,
    ...next.map(n => {
      const old = known.find(c => c.type === n.type);
      const same = old?.status === n.status && old.reason === n.reason;
      return {
        ...n,
        lastTransitionTime: old?.status === n.status ? (old.lastTransitionTime ?? now) : now,
        lastUpdateTime: n.lastUpdateTime ?? (same ? (old.lastUpdateTime ?? now) : now),
      };
    }),
  ].sort((a, b) => (a.type < b.type ? -1 : 1));
}
