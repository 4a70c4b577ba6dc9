import { afterEach, expect, test } from 'vitest';
import { resource } from '../../kube/index.ts';
import { type MemoryServer, memoryServer } from '../memory-server.ts';

const CONTROLLERS = resource({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  scope: 'Namespaced',
});
const key = { namespace: 'default', name: 'a' };
let plane: MemoryServer | undefined;
afterEach(() => plane?.close());

test('an object is refused where it grows beyond what storage takes, in process and by small patches too, and is written on afterwards', async () => {
  plane = await memoryServer();
  const { client } = plane;
  const chunk = 'x'.repeat(900 * 1024);
  const selector = { app: 'a' };
  const template = { metadata: { labels: selector }, spec: { containers: [{ name: 'c', image: 'nginx', args: [chunk] }] } };
  const controller = { apiVersion: 'v1', kind: 'ReplicationController', metadata: key, spec: { replicas: 0, selector, template } };
  await client.create(CONTROLLERS, controller);
  const grow = client.patch(CONTROLLERS, key, {
    type: 'strategic',
    body: { spec: { template: { spec: { containers: [{ name: 'd', image: chunk }] } } } },
  });
  await expect(grow).rejects.toMatchObject({ code: 500, message: 'etcdserver: request is too large' });
  await client.patch(CONTROLLERS, key, { type: 'merge', body: { metadata: { labels: { still: 'written' } } } });
  expect((await client.get(CONTROLLERS, key)).metadata.labels).toMatchObject({ still: 'written' });
});
