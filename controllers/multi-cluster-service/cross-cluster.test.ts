import { afterEach, describe, expect, it } from 'vitest';
import { clusters, multiClusterServices, resourceBindings, type Work, works } from '../../crds/index.ts';
import { nativeLayer } from '../../interpreter/index.ts';
import { type AnyObject, eventRecorder, resource, simulatedClock } from '../../kube/index.ts';
import { endpointSlices, services } from '../endpoint-slices/slices.ts';
import { controllers } from '../manager.ts';
import { MemoryServer } from '../memory-server.ts';

const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const nodes = resource({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', scope: 'Cluster' });

let stop: AbortController | undefined;
afterEach(() => stop?.abort(new Error('the test is over')));

const slice = (name: string, ip: string): AnyObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'shop', name, labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [ip] }],
  ports: null,
});

async function connected() {
  const clock = simulatedClock();
  const hub = new MemoryServer(clock, [namespaces, services, endpointSlices, clusters, works, multiClusterServices, resourceBindings]);
  const served = [namespaces, nodes, services, endpointSlices];
  const members = new Map(['m1', 'm2'].map(name => [name, new MemoryServer(clock, served)]));
  const server = (name: string): MemoryServer => members.get(name) ?? hub;
  stop = new AbortController();
  const running = controllers({
    hub: hub.client,
    clock,
    connect: cluster => server(cluster.metadata.name ?? '').client,
    interpreter: nativeLayer(clock),
    recorder: eventRecorder({ client: hub.client, clock, component: 'test' }),
    gates: { MultiClusterService: true },
  }).run(stop.signal);
  running.catch(() => undefined);
  for (const name of members.keys())
    await hub.client.create(clusters, {
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name },
      spec: { syncMode: 'Push' },
    });
  await hub.client.create(services, { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'shop', name: 'web' }, spec: {} });
  await clock.advance(20_000);
  await hub.client.create(multiClusterServices, {
    apiVersion: 'networking.karmada.io/v1alpha1',
    kind: 'MultiClusterService',
    metadata: { namespace: 'shop', name: 'web', labels: { 'multiclusterservice.karmada.io/permanent-id': 'id-1' } },
    spec: { types: ['CrossCluster'], providerClusters: [{ name: 'm1' }] },
  });
  await clock.advance(20_000);
  const slicesIn = (name: string): string[] =>
    server(name)
      .all(endpointSlices)
      .map(s => s.metadata.name ?? '');
  const worksIn = (name: string): Work[] => hub.all(works).filter(w => w.metadata.namespace === `karmada-es-${name}`) as unknown as Work[];
  return { clock, hub, server, slicesIn, worksIn, settle: () => clock.advance(20_000) };
}

describe('a MultiClusterService', () => {
  it('takes its Service out of the hands of policies and binds it to providers and consumers', async () => {
    const { hub } = await connected();
    const service = await hub.client.get(services, { namespace: 'shop', name: 'web' });
    expect(service.metadata.labels).toMatchObject({ 'resourcetemplate.karmada.io/claimed-by': 'MultiClusterService' });
    const binding = await hub.client.get(resourceBindings, { namespace: 'shop', name: 'web-service' });
    expect(binding.spec.placement?.clusterAffinity?.clusterNames).toEqual(['m1', 'm2']);
    const mcs = await hub.client.get(multiClusterServices, { namespace: 'shop', name: 'web' });
    expect(mcs.status?.conditions).toMatchObject([{ type: 'ServiceApplied', status: 'True' }]);
  });

  it('brings the slices of providers to the other consumers, under the name of the provider', async () => {
    const { hub, server, slicesIn, settle } = await connected();
    await server('m1').client.create(endpointSlices, slice('web-1', '10.0.0.1'));
    await settle();
    expect(slicesIn('m2')).toEqual(['m1-web-1']);
    expect(slicesIn('m1')).toEqual(['web-1']);
    const mcs = await hub.client.get(multiClusterServices, { namespace: 'shop', name: 'web' });
    expect(mcs.status?.conditions).toContainEqual(expect.objectContaining({ type: 'EndpointSliceDispatched', status: 'True' }));
  });

  it('follows changes and deletions of slices, and never reports what it dispatched', async () => {
    const { server, slicesIn, worksIn, settle } = await connected();
    const created = await server('m1').client.create(endpointSlices, slice('web-1', '10.0.0.1'));
    await settle();
    await server('m1').client.update(endpointSlices, { ...created, endpoints: [{ addresses: ['10.0.0.9'] }] });
    await settle();
    expect(server('m2').all(endpointSlices)).toMatchObject([{ endpoints: [{ addresses: ['10.0.0.9'] }] }]);
    expect(worksIn('m2').filter(w => w.spec.suspendDispatching)).toEqual([]);
    await server('m1').client.delete(endpointSlices, { namespace: 'shop', name: 'web-1' });
    await settle();
    expect(slicesIn('m2')).toEqual([]);
  });

  it('keeps slices in consumers while the provider does not answer', async () => {
    const { clock, server, slicesIn, settle } = await connected();
    await server('m1').client.create(endpointSlices, slice('web-1', '10.0.0.1'));
    await settle();
    server('m1').failing = true;
    await clock.advance(120_000);
    expect(slicesIn('m2')).toEqual(['m1-web-1']);
  });

  it('takes everything but Service and binding back when it goes', async () => {
    const { hub, server, slicesIn, worksIn, settle } = await connected();
    await server('m1').client.create(endpointSlices, slice('web-1', '10.0.0.1'));
    await settle();
    await hub.client.delete(multiClusterServices, { namespace: 'shop', name: 'web' });
    await settle();
    expect(hub.all(multiClusterServices)).toEqual([]);
    expect(slicesIn('m2')).toEqual([]);
    expect([...worksIn('m1'), ...worksIn('m2')].filter(w => w.metadata.name?.startsWith('web'))).toEqual([]);
    const service = await hub.client.get(services, { namespace: 'shop', name: 'web' });
    expect(service.metadata.labels ?? {}).toEqual({});
    expect(hub.all(resourceBindings)).toHaveLength(1);
  });

  it('leaves the slices of providers alone when it goes, though they bear the marks that their Service has from us', async () => {
    const { hub, server, slicesIn, settle } = await connected();
    const own = slice('web-1', '10.0.0.1');
    const marks = { ...own.metadata.labels, 'karmada.io/managed': 'true' };
    const { metadata } = await server('m1').client.create(endpointSlices, { ...own, metadata: { ...own.metadata, labels: marks } });
    await settle();
    expect(slicesIn('m2')).toEqual(['m1-web-1']);
    await hub.client.delete(multiClusterServices, { namespace: 'shop', name: 'web' });
    await settle();
    expect(server('m1').all(endpointSlices)).toMatchObject([{ metadata: { name: 'web-1', uid: metadata.uid } }]);
    expect(slicesIn('m2')).toEqual([]);
  });
});
