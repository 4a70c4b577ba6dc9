import { type BindingSpec, ownPlugins, runScores, schedulingContext, totalScore } from '../../../../scheduler/index.ts';
import type { Suite } from '../../suite.ts';
import { referenceGates } from './cycle.ts';
import { oneOf } from './outcome.ts';

export const suite: Suite = {
  check(c) {
    const { clusters, spec } = c.in as { clusters: string[]; spec: BindingSpec };
    const objects = clusters.map(name => ({ apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster', metadata: { name } }));
    const scores = runScores(ownPlugins(referenceGates()), schedulingContext(spec, {}), objects);
    return oneOf(c, {
      scores: Object.fromEntries(
        scores.map(({ plugin, values }) => [plugin, Object.fromEntries(clusters.map((name, i) => [name, values[i]]))]),
      ),
      total: Object.fromEntries(clusters.map((name, i) => [name, totalScore(scores, i)])),
    });
  },
};
