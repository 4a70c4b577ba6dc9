import { describe, expect, it } from 'vitest';
import {
  apply,
  deployment,
  eventually,
  hub,
  hubTry,
  madeReady,
  member,
  memberTry,
  namespace,
  object,
  podsRun,
  policy,
  replicas,
} from './environment.ts';

const ns = namespace();
const names = (...clusterNames: string[]): object => ({ clusterAffinity: { clusterNames } });
const divided = (preference: object, ...clusterNames: string[]): object => ({
  ...names(...clusterNames),
  replicaScheduling: { replicaSchedulingType: 'Divided', ...preference },
});
const weights = (...pairs: [string, number][]): object => ({
  replicaDivisionPreference: 'Weighted',
  weightPreference: { staticWeightList: pairs.map(([name, weight]) => ({ targetCluster: { clusterNames: [name] }, weight })) },
});
const runsAs = (name: string, expected: Record<string, number>): Promise<unknown> =>
  eventually(`${name} runs as ${JSON.stringify(expected)}`, async () => {
    const found = await replicas(ns, name);
    expect(found).toEqual(expected);
    return true;
  });

describe('a Deployment and its policy', () => {
  it('runs in full on each member when it is duplicated, and the control plane shows the sum', async () => {
    await apply(deployment(ns, 'web', { replicas: 5 }), policy(ns, 'web', names('member1', 'member2')));
    await runsAs('web', { member1: 5, member2: 5 });
    await madeReady(ns, 'web', 'member1', 'member2');
    await eventually('the summed status', async () => (await object('hub', 'deployment', 'web', '-n', ns))?.status?.readyReplicas === 10);
    const table = await hub('get', 'deployment', 'web', '-n', ns);
    expect(table).toMatch(/NAME +READY +UP-TO-DATE +AVAILABLE +AGE/);
    expect(table).toMatch(/web +10\/5 +10 +10/);
  });

  it('shows bindings and Works in the columns of Karmada, and events in describe', async () => {
    const bindings = await hub('get', 'resourcebindings', '-n', ns);
    expect(bindings).toMatch(/NAME +SCHEDULED +FULLYAPPLIED +AGE/);
    expect(bindings).toMatch(/web-deployment +True +True/);
    const works = await hub('get', 'works', '-n', 'karmada-es-member1');
    expect(works).toMatch(/NAME +WORKLOAD-KIND +APPLIED +AGE/);
    expect(works).toMatch(/web-\w+ +Deployment +True/);
    await eventually('events', async () =>
      /ScheduleBindingSucceed/.test(await hub('describe', 'resourcebinding', 'web-deployment', '-n', ns)),
    );
  });

  it('follows scaling and a new image', async () => {
    await hub('scale', 'deployment', 'web', '-n', ns, '--replicas=3');
    await runsAs('web', { member1: 3, member2: 3 });
    await hub('set', 'image', 'deployment/web', 'main=nginx:1.30', '-n', ns);
    await eventually(
      'the new image',
      async () => (await object('member2', 'deployment', 'web', '-n', ns))?.spec.template.spec.containers[0].image === 'nginx:1.30',
    );
  });

  it('comes back when somebody deletes it in a member', async () => {
    const before = (await object('member1', 'deployment', 'web', '-n', ns))?.metadata.uid;
    await member('member1', 'delete', 'deployment', 'web', '-n', ns);
    await eventually('the deployment is back', async () => {
      const uid = (await object('member1', 'deployment', 'web', '-n', ns))?.metadata.uid;
      return uid !== undefined && uid !== before;
    });
  });

  it('moves when the placement changes', async () => {
    await apply(policy(ns, 'web', names('member2', 'member3')));
    await runsAs('web', { member2: 3, member3: 3 });
  });

  it('is divided by static weights', async () => {
    await apply(
      deployment(ns, 'static', { replicas: 5 }),
      policy(ns, 'static', divided(weights(['member1', 2], ['member2', 3]), 'member1', 'member2')),
    );
    await runsAs('static', { member1: 2, member2: 3 });
  });

  // Capacity is that of nodes.
  it.runIf(podsRun())('is gathered on as few members as capacity allows when aggregated', async () => {
    await apply(
      deployment(ns, 'gathered', { replicas: 4 }),
      policy(ns, 'gathered', divided({ replicaDivisionPreference: 'Aggregated' }, 'member1', 'member2', 'member3')),
    );
    const found = await eventually('gathered runs', async () => {
      const now = await replicas(ns, 'gathered');
      return Object.values(now).reduce((a, b) => a + b, 0) === 4 && now;
    });
    expect(Object.keys(found)).toHaveLength(1);
  });

  it.runIf(podsRun())('is divided by free capacity with dynamic weights', async () => {
    const preference = { replicaDivisionPreference: 'Weighted', weightPreference: { dynamicWeight: 'AvailableReplicas' } };
    await apply(deployment(ns, 'dynamic', { replicas: 6 }), policy(ns, 'dynamic', divided(preference, 'member1', 'member2', 'member3')));
    await eventually('dynamic runs everywhere', async () => {
      const now = await replicas(ns, 'dynamic');
      return Object.values(now).reduce((a, b) => a + b, 0) === 6 && Object.keys(now).length === 3;
    });
  });

  it('gets another image in one member by an OverridePolicy', async () => {
    await apply(deployment(ns, 'overridden'), policy(ns, 'overridden', names('member1', 'member2')), {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'OverridePolicy',
      metadata: { name: 'overridden', namespace: ns },
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'overridden' }],
        overrideRules: [
          {
            targetCluster: { clusterNames: ['member2'] },
            overriders: { imageOverrider: [{ component: 'Registry', operator: 'replace', value: 'registry.example.com' }] },
          },
        ],
      },
    });
    const image = async (m: 'member1' | 'member2'): Promise<string> =>
      (await object(m, 'deployment', 'overridden', '-n', ns))?.spec.template.spec.containers[0].image;
    await eventually('the override', async () => (await image('member2')) === 'registry.example.com/nginx:1.29');
    expect(await image('member1')).toBe('nginx:1.29');
  });

  it('stays where it is when its policy is deleted, and goes when it is deleted itself', async () => {
    await hub('delete', 'propagationpolicy', 'static', '-n', ns);
    await hub('scale', 'deployment', 'static', '-n', ns, '--replicas=9');
    await eventually(
      'the claim is gone',
      async () =>
        !(await object('hub', 'resourcebinding', 'static-deployment', '-n', ns))?.metadata.labels?.[
          'propagationpolicy.karmada.io/permanent-id'
        ],
    );
    expect(await replicas(ns, 'static')).toEqual({ member1: 2, member2: 3 });
    await hub('delete', 'deployment', 'static', '-n', ns);
    await runsAs('static', {});
    await eventually(
      'its binding is gone',
      async () => (await object('hub', 'resourcebinding', 'static-deployment', '-n', ns)) === undefined || undefined,
    );
  });

  it('is refused with the field when the policy is wrong', async () => {
    const wrong = { spreadConstraints: [{ spreadByField: 'cluster', minGroups: 3, maxGroups: 2 }] };
    const done = await hubTry('create', '-f', '-', '--dry-run=server', '-o', 'name').then(() =>
      apply(policy(ns, 'wrong', wrong)).catch((error: Error) => error.message),
    );
    expect(done).toMatch(/maxGroups lower than minGroups is not allowed/);
  });
});

