// Division by room (specification §4.5). Steady: what runs stays, only the difference moves. Fresh: all is dealt anew.
//
//   scheduled < wanted   scale up     the difference, over what is allocatable, added to what is scheduled
//   scheduled > wanted   scale down   all, over what is scheduled
//   scheduled = wanted   nothing
import { unschedulable, within } from '../failure.ts';
import { sum32 } from '../int32.ts';
import type { Candidate } from '../select/candidate.ts';
import type { DivisionStep } from './record.ts';
import { mergeTargets, type Target } from './targets.ts';
import { replicasByWeight } from './webster.ts';

export interface DynamicInput {
  readonly selected: readonly Candidate[];
  /** spec.clusters, in its order. */
  readonly current: readonly Target[];
  readonly replicas: number;
  readonly strategy: 'Aggregated' | 'DynamicWeight';
  /** A reschedule was asked for: what runs now has no say. */
  readonly fresh: boolean;
  readonly uid: string | undefined;
}

interface Division {
  readonly target: number;
  readonly room: readonly Target[];
  readonly base: readonly Target[];
}

/** The new targets; throws an Unschedulable failure where room is short. */
export function divideDynamic(input: DynamicInput, record: (step: DivisionStep) => void): readonly Target[] {
  const names = new Set(input.selected.map(c => c.name));
  const scheduled = input.current.filter(t => names.has(t.name));
  const assigned = sum32(scheduled.map(t => t.replicas));
  if (input.fresh) {
    const held = new Map(scheduled.map(t => [t.name, t.replicas]));
    const room = input.selected.map(c => ({ name: c.name, replicas: (c.allocatable + (held.get(c.name) ?? 0)) | 0 }));
    return within('failed to do fresh scale', () => divide(input, { target: input.replicas, room, base: [] }, record, 'fresh'));
  }
  if (assigned > input.replicas) {
    return within('failed to scale down', () => divide(input, { target: input.replicas, room: scheduled, base: [] }, record, 'scale down'));
  }
  if (assigned < input.replicas) {
    const room = input.selected.map(c => ({ name: c.name, replicas: c.allocatable }));
    const target = (input.replicas - assigned) | 0;
    return within('failed to scale up', () => divide(input, { target, room, base: scheduled }, record, 'scale up'));
  }
  record({ mode: 'steady', strategy: input.strategy, target: input.replicas, room: [], base: scheduled, result: scheduled });
  return scheduled;
}

function divide(input: DynamicInput, d: Division, record: (step: DivisionStep) => void, mode: DivisionStep['mode']): readonly Target[] {
  const sorted = [...d.room].sort((a, b) => b.replicas - a.replicas);
  const total = sum32(sorted.map(t => t.replicas));
  const step = { mode, strategy: input.strategy, target: d.target, base: d.base };
  if (total < d.target) {
    record({ ...step, room: sorted, result: [] });
    throw unschedulable(`Clusters available replicas ${total} are not enough to schedule.`);
  }
  const room = input.strategy === 'Aggregated' ? fewestClusters(sorted, d) : sorted;
  const votes = new Map(room.map(t => [t.name, t.replicas]));
  const result = mergeTargets(d.base, replicasByWeight(d.target, votes, { uid: input.uid, held: d.base }));
  record({ ...step, room, result });
  return result;
}

/** The shortest prefix with room enough, where clusters that already run some come first. */
function fewestClusters(sorted: readonly Target[], d: Division): readonly Target[] {
  const used = new Set(d.base.filter(t => t.replicas > 0).map(t => t.name));
  const list = d.base.length ? [...sorted.filter(t => used.has(t.name)), ...sorted.filter(t => !used.has(t.name))] : sorted;
  let sum = 0;
  let length = 0;
  for (const t of list) {
    if (sum >= d.target) break;
    sum = (sum + t.replicas) | 0;
    length++;
  }
  return list.slice(0, length);
}
