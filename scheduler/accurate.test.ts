import { afterEach, describe, expect, it } from 'vitest';
import { type EstimatorServer, estimatorServer, memberEstimator } from '../estimator/index.ts';
import { systemClock } from '../kube/index.ts';
import { type Scheduler, scheduler } from './scheduler.ts';
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

const serviceTo = (name: string, targetPort: number) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'karmada-system', name: `karmada-scheduler-estimator-${name}` },
  spec: { type: 'ExternalName', externalName: '127.0.0.1', ports: [{ port: 10352, targetPort }] },
});

const clusterOf = (name: string) => ({
  apiVersion: 'cluster.karmada.io/v1alpha1',
  kind: 'Cluster',
  metadata: { name },
  spec: {},
  status: {
    apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }],
    resourceSummary: { allocatable: { cpu: '100', pods: '100' } },
  },
});

const bindingOf = (replicas: number) => ({
  apiVersion: 'work.karmada.io/v1alpha2',
  kind: 'ResourceBinding',
  metadata: { namespace: 'ns', name: 'web', labels: { 'propagationpolicy.karmada.io/permanent-id': 'p' } },
  spec: {
    resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ns', name: 'web' },
    replicas,
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

describe('a scheduler with accurate estimators', () => {
  it('divides by what the members say, over real connections', async () => {
    const hub = memoryHub();
    for (const [name, cpu] of [
      ['m1', '2'],
      ['m2', '6'],
    ] as const) {
      hub.put('services', serviceTo(name, await member(name, cpu)));
      hub.put('clusters', clusterOf(name));
    }
    const placed = new Promise<void>(resolve => {
      const events = { event: (_: unknown, type: string) => (type === 'Normal' ? resolve() : undefined) };
      void scheduler({ hub: hub.client, clock: systemClock, events, flags: { enableSchedulerEstimator: true } }).run(running());
    });
    hub.put('resourcebindings', bindingOf(8));
    await placed;
    expect((hub.stored('resourcebindings', 'ns/web') as Binding).spec.clusters).toEqual([
      { name: 'm1', replicas: 2 },
      { name: 'm2', replicas: 6 },
    ]);
  });

  it('places by the general estimate when an estimator hangs, and says so', async () => {
    const hub = memoryHub();
    const server = await estimatorServer({
      clusterName: 'm1',
      address: '127.0.0.1:0',
      handlers: { replicas: () => new Promise<number>(() => undefined), sets: () => 0, unschedulable: () => 0 },
    });
    servers.push(server);
    hub.put('services', serviceTo('m1', server.port));
    hub.put('clusters', clusterOf('m1'));
    let decider: Scheduler | undefined;
    const placed = new Promise<void>(resolve => {
      const events = { event: (_: unknown, type: string) => (type === 'Normal' ? resolve() : undefined) };
      decider = scheduler({
        hub: hub.client,
        clock: systemClock,
        events,
        flags: { enableSchedulerEstimator: true, schedulerEstimatorTimeoutMs: 200 },
      });
      void decider.run(running());
    });
    hub.put('resourcebindings', bindingOf(3));
    await placed;
    expect((hub.stored('resourcebindings', 'ns/web') as Binding).spec.clusters).toEqual([{ name: 'm1', replicas: 3 }]);
    const explained = await decider?.explain('ns/web', running());
    expect(explained?.attempts[0]?.estimators[1]).toMatchObject({
      name: 'scheduler-estimator',
      error: expect.stringContaining('gRPC request cluster(m1) estimator error when calling MaxAvailableReplicas'),
    });
  });
});
