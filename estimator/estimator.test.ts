import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberReplicas, memberSets } from './accurate.ts';
import { clusterReplicas, clusterSets } from './general.ts';
import { estimate } from './merge.ts';
import { allocatableModelings } from './modeling.ts';
import type { AssumedWorkload, Component, EstimatedCluster, Estimator, Node, ResourceList, ResourceModel } from './types.ts';

const on = { models: true, subtractAssumed: true };
const requests = (resourceRequest: ResourceList) => ({ resourceRequest });

function summed(allocatable: ResourceList, allocated: ResourceList = {}): EstimatedCluster {
  return { metadata: { name: 'm1' }, status: { resourceSummary: { allocatable, allocated } } };
}

/** One grade for each list of mins, with so many nodes. */
function modelled(mins: readonly ResourceList[], counts: readonly number[], pods = '1000'): EstimatedCluster {
  const resourceModels: ResourceModel[] = mins.map((list, grade) => ({
    grade,
    ranges: Object.entries(list).map(([name, min]) => ({ name, min })),
  }));
  return {
    metadata: { name: 'm1' },
    spec: { resourceModels },
    status: {
      resourceSummary: { allocatable: { pods, cpu: '1000' }, allocatableModelings: counts.map((count, grade) => ({ grade, count })) },
    },
  };
}

describe('the general estimator', () => {
  const some = summed({ cpu: '4', memory: '8Gi', pods: '100' }, { cpu: '1', memory: '2Gi', pods: '20' });

  it('56 counts by what is left of each resource, or by pods alone', () => {
    expect(clusterReplicas(some, requests({ cpu: '500m', memory: '1Gi' }), on)).toBe(6);
    expect(clusterReplicas(some, undefined, on)).toBe(80);
  });

  it.each<[string, EstimatedCluster, ResourceList, number]>([
    ['57 a resource the cluster does not have', some, { 'nvidia.com/gpu': '1' }, 0],
    ['58 less left than asked for', summed({ memory: '1Gi', pods: '9' }, { memory: '512Mi' }), { memory: '1Gi' }, 0],
    ['59 one node is large enough', modelled([{ cpu: '0' }, { cpu: '1' }, { cpu: '2' }], [1, 1, 1]), { cpu: '1.5' }, 1],
    ['59 none is', modelled([{ cpu: '0' }, { cpu: '1' }, { cpu: '2' }], [1, 1, 1]), { cpu: '3' }, 0],
    [
      '60 both resources must fit on one node',
      modelled(
        [
          { cpu: '0', memory: '0' },
          { cpu: '1', memory: '1Gi' },
          { cpu: '2', memory: '2Gi' },
        ],
        [1, 1, 1],
      ),
      { cpu: '1', memory: '1.5Gi' },
      1,
    ],
    ['62 nothing is asked for', modelled([{ cpu: '0' }], [15], '200'), {}, 200],
  ])('%s', (_, cluster, request, expected) => expect(clusterReplicas(cluster, requests(request), on)).toBe(expected));

  it('61 leaves room for what is promised already', () => {
    const cluster = modelled([{ cpu: '0' }, { cpu: '1' }], [0, 3], '100');
    const promised: AssumedWorkload[] = [{ components: [{ name: 'c', replicas: 4, replicaRequirements: requests({ cpu: '500m' }) }] }];
    expect(clusterReplicas(cluster, requests({ cpu: '500m' }), on)).toBe(6);
    expect(clusterReplicas(cluster, requests({ cpu: '500m' }), { ...on, assumed: promised })).toBe(2);
  });

  it('65 counts whole sets by the scarcest resource', () => {
    const components = [component('jm', 1, { cpu: '1', memory: '2Gi' }), component('tm', 2, { cpu: '2', memory: '2Gi' })];
    expect(clusterSets(summed({ cpu: '10', memory: '6Gi', pods: '80' }), components, on)).toBe(1);
  });

  it('knows nothing of a cluster without a summary', () => {
    expect(clusterReplicas({ metadata: {} }, requests({ cpu: '1' }), on)).toBe(0);
  });

  it('never promises more when more is asked for', () => {
    const cpu = fc.integer({ min: 1, max: 64_000 });
    fc.assert(
      fc.property(cpu, cpu, cpu, (free, a, b) => {
        const fits = (milli: number) => clusterReplicas(summed({ cpu: `${free}m`, pods: '5000' }), requests({ cpu: `${milli}m` }), on);
        expect(fits(Math.max(a, b))).toBeLessThanOrEqual(fits(Math.min(a, b)));
      }),
    );
  });
});

function component(name: string, replicas: number, resourceRequest: ResourceList): Component {
  return { name, replicas, replicaRequirements: { resourceRequest } };
}

function nodes(...kinds: readonly (readonly [number, ResourceList])[]): Node[] {
  return kinds.flatMap(([count, allocatable], kind) =>
    Array.from({ length: count }, (_, i) => ({
      metadata: { name: `n${kind}-${i}` },
      status: { allocatable: { pods: '110', ...allocatable } },
    })),
  );
}

