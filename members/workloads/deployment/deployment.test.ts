import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getOrUndefined, resource } from '../../../kube/index.ts';
import { DEPLOYMENTS, type Deployment, PODS, REPLICA_SETS } from '../../kinds.ts';
import { controllerOf } from '../../owners.ts';
import { made, type SimulatedMember, simulatedMember, template } from '../../simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'web' };
const deployment = (spec: Record<string, unknown> = {}, image = 'nginx:1'): Deployment =>
  made({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: key,
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: template({ app: 'web' }, { containers: [{ name: 'c', image }] }),
      ...spec,
    },
  });
const read = (): Promise<Deployment> => m.client.get(DEPLOYMENTS, key);
const complete = (generation: number) => async (): Promise<Deployment | false> => {
  const d = await read();
  const { observedGeneration, updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = d.status ?? {};
  const wanted = d.spec.replicas ?? 1;
  return observedGeneration === generation && updatedReplicas === wanted && availableReplicas === wanted && replicas === wanted && d;
};
const condition = (d: Deployment, type: string) => d.status?.conditions?.find(c => c.type === type);
const setImage = (image: string): Promise<Deployment> =>
  m.client.patch(DEPLOYMENTS, key, { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } } });
const pods = async () => (await m.client.list(PODS, { namespace: 'default' })).items;

