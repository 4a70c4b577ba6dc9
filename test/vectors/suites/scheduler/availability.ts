import { estimate } from '../../../../estimator/index.ts';
import type { BindingSpec } from '../../../../scheduler/index.ts';
import { countsSets } from '../../../../scheduler/index.ts';
import type { Suite } from '../../suite.ts';
import { referenceGates, type Scripted, scriptedEstimator } from './cycle.ts';
import { oneOf } from './outcome.ts';

interface Input {
  readonly clusters: readonly string[];
  readonly spec: BindingSpec;
  readonly estimators?: Record<string, Scripted>;
  readonly gates?: Record<string, boolean>;
}

export const suite: Suite = {
  async check(c) {
    const { clusters, spec, estimators = {}, gates } = c.in as unknown as Input;
    const merged = await estimate(
      Object.entries(estimators).map(([name, script]) => scriptedEstimator(name, script)),
      {
        clusters: clusters.map(name => ({ metadata: { name } })),
        replicas: spec.replicas ?? 0,
        components: spec.components ?? [],
        sets: countsSets(spec, referenceGates(gates)),
        namespace: spec.resource.namespace ?? '',
      },
      new AbortController().signal,
    );
    return oneOf(c, { allocatable: Object.fromEntries(merged.allocatable) });
  },
};
