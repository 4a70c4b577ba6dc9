import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getOrUndefined } from '../../kube/index.ts';
import { CLAIMS, type PersistentVolume, type PersistentVolumeClaim, PODS, type Pod, STORAGE_CLASSES, VOLUMES } from '../kinds.ts';
import { made, type SimulatedMember, simulatedMember } from '../simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'data' };
const claim = (spec: Record<string, unknown> = {}): PersistentVolumeClaim =>
  made({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: key,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
const volume = (name: string, storage: string, spec: Record<string, unknown> = {}): PersistentVolume =>
  made({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, ...spec },
  });
const user: Pod = made({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name: 'user' },
  spec: { containers: [{ name: 'c', image: 'nginx:1' }], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] },
});
const read = (): Promise<PersistentVolumeClaim> => m.client.get(CLAIMS, key);
const bound = async (): Promise<PersistentVolumeClaim | false> => {
  const now = await read();
  return now.status?.phase === 'Bound' && now;
};

describe('a claim', () => {
  it('is bound to a volume that its default class makes, and the volume goes with it', async () => {
    await m.client.create(CLAIMS, claim());
    const now = await m.until('it is bound', bound);
    expect(now.spec.storageClassName).toBe('standard');
    expect(now.status).toMatchObject({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } });
    const made = await m.until('the volume is bound', async () => {
      const v = await m.client.get(VOLUMES, { name: now.spec.volumeName ?? '' });
      return v.status?.phase === 'Bound' && v;
    });
    expect(made.spec.claimRef).toMatchObject({ namespace: 'default', name: 'data', uid: now.metadata.uid });
    await m.client.delete(CLAIMS, key);
    await m.until(
      'both are gone',
      async () => (await m.client.list(VOLUMES)).items.length === 0 && !(await getOrUndefined(m.client, CLAIMS, key)),
    );
  });

  it('stays while a pod uses it', async () => {
    await m.client.create(CLAIMS, claim());
    await m.client.create(PODS, user);
    await m.until(
      'the pod runs',
      async () => (await m.client.get(PODS, { namespace: 'default', name: 'user' })).status?.phase === 'Running',
    );
    await m.client.delete(CLAIMS, key);
    await m.pass(10_000);
    expect((await read()).metadata.finalizers).toContain('kubernetes.io/pvc-protection');
    await m.client.delete(PODS, { namespace: 'default', name: 'user' });
    await m.until('it is gone', async () => !(await getOrUndefined(m.client, CLAIMS, key)));
  });

  it('waits for its first pod where the class says so', async () => {
    await m.client.create(
      STORAGE_CLASSES,
      made({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'late' },
        provisioner: 'x/y',
        volumeBindingMode: 'WaitForFirstConsumer',
      }),
    );
    await m.client.create(CLAIMS, claim({ storageClassName: 'late' }));
    await m.pass(5000);
    expect((await read()).status?.phase).toBe('Pending');
    await m.client.create(PODS, user);
    const now = await m.until('it is bound', bound);
    expect(now.metadata.annotations?.['volume.kubernetes.io/selected-node']).toBe('m-control-plane');
  });

  it('takes the smallest volume that is there and fits, and leaves it behind when the volume is retained', async () => {
    for (const v of [volume('small', '512Mi'), volume('big', '10Gi'), volume('right', '2Gi')]) await m.client.create(VOLUMES, v);
    await m.client.create(CLAIMS, claim({ storageClassName: '' }));
    const now = await m.until('it is bound', bound);
    expect(now.spec.volumeName).toBe('right');
    expect(now.status?.capacity).toEqual({ storage: '2Gi' });
    await m.until('the others are free', async () => (await m.client.get(VOLUMES, { name: 'small' })).status?.phase === 'Available');
    await m.client.delete(CLAIMS, key);
    await m.until('the volume is released', async () => (await m.client.get(VOLUMES, { name: 'right' })).status?.phase === 'Released');
  });

  it('waits for a volume that comes later', async () => {
    await m.client.create(CLAIMS, claim({ storageClassName: '' }));
    await m.pass(2000);
    expect((await read()).status?.phase).toBe('Pending');
    await m.client.create(VOLUMES, volume('late', '1Gi'));
    await m.until('it is bound', bound);
  });
});
