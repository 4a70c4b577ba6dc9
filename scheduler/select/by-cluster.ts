// Selection by number of clusters alone (specification §3.4): the first ones in cluster order; where they lack room,
// the last of them give way to roomier ones.
import { plainFailure } from '../failure.ts';
import type { Candidate } from './candidate.ts';
import type { Bounds } from './constraints.ts';

/** `candidates` in cluster order; `needed` replicas, undefined where room does not count. */
export function selectByCluster(candidates: readonly Candidate[], bounds: Bounds, needed: number | undefined): Candidate[] {
  if (candidates.length < bounds.min) throw plainFailure('the number of feasible clusters is less than spreadConstraint.MinGroups');
  const count = Math.min(candidates.length, bounds.max);
  if (needed === undefined) return candidates.slice(0, count);
  const chosen = candidates.slice(0, count);
  const rest = candidates.slice(count);
  for (let i = count - 1; i >= 0 && room(chosen) < needed; i--) swapForRoomier(chosen, i, rest);
  if (chosen.length === 0 || room(chosen) < needed) throw plainFailure(`no enough resource when selecting ${count} clusters`);
  return chosen;
}

function room(clusters: readonly Candidate[]): number {
  return clusters.reduce((sum, c) => sum + c.available, 0);
}

function swapForRoomier(chosen: Candidate[], i: number, rest: Candidate[]): void {
  const given = chosen[i];
  if (!given) return;
  let best = -1;
  let most = given.available;
  for (const [j, c] of rest.entries()) {
    if (c.available <= most) continue;
    best = j;
    most = c.available;
  }
  const taken = rest[best];
  if (!taken) return;
  chosen[i] = taken;
  rest[best] = given;
}
