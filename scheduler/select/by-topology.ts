// Selection by groups of clusters (specification §3.5): choose the groups, take the best cluster of each, then fill up
// from all of them. Whether there is room for the replicas shows only when they are divided.
import { plainFailure } from '../failure.ts';
import { type Candidate, compareCandidates } from './candidate.ts';
import type { Bounds, Topology } from './constraints.ts';
import { searchGroups } from './group-search.ts';

export interface ScoredGroup {
  readonly name: string;
  readonly score: number;
  /** In cluster order. */
  readonly members: readonly Candidate[];
}

/** Groups in order of first appearance; `score` weighs the members of one. */
export function groupCandidates(
  candidates: readonly Candidate[],
  topology: Topology,
  score: (members: readonly Candidate[]) => number,
): ScoredGroup[] {
  const groups = new Map<string, Candidate[]>();
  for (const c of candidates) {
    for (const name of topology.groupsOf(c.cluster)) {
      const members = groups.get(name);
      if (members) members.push(c);
      else groups.set(name, [c]);
    }
  }
  return [...groups].map(([name, members]) => ({ name, members, score: score(members) }));
}

/** One cluster for each chosen group, then the best of the rest up to the cluster constraint. */
export function selectByTopology(groups: readonly ScoredGroup[], topology: Topology, cluster: Bounds | undefined): Candidate[] {
  if (groups.length < topology.bounds.min) {
    throw plainFailure(`the number of feasible ${topology.name} is less than spreadConstraint.MinGroups`);
  }
  const chosen = searchGroups(
    groups.map(g => ({ name: g.name, value: g.members.length, weight: g.score })),
    { ...topology.bounds, target: cluster?.min ?? 0 },
  );
  if (chosen.length === 0) throw plainFailure('the number of clusters is less than the cluster spreadConstraint.MinGroups');
  const byName = new Map(groups.map(g => [g.name, g.members]));
  const members = chosen.map(g => byName.get(g.name) ?? []);
  const selected = new Set<Candidate>();
  for (const group of members) {
    const first = group.find(c => !selected.has(c));
    if (first) selected.add(first);
  }
  const rest = [...new Set(members.flat())].filter(c => !selected.has(c)).sort(compareCandidates);
  const room = Math.max(0, (cluster?.max ?? 0) - selected.size);
  return [...selected, ...rest.slice(0, room)];
}
