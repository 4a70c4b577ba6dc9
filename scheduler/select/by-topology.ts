// Selection by groups of clusters (specification §3.5): choose the groups, take the best cluster of each, then fill up
// from all of them. Whether there is room for the replicas shows only when they are divided.
//
// With several topologies (ours, gate SpreadByAnyTopology) the first one chooses as if it were alone; each one after it
// chooses among the clusters that are left, so that the groups chosen before keep at least their least number.
import { plainFailure } from '../failure.ts';
import { type Candidate, compareCandidates } from './candidate.ts';
import type { Bounds, Topology } from './constraints.ts';
import { searchGroups } from './group-search.ts';

export interface ScoredGroup {
  readonly topology: string;
  readonly name: string;
  readonly score: number;
  /** In cluster order. */
  readonly members: readonly Candidate[];
}

/** Groups in order of first appearance; `score` weighs the members of one. */
function groupCandidates(
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
  return [...groups].map(([name, members]) => ({ topology: topology.name, name, members, score: score(members) }));
}

export interface TopologyInput {
  /** In cluster order. */
  readonly candidates: readonly Candidate[];
  readonly topologies: readonly Topology[];
  readonly cluster: Bounds | undefined;
  readonly score: (topology: Topology) => (members: readonly Candidate[]) => number;
  /** Hears of the groups of each topology and of those chosen, in order. */
  readonly onGroups: (groups: readonly ScoredGroup[], chosen: readonly ScoredGroup[]) => void;
}

interface Chosen {
  readonly topology: Topology;
  readonly groups: readonly ScoredGroup[];
}

/** Clusters that cover the chosen groups, then the best of the rest up to the cluster constraint. */
export function selectByTopologies(o: TopologyInput): Candidate[] {
  const chosen: Chosen[] = [];
  let left = o.candidates;
  for (const topology of o.topologies) {
    const groups = groupCandidates(left, topology, o.score(topology));
    o.onGroups(groups, []);
    if (groups.length < topology.bounds.min) {
      throw plainFailure(`the number of feasible ${topology.name} is less than spreadConstraint.MinGroups`);
    }
    const picked = chosen.length === 0 ? bestGroups(groups, topology, o.cluster) : furtherGroups(groups, topology, { chosen, o });
    o.onGroups(groups, picked);
    chosen.push({ topology, groups: picked });
    left = membersOf({ topology, groups: picked });
  }
  const selected = fill(cover(chosen, left), left, o.cluster);
  if (o.topologies.length > 1 || o.topologies.some(t => t.name === 'zone')) verify(selected, o.topologies);
  return selected;
}

function bestGroups(groups: readonly ScoredGroup[], topology: Topology, cluster: Bounds | undefined): ScoredGroup[] {
  const found = searchGroups(
    groups.map(g => ({ name: g.name, value: g.members.length, weight: g.score })),
    { ...topology.bounds, target: cluster?.min ?? 0 },
  );
  if (found.length === 0) throw plainFailure('the number of clusters is less than the cluster spreadConstraint.MinGroups');
  const byName = new Map(groups.map(g => [g.name, g]));
  return found.flatMap(g => byName.get(g.name) ?? []);
}

/** The heaviest groups that keep the earlier ones alive, then the heaviest until there are enough groups and clusters. */
function furtherGroups(
  groups: readonly ScoredGroup[],
  { bounds, name }: Topology,
  { chosen, o }: { readonly chosen: readonly Chosen[]; readonly o: TopologyInput },
): ScoredGroup[] {
  const heaviest = [...groups].sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  const picked = new Set<ScoredGroup>();
  const clusters = (): Set<Candidate> => new Set([...picked].flatMap(g => g.members));
  for (const earlier of chosen) {
    for (const group of earlier.groups) {
      const alive = earlier.groups.filter(g => g.members.some(c => clusters().has(c))).length;
      if (alive >= Math.max(1, earlier.topology.bounds.min)) break;
      if (group.members.some(c => clusters().has(c))) continue;
      const through = heaviest.find(g => !picked.has(g) && g.members.some(c => group.members.includes(c)));
      if (through) picked.add(through);
    }
  }
  for (const g of heaviest) {
    if (picked.size >= Math.max(1, bounds.min) && clusters().size >= (o.cluster?.min ?? 0)) break;
    picked.add(g);
  }
  if (picked.size > bounds.max) throw plainFailure(`no selection of clusters keeps the spread constraint on ${name} beside the others`);
  return heaviest.filter(g => picked.has(g));
}

/** Members that are in no group but the chosen ones, so that none is added; all members where that would empty a group. */
function membersOf({ topology, groups }: Chosen): Candidate[] {
  const names = new Set(groups.map(g => g.name));
  const inside = new Set(groups.flatMap(g => g.members).filter(c => topology.groupsOf(c.cluster).every(name => names.has(name))));
  const covers = groups.every(g => g.members.some(c => inside.has(c)));
  return [...(covers ? inside : new Set(groups.flatMap(g => g.members)))];
}

/** One cluster for each chosen group that no earlier one is in: all groups of the first topology, the least number of the others. */
function cover(chosen: readonly Chosen[], left: readonly Candidate[]): Set<Candidate> {
  const allowed = new Set(left);
  const selected = new Set<Candidate>();
  for (const [i, { topology, groups }] of chosen.entries()) {
    for (const [n, group] of groups.entries()) {
      if (i > 0 && (n >= topology.bounds.min || group.members.some(c => selected.has(c)))) continue;
      const first = group.members.find(c => allowed.has(c) && !selected.has(c));
      if (first) selected.add(first);
    }
  }
  return selected;
}

function fill(selected: ReadonlySet<Candidate>, left: readonly Candidate[], cluster: Bounds | undefined): Candidate[] {
  const rest = left.filter(c => !selected.has(c)).sort(compareCandidates);
  const room = Math.max(0, (cluster?.max ?? 0) - selected.size);
  return [...selected, ...rest.slice(0, room)];
}

/** No constraint is accepted and then broken. */
function verify(selected: readonly Candidate[], topologies: readonly Topology[]): void {
  for (const { name, bounds, groupsOf } of topologies) {
    const groups = new Set(selected.flatMap(c => groupsOf(c.cluster)));
    if (groups.size >= bounds.min && groups.size <= bounds.max) continue;
    throw plainFailure(
      `no selection of clusters keeps the spread constraint on ${name}: ${groups.size} groups, not ${bounds.min} to ${bounds.max}`,
    );
  }
}