describe('where a Deployment may run', () => {
  it('follows labels, fields and exclusions of clusters', async () => {
    await hub('label', 'cluster', 'member1', 'tier=gold', '--overwrite');
    await hub('label', 'cluster', 'member2', 'tier=gold', '--overwrite');
    await apply(
      deployment(ns, 'labelled'),
      policy(ns, 'labelled', { clusterAffinity: { labelSelector: { matchLabels: { tier: 'gold' } }, exclude: ['member2'] } }),
    );
    await runsAs('labelled', { member1: 1 });
    await hub('patch', 'cluster', 'member3', '--type=merge', '-p', '{"spec":{"region":"north"}}');
    const north = { matchExpressions: [{ key: 'region', operator: 'In', values: ['north'] }] };
    await apply(deployment(ns, 'northern'), policy(ns, 'northern', { clusterAffinity: { fieldSelector: north } }));
    await runsAs('northern', { member3: 1 });
  });

  it('respects taints unless they are tolerated', async () => {
    const taint = (taints: object[]): Promise<string> =>
      hub('patch', 'cluster', 'member3', '--type=merge', '-p', JSON.stringify({ spec: { taints } }));
    await taint([{ key: 'maintenance', value: 'soon', effect: 'NoSchedule' }]);
    try {
      await apply(deployment(ns, 'shy'), policy(ns, 'shy', names('member3')));
      await apply(
        deployment(ns, 'bold'),
        policy(ns, 'bold', { ...names('member3'), clusterTolerations: [{ key: 'maintenance', operator: 'Exists' }] }),
      );
      await runsAs('bold', { member3: 1 });
      const binding = await eventually('a verdict on shy', async () => {
        const found = await object('hub', 'resourcebinding', 'shy-deployment', '-n', ns);
        return found?.status?.conditions?.find((c: { type: string }) => c.type === 'Scheduled');
      });
      expect(binding).toMatchObject({ status: 'False', reason: 'NoClusterFit' });
      expect(binding.message).toContain('cluster(s) had untolerated taint {maintenance=soon:NoSchedule}');
    } finally {
      await taint([]);
    }
    await runsAs('shy', { member3: 1 });
  });

  it('is spread over clusters as asked', async () => {
    const placement = {
      clusterAffinity: { clusterNames: ['member1', 'member2', 'member3'] },
      spreadConstraints: [{ spreadByField: 'cluster', minGroups: 2, maxGroups: 2 }],
    };
    await apply(deployment(ns, 'spread'), policy(ns, 'spread', placement));
    await eventually('spread runs on two', async () => Object.keys(await replicas(ns, 'spread')).length === 2);
    expect((await memberTry('member1', 'get', 'ns', ns)).code).toBe(0);
  });
});