describe('the accurate estimator', () => {
  it.each<[string, Node[], Component[], number]>([
    [
      '63',
      nodes([2, { cpu: '1', memory: '2Gi' }], [6, { cpu: '3', memory: '10Gi' }], [3, { cpu: '4', memory: '12Gi' }]),
      [component('jm', 1, { cpu: '1', memory: '2Gi' }), component('tm', 3, { cpu: '3', memory: '10Gi' })],
      3,
    ],
    [
      '64',
      nodes([1, { cpu: '1', memory: '2Gi' }], [1, { cpu: '4', memory: '8Gi' }], [1, { cpu: '8', memory: '16Gi' }]),
      [component('a', 2, { cpu: '0.5', memory: '1Gi' }), component('b', 1, { cpu: '2', memory: '4Gi' })],
      4,
    ],
  ])('%s places sets first fit', (_, list, components, expected) =>
    expect(memberSets({ nodes: list, pods: [] }, { components, namespace: '' })).toBe(expected),
  );

  it('67 subtracts what runs on a node', () => {
    const pod = {
      metadata: { name: 'p', namespace: 'ns' },
      spec: { nodeName: 'n0-0', containers: [{ resources: { requests: { cpu: '1', memory: '2Gi' } } }] },
      status: { phase: 'Running' },
    };
    const member = { nodes: nodes([1, { cpu: '4', memory: '8Gi', pods: '10' }]), pods: [pod] };
    expect(memberReplicas(member, requests({ cpu: '1', memory: '2Gi' }))).toBe(3);
  });

  it('skips cordoned and tainted nodes unless tolerated', () => {
    const [node = { metadata: {} }] = nodes([1, { cpu: '4' }]);
    const tainted: Node = { ...node, spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } };
    const cordoned: Node = { ...node, spec: { unschedulable: true } };
    const tolerations = [{ operator: 'Exists' }];
    for (const n of [tainted, cordoned]) {
      expect(memberReplicas({ nodes: [n], pods: [] }, requests({ cpu: '1' }))).toBe(0);
      expect(memberReplicas({ nodes: [n], pods: [] }, { ...requests({ cpu: '1' }), nodeClaim: { tolerations } })).toBe(4);
    }
  });

  it('stays within the quota of the namespace', () => {
    const quota = { metadata: { namespace: 'ns' }, status: { hard: { 'requests.cpu': '3' }, used: { 'requests.cpu': '1' } } };
    const member = { nodes: nodes([1, { cpu: '16' }]), pods: [], quotas: [quota] };
    expect(memberReplicas(member, { ...requests({ cpu: '1' }), namespace: 'ns' })).toBe(2);
    expect(memberReplicas(member, { ...requests({ cpu: '1' }), namespace: 'other' })).toBe(16);
  });
});

describe('merging', () => {
  const estimator = (name: string, values: Record<string, number> | Error): Estimator => {
    const answer = async () => {
      if (values instanceof Error) throw values;
      return new Map(Object.entries(values));
    };
    return { name, maxReplicas: answer, maxComponentSets: answer };
  };
  const input = {
    clusters: [{ metadata: { name: 'A' } }, { metadata: { name: 'B' } }],
    replicas: 7,
    components: [],
    sets: false,
    namespace: 'ns',
  };
  const general = estimator('general', { A: 10, B: 5 });
  const never = new AbortController().signal;

  it('66 takes the least, ignores −1, and drops an estimator that fails', async () => {
    const known = await estimate([general, estimator('accurate', { A: -1, B: 3 })], input, never);
    expect(Object.fromEntries(known.allocatable)).toEqual({ A: 10, B: 3 });
    const failed = await estimate([general, estimator('accurate', new Error('no connection'))], input, never);
    expect(Object.fromEntries(failed.allocatable)).toEqual({ A: 10, B: 5 });
    expect(failed.answers[1]).toEqual({ estimator: 'accurate', kind: 'replicas', error: 'no connection' });
  });

  it('lets everything in where nobody knows', async () => {
    const { allocatable } = await estimate([], input, never);
    expect(Object.fromEntries(allocatable)).toEqual({ A: 7, B: 7 });
  });
});

describe('grade counts', () => {
  it('give a node the lowest grade of its resources', () => {
    const models = [
      {
        grade: 0,
        ranges: [
          { name: 'cpu', min: '0' },
          { name: 'memory', min: '0' },
        ],
      },
      {
        grade: 1,
        ranges: [
          { name: 'cpu', min: '2' },
          { name: 'memory', min: '4Gi' },
        ],
      },
    ];
    const list = nodes([2, { cpu: '4', memory: '8Gi' }], [1, { cpu: '4', memory: '1Gi' }]);
    expect(allocatableModelings(models, list, [])).toEqual([
      { grade: 0, count: 1 },
      { grade: 1, count: 2 },
    ]);
  });
});
