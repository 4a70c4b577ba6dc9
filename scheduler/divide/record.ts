// What a division did, step by step: for users who ask why a cluster got so many replicas.
import type { Strategy } from './strategy.ts';
import type { Target } from './targets.ts';

export interface DivisionStep {
  /** `weights`: by static weights; `copy`: the full number everywhere; `steady`: nothing to change. */
  readonly mode: 'copy' | 'weights' | 'steady' | 'fresh' | 'scale up' | 'scale down';
  readonly strategy: Strategy;
  /** How many replicas this step deals out. */
  readonly target: number;
  /** Weight or room of the clusters that take part, in order. */
  readonly room: readonly Target[];
  /** What stays where it is. */
  readonly base: readonly Target[];
  readonly result: readonly Target[];
  /** Set where clusters are filled tier by tier. */
  readonly tier?: number;
}
