import { afterEach, expect, test } from 'vitest';
import { at, resource } from '../kube/index.ts';
import { ensureFreshObjects } from './fresh-objects.ts';
import { type MemoryServer, memoryServer } from './memory-server.ts';

const CONFIG_MAPS = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const SERVICES = resource({ group: '', version: 'v1', kind: 'Service', plural: 'services', scope: 'Namespaced' });
let plane: MemoryServer | undefined;
afterEach(() => plane?.close());

test('they are made once, and the CA follows a new one without losing what others wrote', async () => {
  plane = await memoryServer();
  const { client } = plane;
  const o = { clientCa: 'first', serviceAddress: '10.96.0.1', port: 5443 };
  await ensureFreshObjects(client, o);
  const service = await client.get(SERVICES, { namespace: 'default', name: 'kubernetes' });
  expect(at(service, 'spec', 'clusterIP')).toBe('10.96.0.1');
  const key = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  const map = await client.get(CONFIG_MAPS, key);
  await client.update(CONFIG_MAPS, { ...map, data: { ...(map['data'] as object), other: 'kept' } });
  await ensureFreshObjects(client, { ...o, clientCa: 'second' });
  expect((await client.get(CONFIG_MAPS, key))['data']).toEqual({ 'client-ca-file': 'second', other: 'kept' });
  expect((await client.get(SERVICES, { namespace: 'default', name: 'kubernetes' })).metadata.resourceVersion).toBe(
    service.metadata.resourceVersion,
  );
});
