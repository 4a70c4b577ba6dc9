// What holds for every decision, whatever clusters, placements and estimates look like: also for those that make no sense.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Estimator, generalEstimator } from '../estimator/index.ts';
import { decide } from './decide.ts';
import { concernedBy } from './events.ts';
import { gates } from './gates.ts';
import { APPLIED_PLACEMENT, placementText } from './placement.ts';
import { ownPlugins } from './plugins/index.ts';
import { type Decision, schedule } from './schedule.ts';
import type { Binding, Cluster, Placement, TargetCluster } from './types.ts';

const on = gates();
const signal = new AbortController().signal;
const cycle = { gates: on, plugins: ownPlugins(on), estimators: [generalEstimator({ models: true, subtractAssumed: false })], signal };

interface Shape {
  readonly pods: number;
  readonly env: string;
  readonly region: string;
  readonly zones: readonly string[];
  readonly tainted: boolean;
}

const shape = fc.record({
  pods: fc.integer({ min: 0, max: 60 }),
  env: fc.constantFrom('dev', 'prod'),
  region: fc.constantFrom('', 'east', 'west', 'north'),
  zones: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
  tainted: fc.boolean(),
});

const clusterOf = (s: Shape, i: number): Cluster => ({
  apiVersion: 'cluster.karmada.io/v1alpha1',
  kind: 'Cluster',
  metadata: { name: `m${i}`, generation: 1, labels: { env: s.env } },
  spec: {
    ...(s.region ? { region: s.region } : {}),
    zones: s.zones,
    taints: s.tainted ? [{ key: 'k', value: 'v', effect: 'NoSchedule' }] : [],
  },
  status: {
    apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }],
    resourceSummary: { allocatable: { pods: String(s.pods) } },
  },
});
const clusters = fc.array(shape, { minLength: 1, maxLength: 14 }).map(list => list.map(clusterOf));

const divided = (replicaDivisionPreference: string, weightPreference?: object) => ({
  replicaSchedulingType: 'Divided',
  replicaDivisionPreference,
  ...(weightPreference ? { weightPreference } : {}),
});
const DYNAMIC = divided('Weighted', { dynamicWeight: 'AvailableReplicas' });
const STATIC = divided('Weighted', {
  staticWeightList: [
    { targetCluster: { labelSelector: { matchLabels: { env: 'prod' } } }, weight: 3 },
    { targetCluster: {}, weight: 1 },
  ],
});
const dividing = fc.constantFrom(divided('Aggregated'), DYNAMIC, divided('Weighted'), STATIC);
const spreads = fc.constantFrom<Placement>(
  {},
  { spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 3 }] },
  {
    spreadConstraints: [
      { spreadByField: 'region', minGroups: 1, maxGroups: 2 },
      { spreadByField: 'cluster', minGroups: 1, maxGroups: 4 },
    ],
  },
  {
    spreadConstraints: [
      { spreadByField: 'zone', minGroups: 1, maxGroups: 1 },
      { spreadByField: 'cluster', minGroups: 1, maxGroups: 4 },
    ],
  },
  { spreadConstraints: [{ spreadByLabel: 'env', minGroups: 2, maxGroups: 2 }] },
);
const placements = fc.tuple(dividing, spreads, fc.boolean()).map(
  ([replicaScheduling, spread, tolerant]): Placement => ({
    replicaScheduling,
    ...spread,
    ...(tolerant ? { clusterTolerations: [{ operator: 'Exists' }] } : {}),
  }),
);

function bindingOf(placement: Placement, replicas: number, targets: readonly TargetCluster[] = [], uid = 'a'): Binding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { namespace: 'ns', name: 'web-deployment', generation: 1, annotations: { [APPLIED_PLACEMENT]: placementText(placement) } },
    spec: {
      resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ns', name: 'web', uid },
      replicas,
      replicaRequirements: {},
      placement,
      ...(targets.length ? { clusters: targets } : {}),
    },
    status: { schedulerObservedGeneration: 1 },
  };
}

const run = ({ spec, status = {} }: Binding, snapshot: readonly Cluster[], estimators: readonly Estimator[] = []): Promise<Decision> =>
  schedule(snapshot, { spec, status, namespace: 'ns' }, { ...cycle, estimators: [...cycle.estimators, ...estimators] });

