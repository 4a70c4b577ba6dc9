import { describe, expect, it } from 'vitest';
import { generalEstimator } from '../estimator/index.ts';
import { decide } from './decide.ts';
import { explain, remedyOf } from './explain.ts';
import { gates } from './gates.ts';
import { APPLIED_PLACEMENT, placementText } from './placement.ts';
import { plan } from './plan.ts';
import { ownPlugins } from './plugins/index.ts';
import { schedule } from './schedule.ts';
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

async function explained(b: Binding, clusters: readonly Cluster[]): Promise<string> {
  const decided = await decide(b, {
    terminating: new Set(),
    gates: on,
    cycle: status => schedule(clusters, { spec: b.spec, status, namespace: 'ns' }, cycle),
  });
  return explain(b, decided);
}

describe('explain', () => {
  const tainted = { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] };

  it('tells why it was scheduled, who was refused, and how the rest was divided', async () => {
    const text = await explained(binding(3), [cluster('m1', '10'), cluster('m2', '10', tainted)]);
    expect(text).toContain('Scheduled because its replicas no longer add up.');
    expect(text).toContain('1 of 2 clusters passed the filters.');
    expect(text).toContain('add a toleration for k=v:NoSchedule to the placement, or remove the taint from m2');
    expect(text).toContain('general-estimator: m1:10');
    expect(text).toContain('scale up: 3 over m1:10, beside none, gives m1:3');
    expect(text.endsWith('Outcome: m1:3')).toBe(true);
  });

  it('tells how much is missing', async () => {
    expect(await explained(binding(9), [cluster('m1', '4')])).toContain(
      '9 do not fit, there is room for 4. To change this: ask for 5 fewer',
    );
  });

  it('says that there is nothing to do', async () => {
    expect(await explained(binding(2, [{ name: 'm1', replicas: 2 }]), [cluster('m1', '4')])).toContain('Nothing to do');
  });

  it.each<[string, string, string]>([
    ['APIEnablement', 'cluster(s) did not have the API resource', 'install Deployment of apps/v1 in m1'],
    ['ClusterAffinity', 'x', "let the placement's cluster affinity match m1"],
    ['SpreadConstraint', 'cluster(s) did not have zones property', 'set zones in the spec of cluster m1'],
    ['ClusterEviction', 'x', 'wait until the eviction from m1 has ended'],
    ['Mine', 'x', 'ask plugin Mine'],
  ])('knows what turns a refusal by %s', (plugin, reason, remedy) =>
    expect(remedyOf({ cluster: 'm1', plugin, reason }, binding(1))).toBe(remedy),
  );
});

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
