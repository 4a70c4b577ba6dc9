import { afterEach, describe, expect, it } from 'vitest';
import { clusters, works } from '../../crds/index.ts';
import { nativeLayer } from '../../interpreter/index.ts';
import { type AnyObject, eventRecorder, resource, simulatedClock } from '../../kube/index.ts';
import { controllers } from '../manager.ts';
import { MemoryServer } from '../memory-server.ts';

const group = 'rbac.authorization.k8s.io';
const kind = (name: string) => resource({ group, version: 'v1', kind: name, plural: `${name.toLowerCase()}s`, scope: 'Cluster' });
const roles = kind('ClusterRole');
const bindings = kind('ClusterRoleBinding');
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });

let stop: AbortController | undefined;
afterEach(() => stop?.abort(new Error('the test is over')));

const role: AnyObject = {
  apiVersion: `${group}/v1`,
  kind: 'ClusterRole',
  metadata: { name: 'proxy' },
  rules: [{ apiGroups: ['cluster.karmada.io'], resources: ['clusters/proxy'], verbs: ['*'] }],
};
const bindingOf = (...names: readonly string[]): AnyObject => ({
  apiVersion: `${group}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name: 'proxy' },
  subjects: names.map(name => ({ kind: 'User', name })),
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'proxy' },
});

async function plane() {
  const clock = simulatedClock();
  const hub = new MemoryServer(clock, [namespaces, clusters, works, roles, bindings]);
  stop = new AbortController();
  const running = controllers({
    hub: hub.client,
    clock,
    connect: () => hub.client,
    interpreter: nativeLayer(clock),
    recorder: eventRecorder({ client: hub.client, clock, component: 'test' }),
  }).run(stop.signal);
  running.catch(() => undefined);
  await hub.client.create(clusters, {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'm1' },
    spec: { syncMode: 'Push', impersonatorSecretRef: { namespace: 'karmada-cluster', name: 'm1-impersonator' } },
  });
  await hub.client.create(roles, role);
  const bound = await hub.client.create(bindings, bindingOf('alice', 'bob'));
  await clock.advance(20_000);
  const impersonated = async (): Promise<unknown> => {
    const work = await hub.client.get(works, { namespace: 'karmada-es-m1', name: 'karmada-impersonator-7cbb6bd5c9' });
    const [manifest] = (work.spec.workload?.manifests ?? []) as unknown as { rules?: { resourceNames: string[] }[] | null }[];
    return manifest?.rules?.map(rule => rule.resourceNames) ?? null;
  };
  return { hub, bound, impersonated, settle: () => clock.advance(20_000) };
}

describe('who may be impersonated in a member', () => {
  it('are those who may use its proxy', async () => {
    const { impersonated } = await plane();
    expect(await impersonated()).toEqual([['alice', 'bob']]);
  });

  it('follows the subjects of a binding', async () => {
    const { hub, bound, impersonated, settle } = await plane();
    await hub.client.update(bindings, { ...bound, ...bindingOf('bob'), metadata: bound.metadata });
    await settle();
    expect(await impersonated()).toEqual([['bob']]);
  });

  it('is nobody any more when the binding goes', async () => {
    const { hub, impersonated, settle } = await plane();
    await hub.client.delete(bindings, { name: 'proxy' });
    await settle();
    expect(await impersonated()).toBeNull();
  });

  it('is nobody any more when the role goes', async () => {
    const { hub, impersonated, settle } = await plane();
    await hub.client.delete(roles, { name: 'proxy' });
    await settle();
    expect(await impersonated()).toBeNull();
  });
});