const byName = (targets: readonly TargetCluster[] = []): Map<string, number> => new Map(targets.map(t => [t.name, t.replicas ?? 0]));
const total = (targets: readonly TargetCluster[] = []): number => targets.reduce((sum, t) => sum + (t.replicas ?? 0), 0);
const moved = (a: readonly TargetCluster[] = [], b: readonly TargetCluster[] = []): number => {
  const [left, right] = [byName(a), byName(b)];
  return [...new Set([...left.keys(), ...right.keys()])].reduce(
    (d, name) => d + Math.abs((left.get(name) ?? 0) - (right.get(name) ?? 0)),
    0,
  );
};
const isDynamic = (placement: Placement): boolean =>
  placement.replicaScheduling?.replicaDivisionPreference === 'Aggregated' || placement.replicaScheduling === DYNAMIC;
const replicas = fc.integer({ min: 1, max: 80 });
const uids = fc.constantFrom('a', 'b');

describe('every decision', () => {
  it('places exactly the replicas that are asked for, in no cluster more than its estimate', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, placements, replicas, async (snapshot, placement, n) => {
        const { clusters: targets, record } = await run(bindingOf(placement, n), snapshot);
        if (!targets) return;
        expect(total(targets)).toBe(n);
        const room = new Map(record.candidates.names.map((name, i) => [name, record.candidates.allocatable[i] ?? 0]));
        if (isDynamic(placement)) for (const t of targets) expect(t.replicas ?? 0).toBeLessThanOrEqual(room.get(t.name) ?? 0);
      }),
    );
  });

  it('does not depend on the order in which clusters, labels or targets come', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, placements, replicas, uids, fc.integer(), async (snapshot, placement, n, uid, salt) => {
        const shuffled = [...snapshot].sort((a, b) => order(a, salt) - order(b, salt));
        const [one, other] = [await run(bindingOf(placement, n, [], uid), snapshot), await run(bindingOf(placement, n, [], uid), shuffled)];
        expect(other.clusters).toEqual(one.clusters);
        expect(other.failure?.message).toBe(one.failure?.message);
      }),
    );
  });

  it('moves nothing of a divided workload when clusters change that it does not leave', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, placements, replicas, clusters, async (snapshot, placement, n, later) => {
        const { clusters: targets } = await run(bindingOf(placement, n), snapshot);
        if (!targets) return;
        const { verdict } = await decide(bindingOf(placement, n, targets), {
          terminating: new Set(),
          gates: on,
          cycle: status => schedule(later, { spec: bindingOf(placement, n, targets).spec, status, namespace: 'ns' }, cycle),
        });
        expect(verdict.kind).toBe('idle');
      }),
    );
  });

  it('is not even asked for when a cluster changes that the placement does not mean', () => {
    fc.assert(
      fc.property(shape, fc.uniqueArray(fc.constantFrom('m1', 'm2', 'm3'), { minLength: 1 }), (s, clusterNames) => {
        const placed = bindingOf({ clusterAffinity: { clusterNames } }, 1);
        expect(concernedBy([clusterOf(s, 9)], [placed], 'default-scheduler')).toEqual([]);
      }),
    );
  });

  it('moves one replica at most when a divided workload is scaled by one over the same clusters', async () => {
    await fc.assert(
      fc.asyncProperty(
        clusters,
        dividing,
        fc.integer({ min: 2, max: 40 }),
        uids,
        fc.boolean(),
        async (list, replicaScheduling, n, uid, up) => {
          const snapshot = list.map(c => ({ ...c, spec: { ...c.spec, taints: [] } }));
          const placement = { replicaScheduling };
          const first = await run(bindingOf(placement, n, [], uid), snapshot);
          if (!first.clusters) return;
          const next = await run(bindingOf(placement, up ? n + 1 : n - 1, first.clusters, uid), snapshot);
          if (next.clusters) expect(moved(first.clusters, next.clusters)).toBe(1);
        },
      ),
    );
  });
});

/** A number by which clusters are put into an order that depends on the salt. */
function order({ metadata }: Cluster, salt: number): number {
  let hash = salt;
  for (const c of metadata.name ?? '') hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193);
  return hash;
}

