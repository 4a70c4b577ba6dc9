import { describe, expect, it } from 'vitest';
import { type AnyObject, resource, simulatedClock } from '../kube/index.ts';
import { AnotherClusterError, MemberIdentity } from './member-identity.ts';
import { Members } from './members.ts';
import { MemoryServer } from './memory-server.ts';

const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const key = { namespace: 'shop', name: 'a' };
const configMap: AnyObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key };

async function server() {
  const clock = simulatedClock();
  const member = new MemoryServer(clock, [configMaps, namespaces]);
  const made = await member.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } });
  return { clock, member, uid: made.metadata.uid ?? '' };
}

describe('the identity of a member', () => {
  it('is confirmed where the member shows the id of its Cluster, and where either has none', async () => {
    const { clock, member, uid } = await server();
    const identity = (id: string | undefined) =>
      new MemberIdentity({ cluster: 'm1', endpoint: 'https://m1', id, client: member.client, clock });
    await expect(identity(uid).confirm()).resolves.toBeUndefined();
    await expect(identity(undefined).confirm()).resolves.toBeUndefined();
    await expect(identity('other').confirm()).rejects.toThrow(AnotherClusterError);
    await member.client.delete(namespaces, { name: 'kube-system' });
    await expect(identity('other').confirm()).resolves.toBeUndefined();
  });

  it('is asked again after a second', async () => {
    const { clock, member, uid } = await server();
    const identity = new MemberIdentity({ cluster: 'm1', endpoint: 'https://m1', id: uid, client: member.client, clock });
    await identity.confirm();
    await member.client.delete(namespaces, { name: 'kube-system' });
    await member.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } });
    await expect(identity.confirm()).resolves.toBeUndefined();
    await clock.advance(1_000);
    await expect(identity.confirm()).rejects.toThrow('another cluster answers at https://m1');
  });

  it('stands before every write and delete', async () => {
    const { clock, member } = await server();
    const members = new Members({
      serves: () => true,
      secretOf: () => undefined,
      clock,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      connect: () => member.client,
      signal: new AbortController().signal,
    });
    const cluster = {
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'm1' },
      spec: { syncMode: 'Push' as const, id: 'other' },
    };
    await member.client.create(configMaps, configMap);
    const { client } = members.require(cluster);
    await expect(client.create(configMaps, { ...configMap, metadata: { ...key, name: 'b' } })).rejects.toThrow(AnotherClusterError);
    await expect(client.update(configMaps, configMap)).rejects.toThrow(AnotherClusterError);
    await expect(client.patch(configMaps, key, { type: 'merge', body: {} })).rejects.toThrow(AnotherClusterError);
    await expect(client.delete(configMaps, key)).rejects.toThrow(AnotherClusterError);
    expect(member.all(configMaps)).toHaveLength(1);
  });
});
