import { afterEach, describe, expect, it } from 'vitest';
import { type EventRecorder, equal, type SimulatedClock, simulatedClock } from '../kube/index.ts';
import type { Explanation } from './explain/document.ts';
import type { SchedulerFlags } from './options.ts';
import { scheduler } from './scheduler.ts';
import { memoryHub } from './testing/memory-hub.ts';
import type { Binding, Cluster, Placement, TargetCluster } from './types.ts';

const BINDING = 'resourcebindings';
const CLUSTER = 'clusters';
const LABELS = { 'propagationpolicy.karmada.io/permanent-id': 'p' };
const DIVIDED: Placement = {
  replicaScheduling: {
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: { dynamicWeight: 'AvailableReplicas' },
  },
};

function cluster(name: string, pods = '100', apis = ['apps/v1']): Cluster {
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name, uid: name, generation: 1 },
    spec: {},
    status: {
      apiEnablements: apis.map(groupVersion => ({ groupVersion, resources: [{ kind: 'Deployment' }] })),
      resourceSummary: { allocatable: { pods } },
    },
  };
}

function binding(name: string, spec: Partial<Binding['spec']> = {}): Binding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { namespace: 'ns', name, uid: name, generation: 1, labels: LABELS },
    spec: { resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ns', name }, replicas: 4, placement: DIVIDED, ...spec },
  };
}

interface Started {
  readonly clock: SimulatedClock;
  readonly hub: ReturnType<typeof memoryHub>;
  readonly events: string[];
  readonly explain: (key: string) => Promise<Explanation | undefined>;
}

const controllers: AbortController[] = [];
afterEach(() => {
  for (const c of controllers.splice(0)) c.abort();
});

async function start(objects: { clusters?: Cluster[]; bindings?: Binding[] }, flags: Partial<SchedulerFlags> = {}): Promise<Started> {
  const clock = simulatedClock();
  const hub = memoryHub();
  for (const c of objects.clusters ?? []) hub.put(CLUSTER, c);
  for (const b of objects.bindings ?? []) hub.put(BINDING, b);
  const texts: string[] = [];
  const events: EventRecorder = {
    event: (subject, type, reason, message) => void texts.push(`${subject.kind} ${type} ${reason} ${message}`),
  };
  const running = scheduler({ hub: hub.client, clock, events, flags });
  const control = new AbortController();
  controllers.push(control);
  void running.run(control.signal);
  await clock.advance(100);
  return { clock, hub, events: texts, explain: key => running.explain(key, control.signal) };
}

const targets = (hub: Started['hub'], name: string): readonly TargetCluster[] | undefined =>
  (hub.stored(BINDING, `ns/${name}`) as Binding | undefined)?.spec.clusters;
const condition = (hub: Started['hub'], name: string) =>
  (hub.stored(BINDING, `ns/${name}`) as Binding | undefined)?.status?.conditions?.find(c => c.type === 'Scheduled');

