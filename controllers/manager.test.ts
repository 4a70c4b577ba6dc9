import { afterEach, describe, expect, it } from 'vitest';
import {
  clusterOverridePolicies,
  clusterPropagationPolicies,
  clusterResourceBindings,
  clusters,
  overridePolicies,
  propagationPolicies,
  resourceBindings,
  works,
} from '../crds/index.ts';
import { nativeLayer } from '../interpreter/index.ts';
import { type AnyObject, at, type Clock, eventRecorder, informer, resource, simulatedClock } from '../kube/index.ts';
import { controllers } from './manager.ts';
import { MemoryServer } from './memory-server.ts';

const deployments = resource({ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', scope: 'Namespaced' });
const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const nodes = resource({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', scope: 'Cluster' });
const events = resource({ group: '', version: 'v1', kind: 'Event', plural: 'events', scope: 'Namespaced' });

const own = [
  clusters,
  works,
  resourceBindings,
  clusterResourceBindings,
  propagationPolicies,
  clusterPropagationPolicies,
  overridePolicies,
  clusterOverridePolicies,
];

const deployment: AnyObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
};

const policy = {
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'PropagationPolicy',
  metadata: { name: 'p', namespace: 'shop' },
  spec: { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }], placement: {} },
};

let stop: AbortController | undefined;
afterEach(() => stop?.abort(new Error('the test is over')));

function start(hub: MemoryServer, member: MemoryServer, clock: Clock): void {
  stop = new AbortController();
  const recorder = eventRecorder({ client: hub.client, clock, component: 'test' });
  controllers({ hub: hub.client, clock, connect: () => member.client, interpreter: nativeLayer(clock), recorder })
    .run(stop.signal)
    .catch(() => undefined);
}

async function plane() {
  const clock = simulatedClock();
  const hub = new MemoryServer(clock, [deployments, configMaps, namespaces, ...own]);
  const member = new MemoryServer(clock, [deployments, configMaps, namespaces, nodes]);
  start(hub, member, clock);
  const settle = (): Promise<void> => clock.advance(20_000);
  await hub.client.create(clusters, {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'm1' },
    spec: { syncMode: 'Push' },
  });
  await settle();
  return { clock, hub, member, settle };
}

const inShop = (server: MemoryServer, r: typeof configMaps) =>
  server
    .all(r)
    .filter(({ metadata }) => metadata.namespace === 'shop')
    .map(({ metadata }) => metadata.name);

const needing = (name: string) => ({ containers: [{ name: 'c', image: 'nginx' }], volumes: [{ name: 'v', configMap: { name } }] });

async function placed() {
  const all = await plane();
  const { hub, settle } = all;
  await hub.client.create(propagationPolicies, policy as never);
  await hub.client.create(deployments, deployment);
  await settle();
  await schedule(hub, [{ name: 'm1', replicas: 2 }]);
  await settle();
  return all;
}

async function schedule(hub: MemoryServer, targets: readonly { name: string; replicas?: number }[]): Promise<void> {
  const binding = await hub.client.get(resourceBindings, { namespace: 'shop', name: 'web-deployment' });
  await hub.client.update(resourceBindings, { ...binding, spec: { ...binding.spec, clusters: targets } });
}

