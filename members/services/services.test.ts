import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getOrUndefined } from '../../kube/index.ts';
import { ENDPOINTS, PODS, type Pod, SERVICES, type Service, SLICES } from '../kinds.ts';
import { made, type SimulatedMember, simulatedMember } from '../simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'web' };
const service = (spec: Record<string, unknown> = {}): Service =>
  made({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: key,
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
  });
const pod = (name: string, port: number, image = 'nginx:1'): Pod =>
  made({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image, ports: [{ name: 'http', containerPort: port }] }] },
  });
const slices = async () => (await m.client.list(SLICES, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' })).items;
const addresses = async (): Promise<number> => (await slices()).flatMap(s => s.endpoints ?? []).length;

describe('a Service', () => {
  it('has the ready pods of its selector as endpoints, by the ports they name', async () => {
    await m.client.create(SERVICES, service());
    for (const p of [pod('a', 8080), pod('b', 8080), pod('c', 9090)]) await m.client.create(PODS, p);
    await m.until('three addresses', async () => (await addresses()) === 3);
    const found = await slices();
    expect(found.map(s => (s.ports as { port: number }[])[0]?.port).sort()).toEqual([8080, 9090]);
    expect(found[0]?.metadata.annotations).toHaveProperty('endpoints.kubernetes.io/last-change-trigger-time');
    const [endpoint] = found.flatMap(s => s.endpoints);
    expect(endpoint).toMatchObject({ conditions: { ready: true, serving: true, terminating: false }, nodeName: 'm-control-plane' });
    await m.until('older clients see them too', async () => (await m.client.get(ENDPOINTS, key)).subsets?.length === 2);
    await m.client.delete(PODS, { namespace: 'default', name: 'c' });
    await m.until('one has gone', async () => (await addresses()) === 2);
  });

  it('counts pods that are not ready apart', async () => {
    await m.client.create(SERVICES, service());
    await m.client.create(PODS, pod('bad', 8080, 'fake/x'));
    await m.pass(5000);
    expect(await addresses()).toBe(0);
  });

  it('gets a cluster address, and one of its own as a LoadBalancer, which it loses again', async () => {
    const first = await m.client.create(SERVICES, service({ type: 'LoadBalancer' }));
    expect(first.spec.clusterIP).toMatch(/^10\.96\./);
    const ingress = async () => (await m.client.get(SERVICES, key)).status?.loadBalancer?.ingress;
    const given = await m.until('an address', async () => (await ingress()) ?? false);
    expect(given).toEqual([{ ip: expect.stringMatching(/^10\.90\./), ipMode: 'VIP' }]);
    await m.client.create(SERVICES, { ...service({ type: 'LoadBalancer' }), metadata: { ...key, name: 'other' } });
    const other = await m.until(
      'another',
      async () => (await m.client.get(SERVICES, { ...key, name: 'other' })).status?.loadBalancer?.ingress ?? false,
    );
    expect(other).not.toEqual(given);
    await m.client.patch(SERVICES, key, { type: 'merge', body: { spec: { type: 'ClusterIP' } } });
    await m.until('it is gone', async () => (await ingress()) === undefined);
  });
});

describe('the Endpoints of a Service', () => {
  it('go when the Service goes', async () => {
    await m.client.create(SERVICES, service());
    const found = () => getOrUndefined(m.client, ENDPOINTS, key);
    await m.until('they are there', found);
    await m.client.delete(SERVICES, key);
    await m.until('they are gone', async () => (await found()) === undefined);
  });

  it('are mirrored as slices where somebody wrote them for a Service without a selector', async () => {
    await m.client.create(SERVICES, service({ selector: undefined }));
    const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];
    const subsets = [{ addresses: [{ ip: '10.1.2.3' }, { ip: 'fd00::1' }], notReadyAddresses: [{ ip: '10.1.2.4' }], ports }];
    await m.client.create(ENDPOINTS, made({ apiVersion: 'v1', kind: 'Endpoints', metadata: key, subsets }));
    const both = await m.until('one slice of each family', async () => {
      const all = await slices();
      return all.length === 2 && all;
    });
    const four = both.find(s => s.addressType === 'IPv4');
    expect(four).toMatchObject({
      metadata: {
        labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' },
        ownerReferences: [{ kind: 'Endpoints', name: 'web' }],
      },
      endpoints: [
        { addresses: ['10.1.2.3'], conditions: { ready: true } },
        { addresses: ['10.1.2.4'], conditions: { ready: false } },
      ],
      ports,
    });
    const body = { subsets: [{ addresses: [{ ip: '10.1.2.9' }], ports }] };
    await m.client.patch(ENDPOINTS, key, { type: 'merge', body });
    const left = await m.until('the other address alone', async () => {
      const all = await slices();
      return all.length === 1 && all[0]?.endpoints.some(e => String(e['addresses']) === '10.1.2.9') && all;
    });
    expect(left[0]?.metadata.name).toBe(four?.metadata.name);
    await m.client.delete(ENDPOINTS, key);
    await m.until('no slice is left', async () => (await slices()).length === 0);
  });
});
