// Selection (specification §3.3): which of the feasible clusters take part, by the placement's spread constraints.
import { isDuplicated, isStaticWeight } from '../divide/strategy.ts';
import { plainFailure } from '../failure.ts';
import type { Gates } from '../gates.ts';
import { countsSets } from '../spec.ts';
import type { BindingSpec } from '../types.ts';
import { selectByCluster } from './by-cluster.ts';
import { groupCandidates, type ScoredGroup, selectByTopology } from './by-topology.ts';
import { type Candidate, compareCandidates } from './candidate.ts';
import { readConstraints } from './constraints.ts';
import { dividedScore, duplicatedScore } from './group-score.ts';

/** The selected clusters, from candidates in any order; `onGroups` hears of the groups before they are chosen from. Throws a plain failure. */
export function selectClusters(
  candidates: readonly Candidate[],
  o: { readonly spec: BindingSpec; readonly gates: Gates; readonly onGroups?: (groups: readonly ScoredGroup[]) => void },
): Candidate[] {
  const { spec, gates } = o;
  const ordered = [...candidates].sort(compareCandidates);
  const placement = spec.placement ?? {};
  if (!placement.spreadConstraints?.length || isStaticWeight(placement.replicaScheduling)) return ordered;
  const { cluster, topology } = readConstraints(placement.spreadConstraints, gates);
  const duplicated = isDuplicated(placement.replicaScheduling);
  const replicas = spec.replicas ?? 0;
  if (topology) {
    const score = duplicated
      ? (members: readonly Candidate[]) => duplicatedScore(members, replicas)
      : (members: readonly Candidate[]) =>
          dividedScore(members, { replicas, minGroups: topology.bounds.min, minClusters: cluster?.min ?? 0 });
    const groups = groupCandidates(ordered, topology, score);
    o.onGroups?.(groups);
    return selectByTopology(groups, topology, cluster);
  }
  if (cluster) {
    const sets = countsSets(spec, gates);
    return selectByCluster(ordered, cluster, duplicated ? undefined : sets ? 1 : replicas);
  }
  throw plainFailure('just support cluster and region spread constraint');
}
