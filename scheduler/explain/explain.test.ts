import { describe, expect, it } from 'vitest';
import { type Estimator, generalEstimator } from '../../estimator/index.ts';
import { simulatedClock } from '../../kube/index.ts';
import { Decider } from '../decider.ts';
import { gates } from '../gates.ts';
import { APPLIED_PLACEMENT, placementText } from '../placement.ts';
import { ownPlugins } from '../plugins/index.ts';
import { snapshotOf } from '../snapshot.ts';
import type { Binding, Cluster, ClusterAffinity, Placement, TargetCluster } from '../types.ts';
import { type Explanation, explanation } from './document.ts';
import { bytesOf } from './record.ts';
import { DecisionRecords } from './records.ts';
import { remedyOf } from './remedy.ts';
import { explanationText } from './text.ts';

const on = gates();
const signal = new AbortController().signal;
const aggregated: Placement = { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' } };
const silent: Estimator = {
  name: 'broken',
  maxReplicas: () => Promise.reject(new Error('no connection')),
  maxComponentSets: () => Promise.reject(new Error('no connection')),
};

function cluster(name: string, cpu: string, more: Partial<Cluster> = {}): Cluster {
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name, resourceVersion: '7', ...more.metadata },
    spec: more.spec ?? {},
    status: {
      apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }],
      resourceSummary: { allocatable: { cpu, memory: '64Gi', pods: '110' } },
    },
  };
}

function binding(replicas: number, o: { placement?: Placement; clusters?: readonly TargetCluster[] } = {}): Binding {
  const placement = o.placement ?? aggregated;
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: {
      namespace: 'ns',
      name: 'web-deployment',
      generation: 1,
      resourceVersion: '9',
      annotations: { [APPLIED_PLACEMENT]: placementText(placement) },
    },
    spec: {
      resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ns', name: 'web' },
      replicas,
      replicaRequirements: { resourceRequest: { cpu: '1', memory: '1Gi' } },
      placement,
      ...(o.clusters ? { clusters: o.clusters } : {}),
    },
  };
}

const deciderOver = (clusters: readonly Cluster[], estimators: readonly Estimator[] = []) =>
  new Decider({
    clock: simulatedClock({ start: 60_000 }),
    cycle: () => ({
      gates: on,
      plugins: ownPlugins(on),
      estimators: [generalEstimator({ models: true, subtractAssumed: false }), ...estimators],
    }),
    snapshot: () => snapshotOf(clusters, { revision: '12', seenAtMs: 55_000 }),
    peers: () => undefined,
    assumed: () => undefined,
  });

async function explained(b: Binding, clusters: readonly Cluster[], estimators: readonly Estimator[] = []): Promise<Explanation> {
  const recorded = await deciderOver(clusters, estimators).decide(b, signal);
  return explanation(recorded, { binding: b, source: 'Recorded', cluster: name => clusters.find(c => c.metadata.name === name) });
}

const remedies = (e: Explanation): Record<string, string | undefined> =>
  Object.fromEntries((e.attempts[0]?.clusters ?? []).flatMap(c => (c.remedy ? [[c.name, c.remedy]] : [])));

const TAINTED = { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } };

