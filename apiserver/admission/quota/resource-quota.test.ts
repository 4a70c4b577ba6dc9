import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyObject, at, type Client, resource, runAll } from '../../../kube/index.ts';
import { resourceQuotaLoop } from '../../loops/index.ts';
import { type MemoryServer, memoryServer, refusal } from '../../memory-server.ts';
import { QUOTAS } from './resource-quota.ts';

const namespaced = (kind: string, plural: string) => resource({ group: '', version: 'v1', kind, plural, scope: 'Namespaced' });
const CONFIG_MAPS = namespaced('ConfigMap', 'configmaps');
const PODS = namespaced('Pod', 'pods');
const SERVICES = namespaced('Service', 'services');
const CLAIMS = namespaced('PersistentVolumeClaim', 'persistentvolumeclaims');
const NAMESPACES = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });

let plane: MemoryServer;
let client: Client;
const stop = new AbortController();
let loop: Promise<void>;
let n = 0;

beforeAll(async () => {
  plane = await memoryServer();
  client = plane.client;
  loop = runAll([resourceQuotaLoop({ core: plane.server.core })], stop.signal);
});
afterAll(async () => {
  stop.abort();
  await loop;
  await plane.close();
});

/** A namespace with a quota that has been counted. */
async function limited(hard: Record<string, string>, spec: object = {}): Promise<string> {
  const namespace = `q${++n}`;
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } as AnyObject);
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace, name: 'q' }, spec: { hard, ...spec } };
  await client.create(QUOTAS, quota as unknown as AnyObject);
  await expect.poll(() => used(namespace)).toBeDefined();
  return namespace;
}

const used = async (namespace: string): Promise<unknown> => at(await client.get(QUOTAS, { namespace, name: 'q' }), 'status', 'used');

const configMap = (namespace: string, name: string, o: { dryRun?: true } = {}): Promise<AnyObject> =>
  client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } } as AnyObject, o);

const pod = (namespace: string, name: string, resources: object, spec: object = {}): Promise<AnyObject> =>
  client.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec },
  } as unknown as AnyObject);

describe('object counts', () => {
  test('what fits is taken and counted, what does not is refused with usage and limit, a deletion makes room', async () => {
    const namespace = await limited({ configmaps: '2', 'count/configmaps': '2' });
    await configMap(namespace, 'a');
    await configMap(namespace, 'b');
    expect(await used(namespace)).toEqual({ configmaps: '2', 'count/configmaps': '2' });
    expect(await refusal(configMap(namespace, 'c'))).toBe(
      'configmaps "c" is forbidden: exceeded quota: q, requested: configmaps=1,count/configmaps=1, used: configmaps=2,count/configmaps=2, limited: configmaps=2,count/configmaps=2',
    );
    await client.delete(CONFIG_MAPS, { namespace, name: 'a' });
    await expect.poll(() => used(namespace)).toEqual({ configmaps: '1', 'count/configmaps': '1' });
    expect(await refusal(configMap(namespace, 'c'))).toBeUndefined();
  });

  test('of many at once exactly as many get in as the quota allows', async () => {
    const namespace = await limited({ configmaps: '7' });
    const done = await Promise.all(Array.from({ length: 30 }, (_, i) => refusal(configMap(namespace, `c${i}`))));
    expect(done.filter(text => text === undefined)).toHaveLength(7);
    expect((await client.list(CONFIG_MAPS, { namespace })).items).toHaveLength(7);
    expect(await used(namespace)).toEqual({ configmaps: '7' });
  });

  test('a dry run is judged and not counted', async () => {
    const namespace = await limited({ configmaps: '1' });
    await configMap(namespace, 'a', { dryRun: true });
    expect(await used(namespace)).toEqual({ configmaps: '0' });
    await configMap(namespace, 'a');
    expect(await refusal(configMap(namespace, 'b', { dryRun: true }))).toContain('exceeded quota');
  });

  test('a quota that nobody has counted limits nothing; one that is half counted refuses', async () => {
    const lonely = await memoryServer();
    try {
      const quota = {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { namespace: 'default', name: 'q' },
        spec: { hard: { configmaps: '0' } },
      };
      const stored = await lonely.client.create(QUOTAS, quota as unknown as AnyObject);
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'a' } } as AnyObject;
      expect(await refusal(lonely.client.create(CONFIG_MAPS, map))).toBeUndefined();
      await lonely.client.update(QUOTAS, { ...stored, status: { hard: { configmaps: '5' } } }, { subresource: 'status' });
      const other = { ...map, metadata: { namespace: 'default', name: 'b' } };
      expect(await refusal(lonely.client.create(CONFIG_MAPS, other))).toBe(
        'configmaps "b" is forbidden: status unknown for quota: q, resources: configmaps',
      );
    } finally {
      await lonely.close();
    }
  });
});