describe('the controllers together', () => {
  it('make a cluster ready, with its execution space, finalizer and what it serves', async () => {
    const { hub } = await plane();
    const cluster = await hub.client.get(clusters, { name: 'm1' });
    expect(cluster.metadata.finalizers).toEqual(['karmada.io/cluster-controller']);
    expect(cluster.status?.conditions?.find(c => c.type === 'Ready')).toMatchObject({ status: 'True', reason: 'ClusterReady' });
    expect(cluster.status?.kubernetesVersion).toBe('v1.36.1');
    expect(cluster.spec.taints ?? []).toEqual([]);
    expect(hub.all(namespaces).map(n => n.metadata.name)).toContain('karmada-es-m1');
  });

  it('bring a claimed template into the scheduled member, marked as ours', async () => {
    const { hub, member } = await placed();
    const template = await hub.client.get(deployments, { namespace: 'shop', name: 'web' });
    expect(template.metadata.annotations).toMatchObject({
      'propagationpolicy.karmada.io/name': 'p',
      'propagationpolicy.karmada.io/namespace': 'shop',
    });
    const copy = await member.client.get(deployments, { namespace: 'shop', name: 'web' });
    expect(copy.metadata.labels).toMatchObject({ 'karmada.io/managed': 'true' });
    expect(at(copy, 'spec', 'replicas')).toBe(2);
    const [work] = hub.all(works).filter(w => w.metadata.labels?.['resourcebinding.karmada.io/permanent-id']);
    expect(at(work, 'status', 'conditions', 1)).toMatchObject({ type: 'Applied', status: 'True' });
  });

  it('tell what an object says about itself together with its being applied, and what it says later', async () => {
    const { hub, member, clock, settle } = await plane();
    const told: unknown[] = [];
    const copy = informer({ client: hub.client, clock, resource: works });
    copy.subscribe(({ object, old }) => {
      if (old && object.status?.manifestStatuses)
        told.push([at(object, 'status', 'conditions', 1, 'type'), at(object, 'status', 'manifestStatuses', 0)]);
    });
    void copy.run(stop?.signal ?? AbortSignal.abort());
    await hub.client.create(propagationPolicies, policy as never);
    await hub.client.create(deployments, deployment);
    await settle();
    await schedule(hub, [{ name: 'm1', replicas: 2 }]);
    await settle();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject(['Applied', { health: 'Unhealthy' }]);
    const applied = await member.client.get(deployments, { namespace: 'shop', name: 'web' });
    await member.client.update(deployments, { ...applied, status: { replicas: 2 } }, { subresource: 'status' });
    await settle();
    expect(told.at(-1)).toMatchObject(['Applied', { status: { replicas: 2 } }]);
  });

  it('report the status of the members up to the template', async () => {
    const { hub, member, settle } = await placed();
    const copy = await member.client.get(deployments, { namespace: 'shop', name: 'web' });
    const status = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: 1 };
    await member.client.update(deployments, { ...copy, status }, { subresource: 'status' });
    await settle();
    const binding = await hub.client.get(resourceBindings, { namespace: 'shop', name: 'web-deployment' });
    expect(binding.status?.aggregatedStatus).toMatchObject([{ clusterName: 'm1', applied: true, health: 'Healthy' }]);
    expect(binding.status?.conditions).toMatchObject([{ type: 'FullyApplied', status: 'True' }]);
    const template = await hub.client.get(deployments, { namespace: 'shop', name: 'web' });
    expect(template['status']).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 2 });
  });

  it('make an object again that somebody deleted in a member', async () => {
    const { member, settle } = await placed();
    await member.client.delete(deployments, { namespace: 'shop', name: 'web' });
    await settle();
    expect(member.all(deployments)).toHaveLength(1);
  });

  it('take the object away when the binding leaves the cluster, and only then', async () => {
    const { hub, member, settle } = await placed();
    await schedule(hub, []);
    await settle();
    expect(member.all(deployments)).toHaveLength(0);
    expect(hub.all(works).filter(w => w.metadata.name?.startsWith('web-'))).toHaveLength(0);
  });

  it('leave an object of somebody else alone and say so', async () => {
    const { hub, member, settle } = await plane();
    await member.client.create(deployments, deployment);
    await hub.client.create(propagationPolicies, policy as never);
    await hub.client.create(deployments, { ...deployment, spec: { ...(deployment['spec'] as object), replicas: 5 } });
    await settle();
    await schedule(hub, [{ name: 'm1', replicas: 5 }]);
    await settle();
    const copy = await member.client.get(deployments, { namespace: 'shop', name: 'web' });
    expect(at(copy, 'spec', 'replicas')).toBe(2);
    expect(copy.metadata.labels).toBeUndefined();
    const texts = hub.all(events).map(e => String(e['message']));
    expect(texts.some(text => text.includes('Karmada will not manage this resource'))).toBe(true);
  });

  it('keep bindings and member objects when a policy is deleted', async () => {
    const { hub, member, settle } = await placed();
    const present = await hub.client.get(propagationPolicies, { namespace: 'shop', name: 'p' });
    await hub.client.update(propagationPolicies, {
      ...present,
      metadata: { ...present.metadata, finalizers: ['karmada.io/propagation-policy-controller'] },
    });
    await hub.client.delete(propagationPolicies, { namespace: 'shop', name: 'p' });
    await settle();
    expect(hub.all(propagationPolicies)).toHaveLength(0);
    const binding = await hub.client.get(resourceBindings, { namespace: 'shop', name: 'web-deployment' });
    expect(binding.metadata.annotations ?? {}).not.toHaveProperty('propagationpolicy.karmada.io/name');
    expect(member.all(deployments)).toHaveLength(1);
  });

  it('carry user namespaces to every member, but neither reserved nor skipped ones', async () => {
    const { hub, member, settle } = await plane();
    for (const [name, labels] of [
      ['shop', {}],
      ['kube-x', {}],
      ['quiet', { 'namespace.karmada.io/skip-auto-propagation': 'TRUE' }],
    ] as const)
      await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    await settle();
    expect(member.all(namespaces).map(n => n.metadata.name)).toEqual(['karmada-cluster', 'shop']);
  });

  it('send what a workload needs along, and take it back when dependencies are not wanted any more', async () => {
    const { hub, member, settle } = await plane();
    const needs = { ...deployment, spec: { ...(deployment['spec'] as object), template: { metadata: {}, spec: needing('conf') } } };
    await hub.client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'conf', namespace: 'shop' },
      data: { k: 'v' },
    });
    await hub.client.create(propagationPolicies, { ...policy, spec: { ...policy.spec, propagateDeps: true } } as never);
    await hub.client.create(deployments, needs);
    await settle();
    await schedule(hub, [{ name: 'm1', replicas: 2 }]);
    await settle();
    expect(inShop(member, configMaps)).toEqual(['conf']);
    const attached = await hub.client.get(resourceBindings, { namespace: 'shop', name: 'conf-configmap' });
    expect(attached.spec.requiredBy).toMatchObject([{ name: 'web-deployment', clusters: [{ name: 'm1', replicas: 2 }] }]);
    const binding = await hub.client.get(resourceBindings, { namespace: 'shop', name: 'web-deployment' });
    await hub.client.update(resourceBindings, { ...binding, spec: { ...binding.spec, propagateDeps: false } });
    await settle();
    expect(inShop(member, configMaps)).toEqual([]);
    expect(member.all(deployments)).toHaveLength(1);
  });

  it('hold a suspended binding back and say so on the Work', async () => {
    const { hub, member, settle } = await placed();
    const binding = await hub.client.get(resourceBindings, { namespace: 'shop', name: 'web-deployment' });
    await hub.client.update(resourceBindings, { ...binding, spec: { ...binding.spec, suspension: { dispatching: true } } });
    await settle();
    await member.client.delete(deployments, { namespace: 'shop', name: 'web' });
    await settle();
    expect(member.all(deployments)).toHaveLength(0);
    const [work] = hub.all(works).filter(w => w.metadata.name?.startsWith('web-'));
    expect(at(work, 'status', 'conditions')).toContainEqual(expect.objectContaining({ type: 'Dispatching', status: 'False' }));
  });

  it('end an eviction once its time is over, and only then remove the old copy', async () => {
    const { clock, hub, member, settle } = await placed();
    const binding = await hub.client.get(resourceBindings, { namespace: 'shop', name: 'web-deployment' });
    const task = {
      fromCluster: 'm1',
      reason: 'TaintUntolerated',
      producer: 'TaintManager',
      purgeMode: 'Gracefully',
      gracePeriodSeconds: 60,
    } as const;
    await hub.client.update(resourceBindings, {
      ...binding,
      spec: { ...binding.spec, clusters: [{ name: 'm2', replicas: 2 }], gracefulEvictionTasks: [task] },
    });
    await settle();
    expect(member.all(deployments)).toHaveLength(1);
    await clock.advance(120_000);
    expect(member.all(deployments)).toHaveLength(0);
  });

  it('leave members alone when the control plane stops answering', async () => {
    const { clock, hub, member } = await placed();
    hub.failing = true;
    await clock.advance(300_000);
    expect(member.all(deployments)).toHaveLength(1);
    hub.failing = false;
    await clock.advance(300_000);
    expect(member.all(deployments)).toHaveLength(1);
  });

  it('write nothing into a member that knows more than the control plane, and say so on the Cluster, until it is resumed', async () => {
    const { clock, hub, member, settle } = await placed();
    const record = await member.client.get(configMaps, { namespace: 'karmada-cluster', name: 'flotilla-sync' });
    await member.client.update(configMaps, { ...record, data: { ...(record['data'] as object), revision: '1000000' } });
    stop?.abort(new Error('the plane goes down'));
    await settle();
    await member.client.delete(deployments, { namespace: 'shop', name: 'web' });
    start(hub, member, clock);
    await settle();
    expect(member.all(deployments)).toHaveLength(0);
    const cluster = await hub.client.get(clusters, { name: 'm1' });
    expect(cluster.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Synchronized', status: 'False', reason: 'PlaneIsBehind' }),
    );
    const annotations = { ...cluster.metadata.annotations, 'cluster.flotilla.io/resume-from-revision': '1000000' };
    await hub.client.update(clusters, { ...cluster, metadata: { ...cluster.metadata, annotations } });
    await settle();
    expect(member.all(deployments)).toHaveLength(1);
    const resumed = await hub.client.get(clusters, { name: 'm1' });
    expect(Object.keys(resumed.metadata.annotations ?? {})).toEqual(['cluster.flotilla.io/given-revision']);
    expect(resumed.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Synchronized', status: 'True' }));
  });

  it('neither write to nor delete from another cluster that answers in the place of a member, and say so at once', async () => {
    const { hub, member, settle } = await placed();
    await member.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } });
    const cluster = await hub.client.get(clusters, { name: 'm1' });
    await hub.client.update(clusters, { ...cluster, spec: { ...cluster.spec, id: 'the one that was joined' } });
    await schedule(hub, []);
    await settle();
    expect(member.all(deployments)).toHaveLength(1);
    const { status } = await hub.client.get(clusters, { name: 'm1' });
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False', reason: 'AnotherCluster' }));
  });

  it('follow a kind in a member only as long as a Work carries it', async () => {
    const { clock, hub, member, settle } = await placed();
    expect(member.watched).toContain('apps/v1 deployments');
    await schedule(hub, []);
    await settle();
    await clock.advance(60_000);
    expect(member.watched).not.toContain('apps/v1 deployments');
    expect(member.watched).toContain('v1 nodes');
    await schedule(hub, [{ name: 'm1', replicas: 2 }]);
    await settle();
    expect(member.watched).toContain('apps/v1 deployments');
  });
});
