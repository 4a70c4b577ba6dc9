import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnyObject, at, resource } from '../../kube/index.ts';
import { type MemoryServer, memoryServer, refusal } from '../memory-server.ts';

const namespaced = (kind: string, plural: string) => resource({ group: '', version: 'v1', kind, plural, scope: 'Namespaced' });
const PODS = namespaced('Pod', 'pods');
const RANGES = namespaced('LimitRange', 'limitranges');
const CLAIMS = namespaced('PersistentVolumeClaim', 'persistentvolumeclaims');
const NAMESPACES = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });

let plane: MemoryServer;
let n = 0;
beforeAll(async () => {
  plane = await memoryServer();
});
afterAll(() => plane.close());

async function ranged(...limits: object[]): Promise<string> {
  const namespace = `r${++n}`;
  await plane.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } as AnyObject);
  const range = { apiVersion: 'v1', kind: 'LimitRange', metadata: { namespace, name: 'r' }, spec: { limits } };
  await plane.client.create(RANGES, range as unknown as AnyObject);
  return namespace;
}

const pod = (namespace: string, containers: object[], more: object = {}): Promise<AnyObject> =>
  plane.client.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: 'p' },
    spec: { containers: containers.map((resources, i) => ({ name: `c${i}`, image: 'i', resources })), ...more },
  } as unknown as AnyObject);

test('containers get what the range gives and they do not say, and the pod tells so', async () => {
  const namespace = await ranged({ type: 'Container', default: { cpu: '200m', memory: '1Gi' }, defaultRequest: { cpu: '100m' } });
  const made = await pod(namespace, [{ limits: { cpu: '1' } }], { initContainers: [{ name: 'i', image: 'i' }] });
  expect(at(made, 'spec', 'containers', 0, 'resources')).toEqual({
    limits: { cpu: '1', memory: '1Gi' },
    requests: { cpu: '1', memory: '1Gi' },
  });
  expect(made.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
    'LimitRanger plugin set: memory request for container c0; memory limit for container c0; cpu, memory request for init container i; cpu, memory limit for init container i',
  );
});

test('a container, and a pod as a whole, lie within the range', async () => {
  const namespace = await ranged({ type: 'Container', min: { cpu: '100m' }, max: { cpu: '1' } }, { type: 'Pod', max: { cpu: '1500m' } });
  const of = (cpu: string) => ({ requests: { cpu }, limits: { cpu } });
  expect(await refusal(pod(namespace, [of('50m')]))).toBe(
    'pods "p" is forbidden: minimum cpu usage per Container is 100m, but request is 50m',
  );
  expect(await refusal(pod(namespace, [of('2')]))).toBe(
    'pods "p" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Pod is 1500m, but limit is 2]',
  );
  expect(await refusal(pod(namespace, [of('900m'), of('900m')]))).toBe(
    'pods "p" is forbidden: maximum cpu usage per Pod is 1500m, but limit is 1800m',
  );
  expect(await refusal(pod(namespace, [of('700m'), of('700m')]))).toBeUndefined();
});

test('limits may be only so many times the requests', async () => {
  const namespace = await ranged({ type: 'Container', maxLimitRequestRatio: { memory: '2' } });
  const of = (request: string, limit: string) => [{ requests: { memory: request }, limits: { memory: limit } }];
  expect(await refusal(pod(namespace, of('1Gi', '3Gi')))).toBe(
    'pods "p" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 3.000000',
  );
  expect(await refusal(pod(namespace, [{}]))).toContain('but no request is specified or request is 0');
  expect(await refusal(pod(namespace, of('1Gi', '2Gi')))).toBeUndefined();
});

test('claims are judged by what they request', async () => {
  const namespace = await ranged({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } });
  const claim = (storage: string): Promise<AnyObject> =>
    plane.client.create(CLAIMS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { namespace, name: 'c' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    } as unknown as AnyObject);
  expect(await refusal(claim('9Gi'))).toBe(
    'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 9Gi',
  );
  expect(await refusal(claim('2Gi'))).toBeUndefined();
});