const odd = fc.oneof(fc.constantFrom(0, -1, -7, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 9_007_199_254_740_991, Number.NaN, 1.5), fc.integer());
const operator = fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt', 'Near', '');
const requirement = fc.record({
  key: fc.constantFrom('env', 'zone', 'region', 'provider', '', 'bad key!'),
  operator,
  values: fc.array(fc.constantFrom('prod', 'east', 'a', 'x', ''), { maxLength: 2 }),
});
const affinity = fc.record(
  {
    labelSelector: fc.record({ matchLabels: fc.constant({ env: 'prod' }), matchExpressions: fc.array(requirement, { maxLength: 2 }) }),
    fieldSelector: fc.record({ matchExpressions: fc.array(requirement, { maxLength: 2 }) }),
    clusterNames: fc.array(fc.constantFrom('m0', 'm1', 'nobody')),
    exclude: fc.array(fc.constantFrom('m0', 'm1', 'nobody')),
  },
  { requiredKeys: [] },
);
const groupCount = fc.integer({ min: 0, max: 9 });
const constraint = fc.record(
  {
    spreadByField: fc.constantFrom('cluster', 'region', 'zone', 'provider', 'planet', ''),
    spreadByLabel: fc.constantFrom('env', 'nothing', ''),
    minGroups: groupCount,
    maxGroups: groupCount,
  },
  { requiredKeys: [] },
);
const weird = fc.record(
  {
    clusterAffinity: affinity,
    clusterAffinities: fc.array(
      affinity.map(a => ({ ...a, affinityName: 'g', overflowAffinities: [a] })),
      { maxLength: 2 },
    ),
    clusterTolerations: fc.array(fc.record({ key: fc.constantFrom('k', ''), operator, value: fc.constantFrom('v', '') }), { maxLength: 2 }),
    spreadConstraints: fc.array(constraint, { maxLength: 4 }),
    replicaScheduling: fc.record(
      {
        replicaSchedulingType: fc.constantFrom('Divided', 'Duplicated', 'Scattered', ''),
        replicaDivisionPreference: fc.constantFrom('Aggregated', 'Weighted', 'Whatever', ''),
        weightPreference: fc.record(
          {
            staticWeightList: fc.array(fc.record({ targetCluster: affinity, weight: odd }), { maxLength: 3 }),
            dynamicWeight: fc.constantFrom('AvailableReplicas', 'Phase', ''),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Placement>;

describe('a decision about nonsense', () => {
  it('is a placement that adds up or a failure in words, and ends soon', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, weird, fc.oneof(replicas, fc.constantFrom(0, 2 ** 31 - 1)), odd, async (snapshot, placement, n, lie) => {
        const liar: Estimator = {
          name: 'liar',
          maxReplicas: async r => new Map([...r.clusters.map(c => [c.metadata.name ?? '', lie] as const), ['nobody', 5]]),
          maxComponentSets: async () => new Map(),
        };
        const { clusters: targets, failure } = await run(bindingOf(placement, n), snapshot, [liar]);
        if (failure) {
          expect(failure.message).not.toBe('');
          return;
        }
        for (const t of targets ?? []) expect(t.replicas ?? 0).toBeGreaterThanOrEqual(0);
        if (placement.replicaScheduling?.replicaSchedulingType === 'Divided' && n > 0) expect(total(targets)).toBe(n);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, Placement, string]>([
    [
      'more groups than there are',
      {
        spreadConstraints: [
          { spreadByField: 'region', minGroups: 5, maxGroups: 9 },
          { spreadByField: 'cluster', minGroups: 1, maxGroups: 9 },
        ],
      },
      'failed to select clusters: the number of feasible region is less than spreadConstraint.MinGroups',
    ],
    [
      'zones and regions that no selection keeps',
      {
        spreadConstraints: [
          { spreadByField: 'region', minGroups: 2, maxGroups: 2 },
          { spreadByField: 'zone', minGroups: 1, maxGroups: 1 },
        ],
      },
      'failed to select clusters: no selection of clusters keeps the spread constraint on zone beside the others',
    ],
    [
      'wanted and excluded at once',
      { clusterAffinity: { clusterNames: ['m0'], exclude: ['m0'] } },
      '0/2 clusters are available: 2 cluster(s) did not match the placement cluster affinity constraint.',
    ],
    [
      'an operator that nobody knows',
      { clusterAffinity: { labelSelector: { matchExpressions: [{ key: 'env', operator: 'Near' }] } } },
      '0/2 clusters are available: 2 cluster(s) did not match the placement cluster affinity constraint.',
    ],
    [
      'a strategy that nobody knows',
      { replicaScheduling: { replicaSchedulingType: 'Scattered' } },
      'failed to assign replicas: unsupported replica scheduling strategy, replicaSchedulingType: Scattered, replicaDivisionPreference: , please try another scheduling strategy',
    ],
  ])('says what does not go together: %s', async (_, placement, message) => {
    const two: Shape[] = [
      { pods: 5, env: 'dev', region: 'east', zones: ['a'], tainted: false },
      { pods: 5, env: 'dev', region: 'west', zones: ['b'], tainted: false },
    ];
    expect((await run(bindingOf(placement, 2), two.map(clusterOf))).failure?.message).toBe(message);
  });
});