describe('a Deployment', () => {
  it('makes one ReplicaSet, its pods become ready, and the status says so in the words of Kubernetes', async () => {
    await m.client.create(DEPLOYMENTS, deployment());
    const d = await m.until('all are ready', complete(1));
    const { items } = await m.client.list(REPLICA_SETS, { namespace: 'default' });
    expect(items).toHaveLength(1);
    expect(d.status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3, terminatingReplicas: 0 });
    expect(condition(d, 'Available')).toMatchObject({
      status: 'True',
      reason: 'MinimumReplicasAvailable',
      message: 'Deployment has minimum availability.',
    });
    expect(condition(d, 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${items[0]?.metadata.name}" has successfully progressed.`,
    });
  });

  it('keeps within surge and unavailability while it rolls out', async () => {
    await m.client.create(
      DEPLOYMENTS,
      deployment({ replicas: 4, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }),
    );
    await m.until('all are ready', complete(1));
    await setImage('nginx:2');
    const seen: number[] = [];
    const d = await m.until('the new image is everywhere', async () => {
      const active = (await pods()).filter(p => !p.metadata.deletionTimestamp);
      seen.push(active.length);
      const ready = active.filter(p => p.status?.conditions?.some(c => c.type === 'Ready' && c.status === 'True'));
      expect(ready.length).toBeGreaterThanOrEqual(4);
      return complete(2)();
    });
    expect(Math.max(...seen)).toBe(5);
    expect(d.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
  });

  it('takes all old pods down before new ones with Recreate', async () => {
    await m.client.create(DEPLOYMENTS, deployment({ strategy: { type: 'Recreate' } }));
    await m.until('all are ready', complete(1));
    await setImage('nginx:2');
    await m.until('the new image is everywhere', async () => {
      const images = new Set((await pods()).map(p => p.spec.containers[0]?.image));
      expect(images.size).toBeLessThanOrEqual(1);
      return complete(2)();
    });
  });

  it('gives a template that comes back a new revision, as kubectl rollout undo wants', async () => {
    await m.client.create(DEPLOYMENTS, deployment());
    await m.until('all are ready', complete(1));
    await setImage('nginx:2');
    await m.until('the second template is everywhere', complete(2));
    await setImage('nginx:1');
    const d = await m.until('the first template is back', complete(3));
    expect(d.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
    expect((await m.client.list(REPLICA_SETS, { namespace: 'default' })).items).toHaveLength(2);
  });

  it('remembers no more old ReplicaSets than revisionHistoryLimit says', async () => {
    await m.client.create(DEPLOYMENTS, deployment({ revisionHistoryLimit: 1 }));
    await m.until('all are ready', complete(1));
    for (const [i, image] of ['nginx:2', 'nginx:3'].entries()) {
      await setImage(image);
      await m.until(`${image} is everywhere`, complete(i + 2));
    }
    await m.until('the oldest is gone', async () => (await m.client.list(REPLICA_SETS, { namespace: 'default' })).items.length === 2);
  });

  it('does not roll out while it is paused, but scales', async () => {
    await m.client.create(DEPLOYMENTS, deployment());
    await m.until('all are ready', complete(1));
    await m.client.patch(DEPLOYMENTS, key, { type: 'merge', body: { spec: { paused: true, replicas: 5 } } });
    await setImage('nginx:2');
    const d = await m.until('five are there', async () => {
      const now = await read();
      return now.status?.availableReplicas === 5 && now;
    });
    expect(condition(d, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' });
    expect((await pods()).every(p => p.spec.containers[0]?.image === 'nginx:1')).toBe(true);
  });

  it('keeps the mix of old and new pods when it is scaled half-way', async () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } };
    await m.client.create(DEPLOYMENTS, deployment({ replicas: 8, strategy }));
    await m.until('all are ready', complete(1));
    await setImage('invalid.example/x:1');
    const sizes = async (): Promise<number[]> =>
      (await m.client.list(REPLICA_SETS, { namespace: 'default' })).items.map(s => s.spec.replicas ?? 0).sort((a, b) => a - b);
    await m.until('the new ones are stuck', async () => (await sizes()).join() === '2,8');
    await m.client.patch(DEPLOYMENTS, key, { type: 'merge', body: { spec: { replicas: 18 } } });
    await m.until('both have grown', async () => (await sizes()).join() === '4,16');
  });

  it('says that progress took too long when an image cannot be pulled', async () => {
    await m.client.create(DEPLOYMENTS, deployment({ progressDeadlineSeconds: 20 }, 'invalid.example/x:1'));
    const d = await m.until('the deadline is over', async () => {
      const now = await read();
      return condition(now, 'Progressing')?.reason === 'ProgressDeadlineExceeded' && now;
    });
    expect(condition(d, 'Progressing')?.message).toMatch(/^ReplicaSet "web-.*" has timed out progressing\.$/);
    expect(condition(d, 'Available')).toMatchObject({ status: 'False', reason: 'MinimumReplicasUnavailable' });
    expect((await pods())[0]?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ImagePullBackOff');
  });

  it('says why pods cannot be made, and goes on when they can', async () => {
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace: 'default', name: 'q' }, spec: { hard: { pods: '1' } } };
    const QUOTAS = resource({ group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', scope: 'Namespaced' });
    await m.client.create(QUOTAS, made(quota));
    await m.until('the quota is counted', async () => 'status' in (await m.client.get(QUOTAS, { namespace: 'default', name: 'q' })));
    await m.client.create(DEPLOYMENTS, deployment({ replicas: 2 }));
    const d = await m.until('it is told', async () => {
      const now = await read();
      return condition(now, 'ReplicaFailure') !== undefined && now;
    });
    expect(condition(d, 'ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate' });
    expect(condition(d, 'ReplicaFailure')?.message).toContain('exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1');
    await m.client.delete(QUOTAS, { namespace: 'default', name: 'q' });
    const healed = await m.until('both are ready', complete(1), 120_000);
    expect(condition(healed, 'ReplicaFailure')).toBeUndefined();
  });

  it('takes an orphaned ReplicaSet of its selector in, and its own go with it', async () => {
    await m.client.create(DEPLOYMENTS, deployment());
    await m.until('all are ready', complete(1));
    await m.client.delete(DEPLOYMENTS, key, { propagationPolicy: 'Orphan' });
    await m.until('it is gone', async () => (await getOrUndefined(m.client, DEPLOYMENTS, key)) === undefined);
    await m.until('nobody owns the set', async () =>
      (await m.client.list(REPLICA_SETS, { namespace: 'default' })).items.every(s => controllerOf(s) === undefined),
    );
    await m.client.create(DEPLOYMENTS, deployment());
    await m.until('all are ready', complete(1));
    expect((await m.client.list(REPLICA_SETS, { namespace: 'default' })).items).toHaveLength(1);
    await m.client.delete(DEPLOYMENTS, key, { propagationPolicy: 'Background' });
    await m.until('all pods are gone', async () => (await pods()).length === 0);
  });

  it('has pods by a ReplicaSet with the longest name, too', async () => {
    const name = 'r'.repeat(253);
    const spec = { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: template({ app: 'web' }) };
    await m.client.create(REPLICA_SETS, made({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { ...key, name }, spec }));
    const [pod] = await m.until('there is a pod', async () => (await pods()).length === 1 && pods());
    expect(pod?.metadata.name).toMatch(/^r{58}[a-z0-9]{5}$/);
  });
});
