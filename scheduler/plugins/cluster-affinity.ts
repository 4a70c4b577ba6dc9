import { matchAffinity, termUnderTrial } from '../affinity.ts';
import type { SchedulerPlugin, SchedulingContext } from '../framework/plugin.ts';
import { isWorkload } from '../spec.ts';
import type { ClusterAffinity } from '../types.ts';

const NO_MATCH = 'cluster(s) did not match the placement cluster affinity constraint';

/** The affinities of which one must match; none at all lets every cluster pass. */
function affinitiesOf({ placement, status, spec }: SchedulingContext): readonly ClusterAffinity[] {
  if (placement.clusterAffinity) return [placement.clusterAffinity];
  const term = termUnderTrial(placement, status.schedulerObservingAffinityName);
  if (!term) return [];
  return isWorkload(spec) ? [term, ...(term.overflowAffinities ?? [])] : [term];
}

/** Refuses clusters that the placement's affinity, or the group under trial, does not match. */
export const clusterAffinity: SchedulerPlugin = {
  name: 'ClusterAffinity',
  filter: context => {
    const matchers = affinitiesOf(context).map(matchAffinity);
    return cluster => (matchers.length === 0 || matchers.some(matches => matches(cluster)) ? undefined : NO_MATCH);
  },
  score: () => () => 0,
};