describe('an explanation', () => {
  it('holds every cluster, the filter that refused it, scores, estimates with their age, and the division', async () => {
    const e = await explained(binding(3), [cluster('m1', '10'), cluster('m2', '10', TAINTED)], [silent]);
    expect(e).toMatchObject({
      source: 'Recorded',
      trigger: 'replicasChanged',
      outcome: { kind: 'Placed', clusters: [{ name: 'm1', replicas: 3 }] },
    });
    expect(e.inputs).toMatchObject({ resourceVersion: '9', current: true, clusters: 2, clustersRevision: '12' });
    const [attempt] = e.attempts;
    expect(attempt?.clusters).toEqual([
      {
        name: 'm1',
        state: 'Placed',
        resourceVersion: '7',
        ageSeconds: 5,
        scores: { ClusterAffinity: 0, ClusterLocality: 0 },
        allocatable: 10,
        available: 10,
        replicas: 3,
      },
      {
        name: 'm2',
        state: 'Refused',
        resourceVersion: '7',
        ageSeconds: 5,
        refusedBy: 'TaintToleration',
        reason: 'cluster(s) had untolerated taint {k=v:NoSchedule}',
        remedy: 'tolerate taint k=v:NoSchedule, or remove it from m2',
      },
    ]);
    expect(attempt?.estimators).toEqual([
      { name: 'general-estimator', counts: 'replicas', answers: { m1: 10 }, tookMilliseconds: 0, oldestDataSeconds: 5 },
      { name: 'broken', counts: 'replicas', error: 'no connection', tookMilliseconds: 0 },
    ]);
    expect(attempt?.division).toMatchObject([{ mode: 'scale up', target: 3, result: [{ name: 'm1', replicas: 3 }] }]);
  });

  it('tells in each cluster what is missing for the replicas that found no room', async () => {
    const e = await explained(binding(9), [cluster('m1', '4'), cluster('m2', '2500m')]);
    expect(e.outcome).toMatchObject({ kind: 'Failed', reason: 'Unschedulable' });
    expect(remedies(e)).toEqual({ m1: 'fits 3 more with 3 more cpu', m2: 'fits 3 more with 2500m more cpu' });
  });

  it('tells what one replica needs where a cluster has no room at all', async () => {
    const e = await explained(binding(2), [cluster('m1', '4'), cluster('m2', '250m')]);
    expect(remedies(e)).toEqual({ m2: 'fits one more with 750m more cpu' });
  });

  it('speaks of nodes where the cluster is described by resource models', async () => {
    const modelled: Cluster = {
      ...cluster('m1', '100', {
        spec: {
          resourceModels: [
            {
              grade: 0,
              ranges: [
                { name: 'cpu', min: '2' },
                { name: 'memory', min: '4Gi' },
              ],
            },
          ],
        },
      }),
      status: {
        apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }],
        resourceSummary: { allocatable: { cpu: '100', pods: '110' }, allocatableModelings: [{ grade: 0, count: 1 }] },
      },
    };
    expect(remedies(await explained(binding(5), [modelled]))).toEqual({ m1: 'fits 3 more with room on nodes for 3 × (cpu 1, memory 1Gi)' });
  });

  it('marks what the binding has outgrown', async () => {
    const recorded = await deciderOver([cluster('m1', '4')]).decide(binding(1), signal);
    const b = binding(2);
    const newer = { ...b, metadata: { ...b.metadata, generation: 2, resourceVersion: '10' } };
    expect(explanation(recorded, { binding: newer, source: 'Recorded', cluster: () => undefined }).inputs.current).toBe(false);
  });

  it('shows groups and which of them were chosen', async () => {
    const placement: Placement = {
      ...aggregated,
      spreadConstraints: [
        { spreadByField: 'region', minGroups: 1, maxGroups: 1 },
        { spreadByField: 'cluster', minGroups: 1, maxGroups: 1 },
      ],
    };
    const e = await explained(binding(2, { placement }), [
      cluster('m1', '4', { spec: { region: 'east' } }),
      cluster('m2', '9', { spec: { region: 'west' } }),
    ]);
    expect(e.attempts[0]?.groups?.map(g => [g.topology, g.name, g.chosen])).toContainEqual(['region', 'east', true]);
    expect(e.attempts[0]?.groups?.filter(g => g.chosen)).toHaveLength(1);
  });

  const spread = (...spreadConstraints: NonNullable<Placement['spreadConstraints']>): Placement => ({ ...aggregated, spreadConstraints });
  const fourAndTwo = [cluster('m1', '4', { spec: { region: 'east' } }), cluster('m2', '2', { spec: { region: 'east' } })];

  it.each<[string, Placement, number, string | undefined]>([
    [
      'groups are too few',
      spread({ spreadByField: 'region', minGroups: 2, maxGroups: 3 }, { spreadByField: 'cluster', minGroups: 2, maxGroups: 3 }),
      2,
      'lower minGroups of region from 2 to 1, or let clusters through that make 1 more',
    ],
    [
      'clusters are too few',
      spread({ spreadByField: 'cluster', minGroups: 5, maxGroups: 5 }),
      2,
      'lower minGroups of cluster from 5 to 2, or let clusters through that make 3 more',
    ],
    [
      'one more cluster would do',
      spread({ spreadByField: 'cluster', minGroups: 1, maxGroups: 1 }),
      5,
      'raise maxGroups of cluster from 1 to 2, or ask for 1 fewer replicas',
    ],
    [
      'there is too little room',
      spread({ spreadByField: 'cluster', minGroups: 1, maxGroups: 2 }),
      9,
      'ask for 3 fewer replicas, or add room',
    ],
    ['clusters were selected', spread({ spreadByField: 'cluster', minGroups: 1, maxGroups: 1 }), 4, undefined],
  ])('says what would let clusters be selected where %s', async (_, placement, replicas, remedy) => {
    const e = await explained(binding(replicas, { placement }), fourAndTwo);
    expect(e.attempts[0]?.remedy).toBe(remedy);
    if (remedy) expect(explanationText(e, { color: false })).toContain(`→ placement: ${remedy}`);
  });

  it('tells what is missing behind the last overflow tier', async () => {
    const placement: Placement = {
      ...aggregated,
      clusterAffinities: [{ affinityName: 'g', clusterNames: ['m1'], overflowAffinities: [{ clusterNames: ['m2'] }] }],
    };
    expect(remedies(await explained(binding(9, { placement }), fourAndTwo))).toEqual({
      m1: 'fits 3 more with 3 more cpu',
      m2: 'fits 3 more with 3 more cpu',
    });
  });

  it('is made anew from the present where nothing is due', async () => {
    const b = binding(2, { clusters: [{ name: 'm1', replicas: 2 }] });
    const decider = deciderOver([cluster('m1', '4')]);
    expect((await decider.decide(b, signal)).decided.attempts).toEqual([]);
    const e = explanation(await decider.recompute(b, signal), { binding: b, source: 'Recomputed', cluster: () => undefined });
    expect(e).toMatchObject({ source: 'Recomputed', trigger: 'none', outcome: { kind: 'Idle' } });
    expect(e.attempts[0]?.division).toMatchObject([{ mode: 'steady' }]);
    expect(explanationText(e, { color: false })).toContain('The record of the last decision is gone');
  });
});

