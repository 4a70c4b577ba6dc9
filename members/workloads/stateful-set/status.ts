// The status of a StatefulSet: counts over its pods by revision, and which revision it has arrived at.
import type { Clock } from '../../../kube/index.ts';
import type { Pod, StatefulSet } from '../../kinds.ts';
import { countPods, isTerminating } from '../pod-state.ts';
import { revisionOf } from './order.ts';

export interface StatusInput {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly clock: Clock;
}

/** The status, and when a pod becomes available by mere waiting. */
export function statusOf(o: StatusInput): { readonly status: Record<string, unknown>; readonly nextInMs?: number } {
  const { set, pods, updateRevision } = o;
  const counts = countPods(
    pods.filter(pod => !isTerminating(pod)),
    set.spec.minReadySeconds ?? 0,
    o.clock,
  );
  const live = pods.filter(pod => !isTerminating(pod));
  const updated = live.filter(pod => revisionOf(pod) === updateRevision).length;
  const rolling = set.spec.updateStrategy?.type !== 'OnDelete';
  const arrived = rolling && updated === pods.length && counts.ready === pods.length && updated === (set.spec.replicas ?? 1);
  const currentRevision = arrived ? updateRevision : o.currentRevision;
  const current = live.filter(pod => revisionOf(pod) === currentRevision).length;
  return {
    status: {
      observedGeneration: set.metadata.generation ?? 1,
      replicas: pods.length,
      ...present({ readyReplicas: counts.ready, currentReplicas: current, updatedReplicas: updated }),
      availableReplicas: counts.available,
      currentRevision,
      updateRevision,
      collisionCount: 0,
    },
    ...(counts.nextInMs === undefined ? {} : { nextInMs: counts.nextInMs }),
  };
}

const present = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0));