describe('pods', () => {
  test('compute resources are summed over containers, and those that a quota must know are demanded', async () => {
    const namespace = await limited({ 'requests.cpu': '1', 'limits.memory': '1Gi', 'requests.example.com/gpu': '1', pods: '5' });
    const gpu = { requests: { cpu: '600m', 'example.com/gpu': '1' }, limits: { memory: '512Mi', 'example.com/gpu': '1' } };
    expect(await refusal(pod(namespace, 'a', gpu))).toBeUndefined();
    expect(await used(namespace)).toEqual({ 'requests.cpu': '600m', 'limits.memory': '512Mi', 'requests.example.com/gpu': '1', pods: '1' });
    expect(await refusal(pod(namespace, 'b', {}))).toBe(
      'pods "b" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
    );
    expect(await refusal(pod(namespace, 'b', gpu))).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m,requests.example.com/gpu=1, used: requests.cpu=600m,requests.example.com/gpu=1, limited: requests.cpu=1,requests.example.com/gpu=1',
    );
  });

  test('init containers count by their peak, overhead on top, and a pod that has ended only as an object', async () => {
    const namespace = await limited({ 'requests.cpu': '10', pods: '3', 'count/pods': '3' });
    const init = [{ name: 'i', image: 'i', resources: { requests: { cpu: '3' } } }];
    const done = await pod(namespace, 'a', { requests: { cpu: '1' } }, { initContainers: init });
    expect(await used(namespace)).toEqual({ 'requests.cpu': '3', pods: '1', 'count/pods': '1' });
    await client.update(PODS, { ...done, status: { phase: 'Succeeded' } } as AnyObject, { subresource: 'status' });
    await expect.poll(() => used(namespace)).toEqual({ 'requests.cpu': '0', pods: '0', 'count/pods': '1' });
  });

  test('a quota with scopes is about the pods in all of them only', async () => {
    const best = await limited({ pods: '0' }, { scopes: ['BestEffort'] });
    expect(await refusal(pod(best, 'a', { requests: { cpu: '1' } }))).toBeUndefined();
    expect(await refusal(pod(best, 'b', {}))).toContain('exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0');
    const ending = await limited({ pods: '0' }, { scopes: ['Terminating'] });
    expect(await refusal(pod(ending, 'a', {}))).toBeUndefined();
    expect(await refusal(pod(ending, 'b', {}, { activeDeadlineSeconds: 5 }))).toContain('exceeded quota');
    const selector = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical'] }] };
    const high = await limited({ pods: '0' }, { scopeSelector: selector });
    expect(await refusal(pod(high, 'a', {}))).toBeUndefined();
  });
});

test('services count their node ports and load balancers as intended, and an update by what it adds', async () => {
  const namespace = await limited({ services: '5', 'services.nodeports': '3', 'services.loadbalancers': '1' });
  const service = (name: string, spec: object): Promise<AnyObject> =>
    client.create(SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name },
      spec: { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ...spec },
    } as unknown as AnyObject);
  const ports = (...list: number[]) => list.map(port => ({ name: `p${port}`, port }));
  await service('plain', { ports: ports(1, 2) });
  const balanced = await service('lb', { type: 'LoadBalancer', ports: ports(1, 2) });
  expect(await used(namespace)).toEqual({ services: '2', 'services.nodeports': '2', 'services.loadbalancers': '1' });
  const more = (...list: number[]): Promise<AnyObject> =>
    client.update(SERVICES, { ...balanced, spec: { ...(balanced['spec'] as object), ports: ports(...list) } } as AnyObject);
  expect(await refusal(more(1, 2, 3, 4))).toContain(
    'exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=2, limited: services.nodeports=3',
  );
  await more(1, 2, 3);
  await expect.poll(() => used(namespace)).toEqual({ services: '2', 'services.nodeports': '3', 'services.loadbalancers': '1' });
});

test('claims count their storage in all and by class', async () => {
  const gold = 'gold.storageclass.storage.k8s.io';
  const namespace = await limited({
    'requests.storage': '10Gi',
    [`${gold}/requests.storage`]: '3Gi',
    [`${gold}/persistentvolumeclaims`]: '5',
  });
  const claim = (name: string, storage: string, storageClassName: string): Promise<AnyObject> =>
    client.create(CLAIMS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { namespace, name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName },
    } as unknown as AnyObject);
  await claim('a', '2Gi', 'gold');
  await claim('b', '7Gi', 'slow');
  expect(await used(namespace)).toEqual({
    'requests.storage': '9Gi',
    [`${gold}/requests.storage`]: '2Gi',
    [`${gold}/persistentvolumeclaims`]: '1',
  });
  expect(await refusal(claim('c', '2Gi', 'gold'))).toContain(
    `exceeded quota: q, requested: ${gold}/requests.storage=2Gi,requests.storage=2Gi`,
  );
});
