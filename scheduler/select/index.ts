// Selection (specification §3.3): which of the feasible clusters take part, by the placement's spread constraints.
import { isDuplicated, isStaticWeight } from '../divide/strategy.ts';
import { plainFailure } from '../failure.ts';
import type { Gates } from '../gates.ts';
import { countsSets } from '../spec.ts';
import type { BindingSpec } from '../types.ts';
import { selectByCluster } from './by-cluster.ts';
import { type ScoredGroup, selectByTopologies } from './by-topology.ts';
import { type Candidate, compareCandidates } from './candidate.ts';
import { readConstraints, type Topology } from './constraints.ts';
import { dividedScore, duplicatedScore } from './group-score.ts';

/** Hears of the groups of each topology, before and after some are chosen. */
export type OnGroups = (groups: readonly ScoredGroup[], chosen: readonly ScoredGroup[]) => void;

/** The selected clusters, from candidates in any order. Throws a plain failure. */
export function selectClusters(
  candidates: readonly Candidate[],
  o: { readonly spec: BindingSpec; readonly gates: Gates; readonly onGroups?: OnGroups },
): Candidate[] {
  const { spec, gates } = o;
  const ordered = [...candidates].sort(compareCandidates);
  const placement = spec.placement ?? {};
  if (!placement.spreadConstraints?.length || isStaticWeight(placement.replicaScheduling)) return ordered;
  const { cluster, topologies } = readConstraints(placement.spreadConstraints, gates);
  const duplicated = isDuplicated(placement.replicaScheduling);
  const replicas = spec.replicas ?? 0;
  if (topologies.length > 0) {
    const score = ({ bounds }: Topology) =>
      duplicated
        ? (members: readonly Candidate[]) => duplicatedScore(members, replicas)
        : (members: readonly Candidate[]) => dividedScore(members, { replicas, minGroups: bounds.min, minClusters: cluster?.min ?? 0 });
    return selectByTopologies({ candidates: ordered, topologies, cluster, score, onGroups: o.onGroups ?? (() => undefined) });
  }
  if (cluster) {
    const sets = countsSets(spec, gates);
    return selectByCluster(ordered, cluster, duplicated ? undefined : sets ? 1 : replicas);
  }
  throw plainFailure('just support cluster and region spread constraint');
}
