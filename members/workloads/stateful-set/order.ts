// In which order the pods of a StatefulSet are made, replaced and taken away: pure decisions over what is there now.
// OrderedReady goes one pod at a time, upwards when it makes and downwards when it deletes, and waits until each one is ready;
// Parallel makes and deletes all at once, and replaces old revisions one after the other like the former.
import { type IntOrString, scaledValue } from '../../../kube/index.ts';
import type { Pod, StatefulSet } from '../../kinds.ts';
import { hasEnded, isTerminating } from '../pod-state.ts';
import { REVISION_LABEL } from '../revisions.ts';

export interface Scene {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  /** Names of the revisions that the set comes from and goes to. */
  readonly currentRevision: string;
  readonly updateRevision: string;
  /** Running, ready for long enough, and not on its way out. */
  isHealthy(pod: Pod): boolean;
}

export type Step = { readonly create: number; readonly revision: string } | { readonly delete: Pod };

/** The number at the end of a pod's name; undefined for a pod that is not of the set by its name. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const { name = '' } = pod.metadata;
  const prefix = `${set.metadata.name}-`;
  const digits = name.slice(prefix.length);
  return name.startsWith(prefix) && /^\d+$/.test(digits) ? Number(digits) : undefined;
}

export const revisionOf = (pod: Pod): string => pod.metadata.labels?.[REVISION_LABEL] ?? '';

interface Slots {
  /** From the first ordinal; undefined where a pod is missing. */
  readonly wanted: readonly { readonly ordinal: number; readonly pod: Pod | undefined }[];
  /** Those beyond the wanted ones, the highest first. */
  readonly condemned: readonly Pod[];
}

export function slotsOf(set: StatefulSet, pods: readonly Pod[]): Slots {
  const start = set.spec.ordinals?.start ?? 0;
  const end = start + (set.spec.replicas ?? 1);
  const byOrdinal = new Map(pods.map(pod => [ordinalOf(set, pod) ?? -1, pod]));
  byOrdinal.delete(-1);
  const ordinals = [...byOrdinal.keys()].filter(o => o < start || o >= end).sort((a, b) => b - a);
  return {
    wanted: Array.from({ length: end - start }, (_, i) => ({ ordinal: start + i, pod: byOrdinal.get(start + i) })),
    condemned: ordinals.flatMap(o => byOrdinal.get(o) ?? []),
  };
}

/** What is to be done now; the rest follows from what that changes. */
export function stepsOf(s: Scene): Step[] {
  const slots = slotsOf(s.set, s.pods);
  const inOrder = s.set.spec.podManagementPolicy !== 'Parallel';
  const steps: Step[] = [];
  for (const { ordinal, pod } of slots.wanted) {
    if (!pod) steps.push({ create: ordinal, revision: revisionFor(s, ordinal) });
    else if (hasEnded(pod) && !isTerminating(pod)) steps.push({ delete: pod });
    if (inOrder && (!pod || !s.isHealthy(pod))) return steps;
  }
  const down = scaleDown(s, slots, inOrder);
  steps.push(...down.steps);
  if (down.waits || steps.length > 0) return steps;
  return s.set.spec.updateStrategy?.type === 'OnDelete' ? [] : updates(s, slots);
}

/** A pod below the partition is made anew as it was. */
function revisionFor(s: Scene, ordinal: number): string {
  const { updateStrategy: strategy, ordinals } = s.set.spec;
  if (strategy?.type === 'OnDelete') return s.updateRevision;
  const first = (ordinals?.start ?? 0) + (strategy?.rollingUpdate?.partition ?? 0);
  return ordinal < first ? s.currentRevision : s.updateRevision;
}

function scaleDown(s: Scene, slots: Slots, inOrder: boolean): { readonly steps: Step[]; readonly waits: boolean } {
  const going = slots.condemned.filter(pod => !isTerminating(pod));
  if (!inOrder) return { steps: going.map(pod => ({ delete: pod })), waits: false };
  const [highest] = slots.condemned;
  if (!highest) return { steps: [], waits: false };
  const lowestIll = [...slots.condemned].reverse().find(pod => !s.isHealthy(pod));
  const waits = isTerminating(highest) || (lowestIll !== undefined && lowestIll !== highest);
  return { steps: waits ? [] : [{ delete: highest }], waits: true };
}

/** Old revisions go from the highest ordinal down to the partition, as long as few enough pods are missing. */
function updates(s: Scene, slots: Slots): Step[] {
  const { partition = 0, maxUnavailable } = s.set.spec.updateStrategy?.rollingUpdate ?? {};
  const allowed = allowance(maxUnavailable, slots.wanted.length);
  let missing = slots.wanted.filter(({ pod }) => !pod || !s.isHealthy(pod)).length;
  const steps: Step[] = [];
  for (const { pod } of slots.wanted.slice(partition).reverse()) {
    if (!pod) return steps;
    const healthy = s.isHealthy(pod);
    if (revisionOf(pod) === s.updateRevision || isTerminating(pod)) {
      if (!healthy && missing >= allowed) return steps;
      continue;
    }
    if (healthy && missing >= allowed) return steps;
    if (healthy) missing++;
    steps.push({ delete: pod });
  }
  return steps;
}

const allowance = (value: IntOrString | undefined, total: number): number => Math.max(1, scaledValue(value ?? 1, { total, round: 'up' }));
