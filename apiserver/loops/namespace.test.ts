import { afterEach, expect, test } from 'vitest';
import { type AnyObject, at, forbidden, getOrUndefined, listOf, type Resource, resource, simulatedClock } from '../../kube/index.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import { type MemoryServer, memoryServer } from '../memory-server.ts';

const CONFIG_MAPS = resource({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
}) as Resource<AnyObject>;
const SECRETS = resource({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' }) as Resource<AnyObject>;
const PODS = resource({ group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' }) as Resource<AnyObject>;
const NAMESPACES = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' }) as Resource<AnyObject>;

let plane: MemoryServer | undefined;
afterEach(() => plane?.close());

/** Refuses to delete what is labelled `protected`. */
const protection: AdmissionPlugin = {
  name: 'Protection',
  validate({ operation, oldObject, resource: r, name }) {
    if (operation === 'DELETE' && at(oldObject, 'metadata', 'labels', 'protected') === 'yes')
      throw forbidden({ group: r.group, plural: r.plural, name }, 'it is protected');
  },
};

const conditionOf = (namespace: AnyObject | undefined, type: string): unknown =>
  listOf(at(namespace, 'status', 'conditions')).find(c => at(c, 'type') === type);

test('a namespace loses its contents after a moment, where an object may not be deleted the rest, says why it stays, and goes once it may', async () => {
  const clock = simulatedClock();
  plane = await memoryServer({ clock, plugins: () => [protection] });
  const { client } = plane;
  const space = { name: 'space' };
  const namespaced = { namespace: 'space', name: 'kept' };
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: space });
  await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...namespaced, labels: { protected: 'yes' } } });
  await client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'space', name: 'other' } });
  await client.delete(NAMESPACES, space);
  await clock.advance(4000);
  expect(await getOrUndefined(client, SECRETS, { namespace: 'space', name: 'other' })).toBeDefined();
  await clock.advance(1000);
  const present = (): Promise<AnyObject | undefined> => getOrUndefined(client, NAMESPACES, space);
  await expect
    .poll(async () => conditionOf(await present(), 'NamespaceDeletionContentFailure'))
    .toMatchObject({
      status: 'True',
      reason: 'ContentDeletionFailed',
      message: expect.stringContaining('1 remaining: configmaps "kept" is forbidden: it is protected') as string,
    });
  expect(await getOrUndefined(client, SECRETS, { namespace: 'space', name: 'other' })).toBeUndefined();

  await client.patch(CONFIG_MAPS, namespaced, { type: 'merge', body: { metadata: { labels: null } } });
  await client.patch(NAMESPACES, space, { type: 'merge', body: { metadata: { labels: { any: 'change' } } } });
  await clock.advance(4000);
  expect(await present()).toBeDefined();
  await clock.advance(2000);
  await expect.poll(present).toBeUndefined();
});

test('keeps everything else until the last pod has gone', async () => {
  const clock = simulatedClock();
  plane = await memoryServer({ clock });
  const { client } = plane;
  const metadata = { namespace: 'space', name: 'one' };
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'space' } });
  const pod = { ...metadata, finalizers: ['example.com/hold'] };
  await client.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: pod, spec: { containers: [{ name: 'c', image: 'x' }] } });
  await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  await client.delete(NAMESPACES, { name: 'space' });
  await clock.advance(6000);
  await expect.poll(async () => (await client.get(PODS, metadata)).metadata.deletionTimestamp).toBeDefined();
  expect(await getOrUndefined(client, CONFIG_MAPS, metadata)).toBeDefined();
  await client.patch(PODS, metadata, { type: 'merge', body: { metadata: { finalizers: null } } });
  await clock.advance(2000);
  await expect.poll(() => getOrUndefined(client, NAMESPACES, { name: 'space' })).toBeUndefined();
});
