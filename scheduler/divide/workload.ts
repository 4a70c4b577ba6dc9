// Dividing the replicas of one workload over the selected clusters by the strategy of its placement.
import type { Candidate } from '../select/candidate.ts';
import type { Placement } from '../types.ts';
import { divideDynamic } from './dynamic.ts';
import type { DivisionStep } from './record.ts';
import { staticWeights } from './static-weight.ts';
import { strategyOf } from './strategy.ts';
import { type Target, withoutEmptyTargets } from './targets.ts';
import { replicasByWeight } from './webster.ts';

export interface WorkloadInput {
  readonly selected: readonly Candidate[];
  readonly current: readonly Target[];
  readonly replicas: number;
  readonly placement: Placement;
  readonly fresh: boolean;
  readonly uid: string | undefined;
}

/** Targets with at least one replica, in the order that the strategy gives. */
export function divideWorkload(input: WorkloadInput, record: (step: DivisionStep) => void): Target[] {
  const strategy = strategyOf(input.placement.replicaScheduling);
  switch (strategy) {
    case 'Duplicated': {
      const result = withoutEmptyTargets(input.selected.map(c => ({ name: c.name, replicas: input.replicas })));
      record({ mode: 'copy', strategy, target: input.replicas, room: [], base: [], result });
      return result;
    }
    case 'StaticWeight':
      return byStaticWeight(input, record);
    default:
      return withoutEmptyTargets(divideDynamic({ ...input, strategy }, record));
  }
}

function byStaticWeight(input: WorkloadInput, record: (step: DivisionStep) => void): Target[] {
  const votes = staticWeights(input.selected, input.placement.replicaScheduling?.weightPreference?.staticWeightList);
  const result = withoutEmptyTargets(replicasByWeight(input.replicas, votes, { uid: input.uid }));
  const room = [...votes].map(([name, weight]) => ({ name, replicas: weight }));
  record({ mode: 'weights', strategy: 'StaticWeight', target: input.replicas, room, base: [], result });
  return result;
}
