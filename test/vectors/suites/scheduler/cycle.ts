// One recorded cycle against our scheduler: the pool of clusters, the general estimator and a scripted second one.
import { type Estimator, generalEstimator } from '../../../../estimator/index.ts';
import { objectOf } from '../../../../kube/index.ts';
import { type BindingSpec, type BindingStatus, type Cluster, gates, ownPlugins, schedule } from '../../../../scheduler/index.ts';
import type { Suite, VectorCase } from '../../suite.ts';
import { judgeCycle } from './outcome.ts';

interface Input {
  readonly clusters: readonly string[];
  readonly spec: BindingSpec;
  readonly status?: BindingStatus;
  readonly options?: { readonly enableEmptyWorkloadPropagation?: boolean };
  readonly gates?: Record<string, boolean>;
  readonly accurate?: Scripted;
}

export interface Scripted {
  readonly values?: Record<string, number>;
  readonly sets?: Record<string, number>;
  readonly error?: string;
}

const never = new AbortController().signal;

/** The recordings were made without our own gates. */
export const referenceGates = (changes: Record<string, boolean> = {}) =>
  gates({ SpreadByAnyTopology: false, RescheduleOnAPI: false, ...changes });

/** An estimator that answers what a recording says. */
export function scriptedEstimator(name: string, script: Scripted): Estimator {
  const answer = async (values: Record<string, number> = {}) => {
    if (script.error) throw new Error(script.error);
    return new Map(Object.entries(values));
  };
  return { name, maxReplicas: () => answer(script.values), maxComponentSets: () => answer(script.sets) };
}

export function cycleSuite(): Suite {
  let pool: Record<string, Cluster> = {};
  return {
    setup({ header }) {
      pool = objectOf(header[0]?.['pool']) as Record<string, Cluster>;
    },
    async check(c: VectorCase) {
      const input = c.in as unknown as Input;
      const on = referenceGates(input.gates);
      const general = generalEstimator({
        models: on.CustomizedClusterResourceModeling,
        subtractAssumed: on.SchedulingOvercommitProtection,
      });
      const decision = await schedule(
        input.clusters.flatMap(name => pool[name] ?? []),
        { spec: input.spec, status: input.status ?? {}, namespace: input.spec.resource.namespace ?? '' },
        {
          gates: on,
          plugins: ownPlugins(on),
          estimators: input.accurate ? [general, scriptedEstimator('accurate', input.accurate)] : [general],
          emptyWorkloadPropagation: input.options?.enableEmptyWorkloadPropagation ?? false,
          signal: never,
        },
      );
      const { failure, clusters } = decision;
      return judgeCycle(c, failure ? { error: failure.message, kind: failure.kind } : { clusters });
    },
  };
}
