import { afterEach, describe, expect, it } from 'vitest';
import { clusters, serviceExports, serviceImports, type Work, works } from '../../crds/index.ts';
import { nativeLayer } from '../../interpreter/index.ts';
import { type AnyObject, eventRecorder, resource, simulatedClock } from '../../kube/index.ts';
import { endpointSlices, services } from '../endpoint-slices/slices.ts';
import { controllers } from '../manager.ts';
import { preparedManifest } from '../manifest.ts';
import { MemoryServer } from '../memory-server.ts';

const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const nodes = resource({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', scope: 'Cluster' });

let stop: AbortController | undefined;
afterEach(() => stop?.abort(new Error('the test is over')));

const address = { namespace: 'karmada-es-m1', name: 'export' };
const exportWork: Work = {
  apiVersion: 'work.karmada.io/v1alpha1',
  kind: 'Work',
  metadata: { ...address, finalizers: ['karmada.io/execution-controller'] },
  spec: {
    workload: {
      manifests: [
        preparedManifest(
          { apiVersion: 'multicluster.x-k8s.io/v1alpha1', kind: 'ServiceExport', metadata: { namespace: 'shop', name: 'web' } },
          address,
          'u',
        ),
      ],
    },
  },
};

const slice = (name: string, service: string): AnyObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'shop', name, labels: { 'kubernetes.io/service-name': service } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'] }],
  ports: [{ port: 80 }],
});

async function exporting() {
  const clock = simulatedClock();
  const hub = new MemoryServer(clock, [namespaces, services, endpointSlices, clusters, works, serviceImports, serviceExports]);
  const member = new MemoryServer(clock, [namespaces, nodes, endpointSlices, serviceExports]);
  stop = new AbortController();
  controllers({
    hub: hub.client,
    clock,
    connect: () => member.client,
    interpreter: nativeLayer(clock),
    recorder: eventRecorder({ client: hub.client, clock, component: 'test' }),
  })
    .run(stop.signal)
    .catch(() => undefined);
  await hub.client.create(clusters, {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'm1' },
    spec: { syncMode: 'Push' },
  });
  await clock.advance(20_000);
  await hub.client.create(works, exportWork);
  await clock.advance(20_000);
  await member.client.create(endpointSlices, slice('web-1', 'web'));
  await member.client.create(endpointSlices, slice('other-1', 'other'));
  await clock.advance(20_000);
  const imported = (): AnyObject[] => hub.all(endpointSlices);
  return { clock, hub, member, imported, settle: () => clock.advance(20_000) };
}

describe('a ServiceExport', () => {
  it('brings the slices of its Service, and no others, into the control plane', async () => {
    const { imported } = await exporting();
    expect(imported()).toMatchObject([
      {
        metadata: {
          name: 'imported-m1-web-1',
          labels: {
            'kubernetes.io/service-name': 'derived-web',
            'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.karmada.io',
          },
        },
        endpoints: [{ addresses: ['10.0.0.1'] }],
        ports: [{ port: 80 }],
      },
    ]);
  });

  it('loses a slice that the member deleted', async () => {
    const { hub, member, imported, settle } = await exporting();
    await member.client.delete(endpointSlices, { namespace: 'shop', name: 'web-1' });
    await settle();
    expect(imported()).toEqual([]);
    expect(hub.all(works).filter(w => w.metadata.name?.startsWith('web-1'))).toEqual([]);
  });

  it('takes its slices back when it goes', async () => {
    const { hub, imported, settle } = await exporting();
    await hub.client.delete(works, address);
    await settle();
    expect(imported()).toEqual([]);
  });

  it('keeps its slices while the member does not answer', async () => {
    const { clock, member, imported } = await exporting();
    member.failing = true;
    await clock.advance(120_000);
    expect(imported()).toHaveLength(1);
  });
});

describe('a ServiceImport', () => {
  it('stands as a derived Service, and takes it along when it goes', async () => {
    const { hub, settle } = await exporting();
    await hub.client.create(serviceImports, {
      apiVersion: 'multicluster.x-k8s.io/v1alpha1',
      kind: 'ServiceImport',
      metadata: { namespace: 'shop', name: 'web' },
      spec: { type: 'ClusterSetIP', ports: [{ name: 'http', port: 80 }], ips: ['10.9.9.9'] },
    });
    await settle();
    expect(hub.all(services)).toMatchObject([
      {
        metadata: { namespace: 'shop', name: 'derived-web' },
        spec: { type: 'ClusterIP', ports: [{ name: 'http', port: 80 }] },
        status: { loadBalancer: { ingress: [{ ip: '10.9.9.9' }] } },
      },
    ]);
    await hub.client.delete(serviceImports, { namespace: 'shop', name: 'web' });
    await settle();
    expect(hub.all(services)).toEqual([]);
  });
});
