import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isStatusError } from '../../kube/index.ts';
import { BUDGETS, DEPLOYMENTS, PODS, type Pod, type PodDisruptionBudget } from '../kinds.ts';
import { made, type SimulatedMember, simulatedMember, template } from '../simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'web' };
const budget = (spec: Record<string, unknown>): PodDisruptionBudget =>
  made({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: key,
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
const deploy = (replicas: number) =>
  m.client.create(
    DEPLOYMENTS,
    made({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: key,
      spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template({ app: 'web' }) },
    }),
  );
const allowed = (n: number) => async (): Promise<PodDisruptionBudget | false> => {
  const now = await m.client.get(BUDGETS, key);
  return now.status?.disruptionsAllowed === n && now.status?.['currentHealthy'] !== 0 && now;
};
const pods = async (): Promise<readonly Pod[]> => (await m.client.list(PODS, { namespace: 'default' })).items;
const evict = (pod: Pod | undefined): Promise<unknown> => {
  const { name = '' } = pod?.metadata ?? {};
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
  return m.client.create(PODS, eviction as unknown as Pod, { subresource: 'eviction' });
};

describe('a PodDisruptionBudget', () => {
  it.each([
    [{ minAvailable: 2 }, 4, 2],
    [{ minAvailable: '50%' }, 4, 2],
    [{ maxUnavailable: 1 }, 4, 3],
    [{ maxUnavailable: '25%' }, 4, 3],
  ])('with %j of %i pods wants %i healthy ones', async (spec, replicas, desired) => {
    await deploy(replicas);
    await m.client.create(BUDGETS, budget(spec));
    const now = await m.until('all are healthy', allowed(replicas - desired));
    expect(now.status).toMatchObject({ currentHealthy: replicas, desiredHealthy: desired, expectedPods: replicas, observedGeneration: 1 });
    expect(now.status?.conditions?.[0]).toMatchObject({ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' });
  });

  it('lets as many pods be evicted as it allows, and no more at one moment', async () => {
    await deploy(3);
    await m.client.create(BUDGETS, budget({ maxUnavailable: 1 }));
    await m.until('all are healthy', allowed(1));
    const [first, second] = await pods();
    const results = await Promise.allSettled([evict(first), evict(second)]);
    const refused = results.flatMap(r => (r.status === 'rejected' ? [r.reason as unknown] : []));
    expect(refused).toHaveLength(1);
    expect(isStatusError(refused[0]) && refused[0].toStatus()).toMatchObject({
      code: 429,
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 2 healthy pods and has 3 currently' }] },
    });
    const healed = await m.until('the pod is replaced', allowed(1));
    expect(healed.status?.disruptedPods).toBeUndefined();
    await evict(second);
  });

  it('says why it cannot tell when pods have no controller', async () => {
    await m.client.create(
      PODS,
      made({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...key, labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'nginx:1' }] },
      }),
    );
    await m.client.create(BUDGETS, budget({ maxUnavailable: 1 }));
    await m.until('it has failed', async () => {
      const [condition] = (await m.client.get(BUDGETS, key)).status?.conditions ?? [];
      return condition?.reason === 'SyncFailed' && condition.message === 'found no controllers for pod "web"';
    });
  });
});
