import { afterEach, describe, expect, it } from 'vitest';
import { type EstimatorServer, estimatorServer, memberEstimator } from '../estimator/index.ts';
import { systemClock } from '../kube/index.ts';
import { scheduler } from './scheduler.ts';
import { memoryHub } from './testing/memory-hub.ts';
import type { Binding } from './types.ts';

const servers: EstimatorServer[] = [];
const controls: AbortController[] = [];
const running = (): AbortSignal => {
  const control = new AbortController();
  controls.push(control);
  return control.signal;
};
afterEach(async () => {
  for (const control of controls) control.abort();
  for (const server of servers) await server.close();
});

/** A member with one node of so many cpus, and its estimator on a free port. */
async function member(name: string, cpu: string): Promise<number> {
  const cluster = memoryHub();
  cluster.put('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, status: { allocatable: { cpu, pods: '110' } } });
  const estimator = memberEstimator({ member: cluster.client, clock: systemClock, countQuotas: false, countAssumed: false });
  void estimator.run(running());
  const server = await estimatorServer({ clusterName: name, address: '127.0.0.1:0', handlers: estimator.handlers });
  servers.push(server);
  return server.port;
}

describe('a scheduler with accurate estimators', () => {
  it('divides by what the members say, over real connections', async () => {
    const hub = memoryHub();
    for (const [name, cpu] of [
      ['m1', '2'],
      ['m2', '6'],
    ] as const) {
      hub.put('services', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace: 'karmada-system', name: `karmada-scheduler-estimator-${name}` },
        spec: { type: 'ExternalName', externalName: '127.0.0.1', ports: [{ port: 10352, targetPort: await member(name, cpu) }] },
      });
      hub.put('clusters', {
        apiVersion: 'cluster.karmada.io/v1alpha1',
        kind: 'Cluster',
        metadata: { name },
        spec: {},
        status: {
          apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }],
          resourceSummary: { allocatable: { cpu: '100', pods: '100' } },
        },
      });
    }
    const placed = new Promise<void>(resolve => {
      const events = { event: (_: unknown, type: string) => (type === 'Normal' ? resolve() : undefined) };
      void scheduler({ hub: hub.client, clock: systemClock, events, flags: { enableSchedulerEstimator: true } }).run(running());
    });
    hub.put('resourcebindings', {
      apiVersion: 'work.karmada.io/v1alpha2',
      kind: 'ResourceBinding',
      metadata: { namespace: 'ns', name: 'web', labels: { 'propagationpolicy.karmada.io/permanent-id': 'p' } },
      spec: {
        resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ns', name: 'web' },
        replicas: 8,
        replicaRequirements: { resourceRequest: { cpu: '1' } },
        placement: {
          replicaScheduling: {
            replicaSchedulingType: 'Divided',
            replicaDivisionPreference: 'Weighted',
            weightPreference: { dynamicWeight: 'AvailableReplicas' },
          },
        },
      },
    });
    await placed;
    expect((hub.stored('resourcebindings', 'ns/web') as Binding).spec.clusters).toEqual([
      { name: 'm1', replicas: 2 },
      { name: 'm2', replicas: 6 },
    ]);
  });
});
