import { describe, expect, it } from 'vitest';
import { generalEstimator } from '../estimator/index.ts';
import { gates } from './gates.ts';
import { APPLIED_PLACEMENT, placementText } from './placement.ts';
import { plan } from './plan.ts';
import { ownPlugins } from './plugins/index.ts';
import type { Binding, Cluster, Placement, TargetCluster } from './types.ts';

const on = gates();
const cycle = {
  gates: on,
  plugins: ownPlugins(on),
  estimators: [generalEstimator({ models: true, subtractAssumed: false })],
  signal: new AbortController().signal,
};
const placement: Placement = { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' } };

function cluster(name: string, pods: string, more: Cluster['spec'] = {}, deletionTimestamp?: string): Cluster {
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name, ...(deletionTimestamp ? { deletionTimestamp } : {}) },
    spec: more,
    status: {
      apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }],
      resourceSummary: { allocatable: { pods } },
    },
  };
}

function binding(replicas: number, clusters: readonly TargetCluster[] = []): Binding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { namespace: 'ns', name: 'web', generation: 1, annotations: { [APPLIED_PLACEMENT]: placementText(placement) } },
    spec: { resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, replicas, placement, clusters },
  };
}

describe('plan', () => {
  const placed = binding(4, [{ name: 'm1', replicas: 4 }]);

  it('finds nothing to move where nothing changed', async () => {
    expect(await plan({ clusters: [cluster('m1', '9'), cluster('m2', '9')], bindings: [placed] }, cycle)).toEqual([]);
  });

  it('tells where replicas would go when a cluster is deleted', async () => {
    const clusters = [cluster('m1', '9', {}, '2026-01-01T00:00:00Z'), cluster('m2', '9')];
    expect(await plan({ clusters, bindings: [placed] }, cycle)).toEqual([
      {
        key: 'ns/web',
        trigger: 'targetTerminating',
        from: [{ name: 'm1', replicas: 4 }],
        to: [{ name: 'm2', replicas: 4 }],
      },
    ]);
  });

  it('tells what could not be placed', async () => {
    const clusters = [cluster('m1', '9', {}, '2026-01-01T00:00:00Z'), cluster('m2', '1')];
    const [change] = await plan({ clusters, bindings: [placed] }, cycle);
    expect(change?.to).toBeUndefined();
    expect(change?.failure).toContain('Clusters available replicas 1 are not enough to schedule.');
  });
});
