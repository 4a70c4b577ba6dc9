// How far a rollout may go in one step: pure arithmetic over the sizes of ReplicaSets.
import { type IntOrString, scaledValue } from '../../../kube/index.ts';
import type { Deployment, ReplicaSet } from '../../kinds.ts';

export interface Bounds {
  readonly wanted: number;
  /** Pods beyond the wanted ones that may exist. */
  readonly surge: number;
  /** Wanted pods that may be missing. */
  readonly unavailable: number;
}

/** Percentages are of the wanted replicas: surge rounds up, unavailable down, and both zero would stand still. */
export function boundsOf(d: Deployment): Bounds {
  const wanted = d.spec.replicas ?? 1;
  if (d.spec.strategy?.type === 'Recreate') return { wanted, surge: 0, unavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = d.spec.strategy?.rollingUpdate ?? {};
  const part = (value: IntOrString, round: 'up' | 'down'): number => scaledValue(value, { total: wanted, round });
  const surge = part(maxSurge, 'up');
  const unavailable = Math.min(part(maxUnavailable, 'down'), wanted);
  return { wanted, surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;
const total = (sets: readonly ReplicaSet[], f: (set: ReplicaSet) => number): number => sets.reduce((sum, set) => sum + f(set), 0);
const available = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;

/** The size of the new ReplicaSet now, when it has `size` and the old ones `old` together. */
export function sizeOfCurrent(b: Bounds, size: number, old: number): number {
  if (size >= b.wanted) return b.wanted;
  return Math.min(b.wanted, size + Math.max(0, b.wanted + b.surge - size - old));
}

/** The sizes of the old ReplicaSets now: first without pods that are not available, then as far as availability allows. */
export function sizesOfOld(b: Bounds, current: ReplicaSet, old: readonly ReplicaSet[]): number[] {
  const least = b.wanted - b.unavailable;
  const newUnavailable = Math.max(0, sizeOf(current) - available(current));
  let removable = Math.max(0, sizeOf(current) + total(old, sizeOf) - least - newUnavailable);
  const sizes = old.map(set => {
    const cut = Math.min(removable, Math.max(0, sizeOf(set) - available(set)));
    removable -= cut;
    return sizeOf(set) - cut;
  });
  let spare = Math.max(0, Math.min(available(current), sizeOf(current)) + total(old, set => Math.min(available(set), sizeOf(set))) - least);
  return sizes.map(size => {
    const cut = Math.min(spare, size);
    spare -= cut;
    return size - cut;
  });
}

/** Sizes of all ReplicaSets when a paused or half-way rollout is scaled: each gets its share, the larger ones the rest. */
export function proportional(sizes: readonly number[], target: number): number[] {
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (sum === 0) return [...sizes];
  const shares = sizes.map(size => Math.floor((size * target) / sum));
  let rest = target - shares.reduce((a, b) => a + b, 0);
  const order = sizes.map((size, i) => ({ size, i })).sort((a, b) => b.size - a.size);
  for (const { size, i } of order) {
    if (rest <= 0) break;
    if (size === 0) continue;
    shares[i] = (shares[i] ?? 0) + 1;
    rest--;
  }
  return shares;
}