describe('the smallest change', () => {
  const refused = (plugin: string, reason = 'x') => ({ cluster: 'm1', plugin, reason });

  it.each<[string, string, string]>([
    ['APIEnablement', 'cluster(s) did not have the API resource', 'install Deployment of apps/v1 in m1'],
    [
      'TaintToleration',
      'cluster(s) had untolerated taint {cluster.karmada.io/not-ready:NoSchedule}',
      'bring m1 back, or tolerate taint cluster.karmada.io/not-ready:NoSchedule',
    ],
    [
      'TaintToleration',
      'cluster(s) had untolerated taint {cluster.karmada.io/unschedulable:NoSchedule}',
      'uncordon m1, or tolerate taint cluster.karmada.io/unschedulable:NoSchedule',
    ],
    ['SpreadConstraint', 'cluster(s) did not have zones property', 'set zones in the spec of cluster m1'],
    ['ClusterEviction', 'x', 'wait until the eviction from m1 has ended'],
    ['Mine', 'x', 'satisfy plugin Mine'],
  ])('turns a refusal by %s', (plugin, reason, remedy) =>
    expect(remedyOf(refused(plugin, reason), { binding: binding(1), affinityName: '' })).toBe(remedy),
  );

  it.each<[string, ClusterAffinity, string]>([
    ['a label', { labelSelector: { matchLabels: { env: 'prod' } } }, 'add label env=prod to cluster m1'],
    [
      'one of several labels',
      { labelSelector: { matchExpressions: [{ key: 'env', operator: 'In', values: ['a', 'b'] }] } },
      'add label env=a to cluster m1',
    ],
    [
      'a label that must not be',
      { labelSelector: { matchExpressions: [{ key: 'old', operator: 'DoesNotExist' }] } },
      'remove label old from cluster m1',
    ],
    ['a name', { clusterNames: ['m2'] }, 'add m1 to clusterNames'],
    ['an exclusion', { exclude: ['m1'] }, 'take m1 out of exclude'],
    [
      'a field',
      { fieldSelector: { matchExpressions: [{ key: 'provider', operator: 'In', values: ['p', 'q'] }] } },
      'set provider = p or q in the spec of cluster m1',
    ],
    ['a zone', { fieldSelector: { matchExpressions: [{ key: 'zone', operator: 'Exists' }] } }, 'set zones in the spec of cluster m1'],
    [
      'two things',
      { clusterNames: ['m2'], labelSelector: { matchLabels: { env: 'prod' } } },
      'add label env=prod to cluster m1 and add m1 to clusterNames',
    ],
    [
      'an operator that nobody knows',
      { labelSelector: { matchExpressions: [{ key: 'env', operator: 'Near' }] } },
      'correct the operator Near of label env in the affinity',
    ],
  ])('meets an affinity by %s', (_, clusterAffinity, remedy) => {
    const m1 = cluster('m1', '1', { metadata: { labels: { old: 'x' } } });
    const b = binding(1, { placement: { clusterAffinity } });
    expect(remedyOf(refused('ClusterAffinity'), { binding: b, cluster: m1, affinityName: '' })).toBe(remedy);
  });

  it('takes the nearest of a group and its overflow affinities', () => {
    const placement: Placement = {
      ...aggregated,
      clusterAffinities: [
        {
          affinityName: 'g',
          clusterNames: ['m2'],
          labelSelector: { matchLabels: { env: 'prod' } },
          overflowAffinities: [{ affinityName: 'burst', labelSelector: { matchLabels: { spot: 'true' } } }],
        },
      ],
    };
    expect(
      remedyOf(refused('ClusterAffinity'), { binding: binding(1, { placement }), cluster: cluster('m1', '1'), affinityName: 'g' }),
    ).toBe('add label spot=true to cluster m1 (overflow affinity burst)');
  });
});

