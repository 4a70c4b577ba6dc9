import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUDGETS, PODS, type Pod, REPLICATION_CONTROLLERS, type ReplicationController } from '../kinds.ts';
import { made, type SimulatedMember, simulatedMember, template } from '../simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'web' };
const webOf = (replicas: number): ReplicationController =>
  made({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: key,
    spec: { replicas, selector: { app: 'web' }, template: template({ app: 'web' }) },
  });
const pods = async (): Promise<readonly Pod[]> => (await m.client.list(PODS, { namespace: 'default' })).items;
const ready = (n: number) => async () => {
  const { status } = await m.client.get(REPLICATION_CONTROLLERS, key);
  return status?.availableReplicas === n && status.replicas === n && status;
};

describe('a ReplicationController', () => {
  it('keeps as many pods as it says, whose controller it is, and counts them', async () => {
    await m.client.create(REPLICATION_CONTROLLERS, webOf(3));
    const status = await m.until('three are available', ready(3));
    expect(status).toEqual({ replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 1 });
    const owner = (await pods())[0]?.metadata.ownerReferences?.[0];
    expect(owner).toMatchObject({ apiVersion: 'v1', kind: 'ReplicationController', name: 'web', controller: true });
    await m.client.patch(REPLICATION_CONTROLLERS, key, { type: 'merge', body: { spec: { replicas: 1 } } });
    await m.until('one is left', ready(1));
    await m.until('the others are gone', async () => (await pods()).length === 1);
  });

  it('takes in a pod that its selector matches, and lets go one whose label changed', async () => {
    const alone = made<Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'default', name: 'alone', labels: { app: 'web' } },
      spec: template({}).spec,
    });
    await m.client.create(PODS, alone);
    await m.client.create(REPLICATION_CONTROLLERS, webOf(1));
    await m.until('it is available', ready(1));
    expect((await pods()).map(p => [p.metadata.name, p.metadata.ownerReferences?.[0]?.name])).toEqual([['alone', 'web']]);
    const body = { metadata: { labels: { app: 'other' } } };
    await m.client.patch(PODS, { namespace: 'default', name: 'alone' }, { type: 'merge', body });
    await m.until('another pod is made', async () => (await pods()).length === 2);
    expect((await pods()).find(p => p.metadata.name === 'alone')?.metadata.ownerReferences ?? []).toEqual([]);
  });

  it('counts for the share that a disruption budget keeps', async () => {
    await m.client.create(REPLICATION_CONTROLLERS, webOf(4));
    await m.client.create(
      BUDGETS,
      made({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: key,
        spec: { minAvailable: '50%', selector: { matchLabels: { app: 'web' } } },
      }),
    );
    await m.until('two may go', async () => (await m.client.get(BUDGETS, key)).status?.disruptionsAllowed === 2);
  });
});
