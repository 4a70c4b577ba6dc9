import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getOrUndefined } from '../../../kube/index.ts';
import { CLAIMS, PODS, type Pod, REVISIONS, STATEFUL_SETS, type StatefulSet } from '../../kinds.ts';
import { made, type SimulatedMember, simulatedMember, template } from '../../simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'db' };
const statefulSet = (spec: Record<string, unknown> = {}): StatefulSet =>
  made({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: key,
    spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template({ app: 'db' }), ...spec },
  });
const read = (): Promise<StatefulSet> => m.client.get(STATEFUL_SETS, key);
const pods = async (): Promise<readonly Pod[]> => (await m.client.list(PODS, { namespace: 'default' })).items;
const names = async (): Promise<string[]> => (await pods()).map(p => p.metadata.name ?? '').sort();
const claims = async (): Promise<string[]> =>
  (await m.client.list(CLAIMS, { namespace: 'default' })).items.map(x => x.metadata.name ?? '').sort();
const images = async (): Promise<Record<string, string | undefined>> =>
  Object.fromEntries((await pods()).map(p => [p.metadata.name, p.spec.containers[0]?.image]));
const merge = (body: unknown): Promise<StatefulSet> => m.client.patch(STATEFUL_SETS, key, { type: 'merge', body });
const setImage = (image: string): Promise<StatefulSet> =>
  m.client.patch(STATEFUL_SETS, key, { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } } });
const ready = (n: number) => async (): Promise<StatefulSet | false> => {
  const set = await read();
  return (
    set.status?.['readyReplicas'] === n &&
    set.status['replicas'] === n &&
    set.status['observedGeneration'] === set.metadata.generation &&
    set
  );
};
const isReady = (p: Pod): boolean => p.status?.conditions?.some(c => c.type === 'Ready' && c.status === 'True') === true;
const arrived = async (): Promise<StatefulSet | false> => {
  const set = await read();
  const s = set.status ?? {};
  return (
    s['observedGeneration'] === set.metadata.generation &&
    s.currentRevision === s.updateRevision &&
    s['updatedReplicas'] === set.spec.replicas &&
    set
  );
};

describe('a StatefulSet', () => {
  it('makes its pods one after the other, each when the one before is ready', async () => {
    await m.client.create(STATEFUL_SETS, statefulSet());
    const set = await m.until('all are ready', async () => {
      const all = [...(await pods())].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
      expect(all.slice(0, -1).every(isReady)).toBe(true);
      return ready(3)();
    });
    expect(await names()).toEqual(['db-0', 'db-1', 'db-2']);
    expect(set.status).toMatchObject({ replicas: 3, availableReplicas: 3, currentReplicas: 3, updatedReplicas: 3, collisionCount: 0 });
    const first = (await pods()).find(p => p.metadata.name === 'db-0');
    expect(first?.metadata.labels).toMatchObject({
      'statefulset.kubernetes.io/pod-name': 'db-0',
      'apps.kubernetes.io/pod-index': '0',
      'controller-revision-hash': set.status?.updateRevision,
    });
    expect(first?.spec).toMatchObject({ hostname: 'db-0', subdomain: 'db' });
  });

  it('makes all at once with Parallel', async () => {
    await m.client.create(STATEFUL_SETS, statefulSet({ podManagementPolicy: 'Parallel' }));
    await m.until('three are there', async () => (await names()).length === 3, 300);
    expect((await pods()).some(isReady)).toBe(false);
  });

  it('takes the highest numbers away first, one at a time', async () => {
    await m.client.create(STATEFUL_SETS, statefulSet());
    await m.until('all are ready', ready(3));
    await merge({ spec: { replicas: 1 } });
    await m.until('one is left', async () => {
      const going = (await pods()).filter(p => p.metadata.deletionTimestamp);
      expect(going.length).toBeLessThanOrEqual(1);
      return ready(1)();
    });
    expect(await names()).toEqual(['db-0']);
  });

  it('replaces old revisions from the highest number down to the partition', async () => {
    await m.client.create(STATEFUL_SETS, statefulSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }));
    const before = await m.until('all are ready', ready(3));
    await setImage('nginx:2');
    await m.until('two are new', async () => {
      const now = await images();
      if (now['db-1'] === 'nginx:2') expect(now['db-2']).toBe('nginx:2');
      return now['db-1'] === 'nginx:2' && now['db-2'] === 'nginx:2' && ready(3)();
    });
    const set = await read();
    expect((await images())['db-0']).toBe('nginx:1');
    expect(set.status).toMatchObject({ currentReplicas: 1, updatedReplicas: 2, currentRevision: before.status?.currentRevision });
    expect(set.status?.updateRevision).not.toBe(set.status?.currentRevision);
    const first = (await pods()).find(p => p.metadata.name === 'db-0');
    await m.client.delete(PODS, { namespace: 'default', name: 'db-0' });
    await m.until('the first is there again, as it was', async () => {
      const again = (await pods()).find(p => p.metadata.name === 'db-0');
      return again !== undefined && again.metadata.uid !== first?.metadata.uid && again.spec.containers[0]?.image === 'nginx:1';
    });
    await merge({ spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    await m.until('all are new', arrived);
  });

  it('leaves pods alone with OnDelete until somebody deletes them', async () => {
    await m.client.create(STATEFUL_SETS, statefulSet({ updateStrategy: { type: 'OnDelete' } }));
    await m.until('all are ready', ready(3));
    await setImage('nginx:2');
    await m.pass(10_000);
    expect(Object.values(await images())).toEqual(['nginx:1', 'nginx:1', 'nginx:1']);
    await m.client.delete(PODS, { namespace: 'default', name: 'db-1' });
    await m.until('that one is new', async () => (await images())['db-1'] === 'nginx:2');
  });

  it('keeps its templates as revisions, no more than it remembers', async () => {
    await m.client.create(STATEFUL_SETS, statefulSet({ replicas: 1, revisionHistoryLimit: 1 }));
    await m.until('it is ready', ready(1));
    for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
      await setImage(image);
      await m.until(`${image} is there`, arrived);
    }
    const revisions = (await m.client.list(REVISIONS, { namespace: 'default' })).items;
    expect(revisions.map(r => r.revision).sort()).toEqual([3, 4]);
  });

  it('gives each pod claims of its own, and keeps or deletes them as the retention policy says', async () => {
    const volumeClaimTemplates = [
      { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    ];
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete', whenScaled: 'Delete' };
    await m.client.create(STATEFUL_SETS, statefulSet({ replicas: 2, volumeClaimTemplates, persistentVolumeClaimRetentionPolicy }));
    await m.until('all are ready', ready(2));
    expect(await claims()).toEqual(['data-db-0', 'data-db-1']);
    expect((await pods())[0]?.spec.volumes?.[0]).toEqual({ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } });
    await merge({ spec: { replicas: 1 } });
    await m.until('the second claim is gone', async () => (await claims()).join() === 'data-db-0');
    await m.client.delete(STATEFUL_SETS, key, { propagationPolicy: 'Background' });
    await m.until('all is gone', async () => (await claims()).length === 0 && (await names()).length === 0);
    expect(await getOrUndefined(m.client, STATEFUL_SETS, key)).toBeUndefined();
  });
});
