import { afterEach, expect, test } from 'vitest';
import { at, resource } from '../kube/index.ts';
import { type MemoryServer, memoryServer } from './memory-server.ts';
import { ensureOwnNetwork } from './own-network.ts';

const KEY = { namespace: 'default', name: 'kubernetes' };
const RANGES = resource({ group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', plural: 'servicecidrs', scope: 'Cluster' });
const ENDPOINTS = resource({ group: '', version: 'v1', kind: 'Endpoints', plural: 'endpoints', scope: 'Namespaced' });
const SLICES = resource({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
});
let plane: MemoryServer | undefined;
afterEach(() => plane?.close());

test('the range of Services is Ready, and the address behind the Service follows the server', async () => {
  plane = await memoryServer();
  const { client } = plane;
  const o = { serviceRange: '10.96.0.0/12', address: '192.0.2.1', port: 5443, now: 0 };
  await ensureOwnNetwork(client, o);
  const range = await client.get(RANGES, { name: 'kubernetes' });
  expect([at(range, 'spec', 'cidrs'), at(range, 'status', 'conditions')]).toMatchObject([
    ['10.96.0.0/12'],
    [{ type: 'Ready', status: 'True' }],
  ]);
  const before = await client.get(SLICES, KEY);
  await ensureOwnNetwork(client, o);
  expect((await client.get(SLICES, KEY)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  await ensureOwnNetwork(client, { ...o, address: '192.0.2.2', port: 6443 });
  expect((await client.get(SLICES, KEY))['endpoints']).toEqual([{ addresses: ['192.0.2.2'], conditions: { ready: true } }]);
  expect((await client.get(ENDPOINTS, KEY))['subsets']).toEqual([
    { addresses: [{ ip: '192.0.2.2' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] },
  ]);
});

test('a server that others cannot reach tells no address', async () => {
  plane = await memoryServer();
  await ensureOwnNetwork(plane.client, { serviceRange: '10.96.0.0/12', port: 5443, now: 0 });
  expect((await plane.client.list(ENDPOINTS)).items).toEqual([]);
});