describe('the text', () => {
  it('is a table with the changes under it, in colours only where asked for', async () => {
    const e = await explained(binding(3), [cluster('m1', '10'), cluster('m2', '10', TAINTED)], [silent]);
    const text = explanationText(e, { color: false });
    expect(text).toContain('ns/web-deployment (Deployment web): placed on m1:3');
    expect(text).toContain('because its replicas did not add up.');
    expect(text).toMatch(/CLUSTER +STATE +REPLICAS +SCORE +ROOM +AGE +WHY/);
    expect(text).toMatch(/m2 +Refused +5s +TaintToleration: cluster\(s\) had untolerated taint/);
    expect(text).toContain('→ m2: tolerate taint k=v:NoSchedule, or remove it from m2');
    expect(text).toContain('broken in 0 ms: left out, since it failed: no connection');
    expect(text).toContain('Division, scale up: 3 over room m1:10, beside none, gives m1:3.');
    expect(text).not.toContain('\u001b');
    expect(explanationText(e, { color: true })).toContain('\u001b[32m');
  });
});

describe('the records', () => {
  it('forget what was looked at least recently when room is short', async () => {
    const record = await deciderOver([cluster('m1', '4')]).decide(binding(1), signal);
    const each = bytesOf(record) + 2;
    const records = new DecisionRecords(3 * each);
    for (const key of ['a', 'b', 'c']) records.set(key, record);
    records.get('a');
    records.set('d', record);
    expect(['a', 'b', 'c', 'd'].map(key => records.get(key) !== undefined)).toEqual([true, false, true, true]);
    expect(records.bytes).toBe(3 * each);
    records.delete('a');
    expect(records.bytes).toBe(2 * each);
  });

  it('count for more the more clusters were looked at', async () => {
    const size = async (n: number) =>
      bytesOf(await deciderOver(Array.from({ length: n }, (_, i) => cluster(`m${i}`, '4'))).decide(binding(1), signal));
    expect(await size(1000)).toBeGreaterThan(5 * (await size(100)));
  });
});