describe('the running scheduler', () => {
  it('places a binding, sets its condition and tells both objects', async () => {
    const { hub, events } = await start({ clusters: [cluster('m1'), cluster('m2')], bindings: [binding('web')] });
    expect(targets(hub, 'web')).toEqual([
      { name: 'm1', replicas: 2 },
      { name: 'm2', replicas: 2 },
    ]);
    expect(condition(hub, 'web')).toMatchObject({ status: 'True', reason: 'Success' });
    expect(events).toContain('ResourceBinding Normal ScheduleBindingSucceed Binding has been scheduled successfully. Result: {m1:2, m2:2}');
    expect(events.filter(e => e.startsWith('Deployment Normal'))).toHaveLength(1);
  });

  it('writes nothing more once the generation is observed', async () => {
    const { hub, clock } = await start({ clusters: [cluster('m1')], bindings: [binding('web')] });
    await clock.advance(5_000);
    const writes = hub.writes;
    await clock.advance(600_000);
    expect(hub.writes).toBe(writes);
    expect((hub.stored(BINDING, 'ns/web') as Binding).status?.schedulerObservedGeneration).toBe(2);
  });

  it('writes a result and its condition, and nothing more when its own write comes back', async () => {
    const everywhere: Placement = { replicaScheduling: { replicaSchedulingType: 'Duplicated' } };
    const { hub, events } = await start({ clusters: [cluster('m1')], bindings: [binding('a'), binding('b', { placement: everywhere })] });
    expect(hub.writes).toBe(4);
    expect(events.filter(e => e.startsWith('ResourceBinding'))).toHaveLength(2);
  });

  it('looks again at a result that reached new clusters beside old ones, until it stays', async () => {
    const everywhere: Placement = { replicaScheduling: { replicaSchedulingType: 'Duplicated' } };
    const held = binding('web', { placement: everywhere, clusters: [{ name: 'm2', replicas: 4 }] });
    const { hub } = await start({ clusters: [cluster('m1'), cluster('m2')], bindings: [held] });
    expect(targets(hub, 'web')?.map(t => t.name)).toEqual(['m1', 'm2']);
    const { metadata, status } = hub.stored(BINDING, 'ns/web') as Binding;
    expect([metadata.generation, status?.schedulerObservedGeneration]).toEqual([3, 3]);
  });

  it('decides again where somebody else changes the binding while the result is being written', async () => {
    const { hub, clock } = await start({ clusters: [cluster('m1')] });
    hub.put(BINDING, binding('web'));
    const stop = hub.onWrite(({ spec }) => {
      stop();
      return { spec: { ...(spec as object), replicas: 7 } };
    });
    await clock.advance(1_000);
    expect(targets(hub, 'web')).toEqual([{ name: 'm1', replicas: 7 }]);
    const { metadata, status } = hub.stored(BINDING, 'ns/web') as Binding;
    expect(status?.schedulerObservedGeneration).toBe(metadata.generation);
  });

  it('takes targets away when every cluster was seen and refused', async () => {
    const placed = binding('web', {
      clusters: [{ name: 'm1', replicas: 4 }],
      placement: { ...DIVIDED, clusterAffinity: { clusterNames: ['m9'] } },
    });
    const { hub } = await start({ clusters: [cluster('m1')], bindings: [placed] });
    expect(targets(hub, 'web')).toBeUndefined();
    expect(condition(hub, 'web')).toMatchObject({ status: 'False', reason: 'NoClusterFit' });
  });

  it('keeps targets when no cluster is known', async () => {
    const { hub } = await start({ bindings: [binding('web', { clusters: [{ name: 'm1', replicas: 4 }] })] });
    expect(targets(hub, 'web')).toEqual([{ name: 'm1', replicas: 4 }]);
    expect(condition(hub, 'web')?.reason).toBe('SchedulerError');
  });

  it('keeps targets of which one was never seen', async () => {
    const lost = binding('web', {
      clusters: [{ name: 'm9', replicas: 4 }],
      placement: { ...DIVIDED, clusterAffinity: { clusterNames: ['m9'] } },
    });
    const { hub } = await start({ clusters: [cluster('m1')], bindings: [lost] });
    expect(targets(hub, 'web')).toEqual([{ name: 'm9', replicas: 4 }]);
  });

  it('takes targets away after it has watched the deletion of their cluster', async () => {
    const placed = binding('web', { placement: { ...DIVIDED, clusterAffinity: { clusterNames: ['m2'] } } });
    const { hub, clock } = await start({ clusters: [cluster('m1'), cluster('m2')], bindings: [placed] });
    expect(targets(hub, 'web')).toEqual([{ name: 'm2', replicas: 4 }]);
    hub.remove(CLUSTER, 'm2');
    const now = hub.stored(BINDING, 'ns/web') as Binding;
    hub.put(BINDING, { ...now, spec: { ...now.spec, replicas: 5 }, metadata: { ...now.metadata, generation: 9 } });
    await clock.advance(100);
    expect(targets(hub, 'web')).toBeUndefined();
  });

  it('tries again when a cluster gains the API that was missing', async () => {
    const { hub, clock } = await start({ clusters: [cluster('m1', '100', [])], bindings: [binding('web')] });
    expect(condition(hub, 'web')?.reason).toBe('NoClusterFit');
    const { status } = cluster('m1');
    hub.put(CLUSTER, { ...(hub.stored(CLUSTER, 'm1') as Cluster), ...(status ? { status } : {}) });
    await clock.advance(100);
    expect(targets(hub, 'web')).toEqual([{ name: 'm1', replicas: 4 }]);
  });

  it('waits more than five minutes with a binding for which there is no room', async () => {
    const { hub, clock } = await start({ clusters: [cluster('m1', '1')], bindings: [binding('web')] });
    expect(condition(hub, 'web')?.message).toBe(
      'failed to assign replicas: failed to scale up: Clusters available replicas 1 are not enough to schedule.',
    );
    const { status } = cluster('m1');
    hub.put(CLUSTER, { ...(hub.stored(CLUSTER, 'm1') as Cluster), ...(status ? { status } : {}) });
    await clock.advance(290_000);
    expect(targets(hub, 'web')).toBeUndefined();
    await clock.advance(60_000);
    expect(targets(hub, 'web')).toEqual([{ name: 'm1', replicas: 4 }]);
  });

  it('moves a duplicated binding when the labels of a cluster change', async () => {
    const everywhere = binding('web', { placement: { clusterAffinity: { labelSelector: { matchLabels: { env: 'prod' } } } } });
    const { hub, clock } = await start({ clusters: [cluster('m1')], bindings: [everywhere] });
    expect(targets(hub, 'web')).toBeUndefined();
    const now = hub.stored(CLUSTER, 'm1') as Cluster;
    hub.put(CLUSTER, { ...now, metadata: { ...now.metadata, labels: { env: 'prod' } } });
    await clock.advance(100);
    expect(targets(hub, 'web')).toEqual([{ name: 'm1', replicas: 4 }]);
  });

  it('retries with backoff when a write fails, and remembers why it decided', async () => {
    const { hub, clock, explain } = await start({ clusters: [cluster('m1')] });
    hub.failNextWrites(1);
    hub.put(BINDING, binding('web'));
    await clock.advance(10);
    expect(targets(hub, 'web')).toBeUndefined();
    await clock.advance(3_000);
    expect(targets(hub, 'web')).toEqual([{ name: 'm1', replicas: 4 }]);
    expect(await explain('ns/web')).toMatchObject({ source: 'Recorded', outcome: { kind: 'Placed' } });
    expect(await explain('ns/other')).toBeUndefined();
  });

  it('leaves suspended bindings and those of other schedulers alone until they are ours', async () => {
    const { hub, clock } = await start({
      clusters: [cluster('m1')],
      bindings: [binding('a', { suspension: { scheduling: true } }), binding('b', { schedulerName: 'other' })],
    });
    expect([targets(hub, 'a'), targets(hub, 'b')]).toEqual([undefined, undefined]);
    const a = hub.stored(BINDING, 'ns/a') as Binding;
    const { suspension: _, ...spec } = a.spec;
    hub.put(BINDING, { ...a, spec });
    await clock.advance(100);
    expect(targets(hub, 'a')).toEqual([{ name: 'm1', replicas: 4 }]);
    expect(equal(targets(hub, 'b'), undefined)).toBe(true);
  });

  it('also works first come, first served, with rate-limited retries', async () => {
    const { hub, clock } = await start({ clusters: [cluster('m1')] }, { featureGates: { PriorityBasedScheduling: false } });
    hub.failNextWrites(2);
    hub.put(BINDING, binding('web'));
    await clock.advance(1_000);
    expect(targets(hub, 'web')).toEqual([{ name: 'm1', replicas: 4 }]);
  });

  it('keeps members of an anti-affinity group apart, even before its own writes come back', async () => {
    const lone = { clusters: [], workloadAffinityGroups: { antiAffinityGroup: 'app=x' } };
    const aggregated: Placement = { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' } };
    const { hub } = await start(
      {
        clusters: [cluster('m1'), cluster('m2')],
        bindings: [
          binding('a-deployment', { ...lone, placement: aggregated }),
          binding('b-deployment', { ...lone, placement: aggregated }),
        ].map(b => ({ ...b, spec: { ...b.spec, resource: { ...b.spec.resource, name: b.metadata.name?.split('-')[0] ?? '' } } })),
      },
      { featureGates: { WorkloadAffinity: true } },
    );
    const names = ['a-deployment', 'b-deployment'].flatMap(name => (targets(hub, name) ?? []).map(t => t.name));
    expect([...names].sort()).toEqual(['m1', 'm2']);
  });
});
