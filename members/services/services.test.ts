import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
