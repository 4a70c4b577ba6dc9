// How good a group of clusters is for this workload (specification §3.6). Divisions cut off fractions.
import type { Candidate } from './candidate.ts';

const UNIT = 1000;

/** Duplicated: how many members can hold a full copy, then their mean score. */
export function duplicatedScore(members: readonly Candidate[], replicas: number): number {
  const fitting = members.filter(c => c.available >= replicas);
  if (fitting.length === 0) return 0;
  return fitting.length * UNIT + Math.trunc(sum(fitting.map(c => c.score)) / fitting.length);
}

export interface DividedScore {
  readonly replicas: number;
  /** How many groups there are at least: each is to hold its share. */
  readonly minGroups: number;
  /** How many clusters there are at least. */
  readonly minClusters: number;
}

/** Divided: the share of replicas that the group can hold, then the mean score of the members that it takes. */
export function dividedScore(members: readonly Candidate[], o: DividedScore): number {
  const groups = Math.max(1, o.minGroups);
  const share = Math.ceil(o.replicas / groups);
  const least = Math.max(groups, o.minClusters);
  let room = 0;
  let score = 0;
  for (const [i, c] of members.entries()) {
    room += c.available;
    score += c.score;
    if (i + 1 >= least && room >= share) return share * UNIT + Math.trunc(score / (i + 1));
  }
  return Math.min(room, share) * UNIT + Math.trunc(score / members.length);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
