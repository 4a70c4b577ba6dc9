// A cluster that passed the filters, with the four numbers that everything after depends on.
import type { Cluster } from '../types.ts';

export interface Candidate {
  readonly name: string;
  readonly cluster: Cluster;
  /** Sum of the score plugins. */
  readonly score: number;
  /** 0 for the primary affinity, i+1 for the i-th overflow affinity, 1000 for none. */
  readonly overflowOrder: number;
  /** What the estimators say still fits, int32. */
  readonly allocatable: number;
  /** `allocatable` plus the replicas already assigned here. */
  readonly available: number;
}

/** Cluster order: overflow tier, score down, available down, name. Total, since names are unique. */
export function compareCandidates(a: Candidate, b: Candidate): number {
  return a.overflowOrder - b.overflowOrder || b.score - a.score || b.available - a.available || (a.name < b.name ? -1 : 1);
}
