import { clusterReplicas, clusterSets } from '../../../../estimator/index.ts';
import { gates } from '../../../../scheduler/index.ts';
import type { Suite } from '../../suite.ts';
import { oneOf } from './outcome.ts';

interface Input {
  readonly kind: 'replicas' | 'sets';
  readonly cluster: Parameters<typeof clusterReplicas>[0];
  readonly replicaRequirements?: Parameters<typeof clusterReplicas>[1];
  readonly components?: Parameters<typeof clusterSets>[1];
  readonly assumedWorkloads?: NonNullable<Parameters<typeof clusterReplicas>[2]['assumed']>;
  readonly gates?: Record<string, boolean>;
}

export const suite: Suite = {
  check(c) {
    const input = c.in as unknown as Input;
    const on = gates(input.gates);
    const o = {
      models: on.CustomizedClusterResourceModeling,
      subtractAssumed: on.SchedulingOvercommitProtection,
      assumed: input.assumedWorkloads ?? [],
    };
    const value =
      input.kind === 'replicas'
        ? clusterReplicas(input.cluster, input.replicaRequirements, o)
        : clusterSets(input.cluster, input.components ?? [], o);
    return oneOf(c, { value });
  },
};
