import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SchedulingFailure } from '../failure.ts';
import { gates } from '../gates.ts';
import type { Candidate } from '../select/candidate.ts';
import type { BindingSpec, Placement, TargetCluster } from '../types.ts';
import { assign, withEmptyTargets } from './assign.ts';
import { fnv1a32, webster } from './webster.ts';

type Row = Record<string, number>;
type Rules = readonly (readonly [readonly string[], number])[];

const statically = (rules?: Rules): Placement => ({
  replicaScheduling: {
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    ...(rules
      ? { weightPreference: { staticWeightList: rules.map(([clusterNames, weight]) => ({ targetCluster: { clusterNames }, weight })) } }
      : {}),
  },
});
const dynamically: Placement = {
  replicaScheduling: {
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: { dynamicWeight: 'AvailableReplicas' },
  },
};
const aggregated: Placement = { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' } };
const duplicated: Placement = { replicaScheduling: { replicaSchedulingType: 'Duplicated' } };

interface Given {
  readonly placement: Placement;
  readonly replicas?: number;
  /** Allocatable by cluster, in selection order. */
  readonly room: Row;
  readonly tiers?: Row;
  readonly current?: Row;
  readonly uid?: string;
  readonly fresh?: boolean;
  readonly spec?: Partial<BindingSpec>;
  readonly status?: { readonly schedulerObservingAffinityName: string };
  readonly gates?: Record<string, boolean>;
}

function selectedOf({ room, tiers = {}, current = {} }: Given): Candidate[] {
  return Object.entries(room).map(([name, allocatable]) => ({
    name,
    cluster: { apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster', metadata: { name } },
    score: 0,
    overflowOrder: tiers[name] ?? 0,
    allocatable,
    available: allocatable + (current[name] ?? 0),
  }));
}

function result(g: Given): TargetCluster[] {
  const spec: BindingSpec = {
    resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', ...(g.uid ? { uid: g.uid } : {}) },
    placement: g.placement,
    replicas: g.replicas ?? 0,
    clusters: Object.entries(g.current ?? {}).map(([name, replicas]) => ({ name, replicas })),
    ...(g.fresh ? { rescheduleTriggeredAt: '2026-01-01T00:00:02Z' } : {}),
    ...g.spec,
  };
  const status = { ...g.status, ...(g.fresh ? { lastScheduledTime: '2026-01-01T00:00:01Z' } : {}) };
  return assign({ selected: selectedOf(g), spec, status, gates: gates(g.gates) });
}

const shares = (g: Given): Row => Object.fromEntries(result(g).map(t => [t.name, t.replicas ?? 0]));

function failure(g: Given): SchedulingFailure {
  try {
    result(g);
  } catch (error) {
    if (error instanceof SchedulingFailure) return error;
  }
  throw new Error('expected a failure');
}

const even = (...names: string[]): Rules => names.map(name => [[name], 1] as const);
const rooms = (...values: number[]): Row => Object.fromEntries(values.map((v, i) => [`m${i + 1}`, v]));

describe('static weights', () => {
  it.each<[string, Rules | undefined, number, string, Row]>([
    ['1 equal weights, odd number', even('m1', 'm2'), 3, '', { m1: 2, m2: 1 }],
    ['2 odd hash of the uid turns the names round', even('m1', 'm2'), 3, 'b', { m1: 1, m2: 2 }],
    ['3 even hash keeps them', even('m1', 'm2'), 3, 'a', { m1: 2, m2: 1 }],
    ['4 three ways', even('m1', 'm2', 'm3'), 5, '', { m1: 2, m2: 2, m3: 1 }],
    ['4 three ways, turned', even('m1', 'm2', 'm3'), 5, 'b', { m1: 1, m2: 2, m3: 2 }],
    ['5 2:1:1:1 of 7', [[['m1'], 2], ...even('m2', 'm3', 'm4')], 7, '', { m1: 3, m2: 2, m3: 1, m4: 1 }],
    ['5 2:1:1:1 of 8', [[['m1'], 2], ...even('m2', 'm3', 'm4')], 8, '', { m1: 3, m2: 2, m3: 2, m4: 1 }],
    ['5 2:1:1:1 of 9', [[['m1'], 2], ...even('m2', 'm3', 'm4')], 9, '', { m1: 3, m2: 2, m3: 2, m4: 2 }],
    [
      '6 3:2:1 of 12',
      [
        [['m1'], 3],
        [['m2'], 2],
        [['m3'], 1],
      ],
      12,
      '',
      { m1: 6, m2: 4, m3: 2 },
    ],
    [
      '6 3:2:1 of 13',
      [
        [['m1'], 3],
        [['m2'], 2],
        [['m3'], 1],
      ],
      13,
      '',
      { m1: 7, m2: 4, m3: 2 },
    ],
    [
      '6 3:2:1 of 14',
      [
        [['m1'], 3],
        [['m2'], 2],
        [['m3'], 1],
      ],
      14,
      '',
      { m1: 7, m2: 5, m3: 2 },
    ],
    [
      '7 1:3 of 9',
      [
        [['m1'], 1],
        [['m2'], 3],
      ],
      9,
      '',
      { m1: 2, m2: 7 },
    ],
    [
      '7 1:3 of 10',
      [
        [['m1'], 1],
        [['m2'], 3],
      ],
      10,
      '',
      { m1: 3, m2: 7 },
    ],
    [
      '8 on a tie the one with fewer seats',
      [
        [['m1'], 3],
        [['m2'], 1],
      ],
      2,
      '',
      { m1: 1, m2: 1 },
    ],
    ['9 a cluster without weight is left out', even('m1'), 2, '', { m1: 2 }],
    [
      '10 the largest matching rule counts',
      [
        [['m1'], 1],
        [['m2'], 1],
        [['m1'], 2],
      ],
      3,
      '',
      { m1: 2, m2: 1 },
    ],
    ['11 rules that match nobody weigh all alike', even('m9'), 3, '', { m1: 2, m2: 1 }],
    ['12 no weights at all', undefined, 12, '', { m1: 4, m2: 4, m3: 4 }],
  ])('%s', (title, rules, replicas, uid, expected) => {
    const count = title.startsWith('9') || title.startsWith('10') || title.startsWith('11') ? 2 : Object.keys(expected).length;
    expect(shares({ placement: statically(rules), replicas, uid, room: rooms(...Array<number>(count).fill(0)) })).toEqual(expected);
  });

  it('hashes as the recorded uids say', () => {
    expect([fnv1a32('a'), fnv1a32('b')]).toEqual([0xe40c292c, 0xe70c2de5]);
  });
});

describe('dynamic strategies', () => {
  it.each<[string, Given, Row]>([
    ['13', { placement: dynamically, room: rooms(18, 12, 6), replicas: 12 }, rooms(6, 4, 2)],
    ['14', { placement: dynamically, room: rooms(20, 12, 6), replicas: 12 }, rooms(6, 4, 2)],
    ['15', { placement: dynamically, room: rooms(8, 8, 10), replicas: 12 }, rooms(4, 4, 4)],
    ['16 down', { placement: dynamically, room: rooms(1, 1, 1), current: rooms(2, 4, 6), replicas: 6 }, rooms(1, 2, 3)],
    ['17 up', { placement: dynamically, room: rooms(10, 10, 10), current: rooms(2, 4, 6), replicas: 24 }, rooms(6, 8, 10)],
    ['19 a cluster is gone', { placement: dynamically, room: rooms(3, 3), current: { m1: 6, m3: 6 }, replicas: 12 }, { m1: 9, m2: 3 }],
    ['20 even uid', { placement: dynamically, room: rooms(4, 4, 4), replicas: 5, uid: 'a' }, rooms(2, 2, 1)],
    ['20 odd uid', { placement: dynamically, room: rooms(4, 4, 4), replicas: 5, uid: 'b' }, rooms(1, 2, 2)],
    ['21 down', { placement: dynamically, room: rooms(0, 0, 0), current: rooms(2, 2, 1), replicas: 4 }, rooms(2, 1, 1)],
    ['22 aggregated', { placement: aggregated, room: rooms(6, 8, 10), replicas: 12 }, { m2: 5, m3: 7 }],
    ['23 one is enough', { placement: aggregated, room: rooms(12, 8, 10), replicas: 12 }, { m1: 12 }],
    ['24 tie', { placement: aggregated, room: rooms(6, 6, 6), replicas: 12 }, { m1: 6, m2: 6 }],
    ['25 down', { placement: aggregated, room: rooms(1, 1, 1), current: rooms(4, 8), replicas: 6 }, { m2: 6 }],
    ['26 up', { placement: aggregated, room: rooms(4, 6, 8), current: rooms(4, 8), replicas: 24 }, rooms(7, 12, 5)],
    ['27 those in use suffice', { placement: aggregated, room: rooms(6, 6, 20), current: rooms(4, 8), replicas: 24 }, rooms(10, 14)],
    [
      '28 one is gone',
      { placement: aggregated, room: { m1: 4, m3: 8, m4: 12 }, current: rooms(4, 8), replicas: 24 },
      { m1: 7, m3: 7, m4: 10 },
    ],
    [
      '29 what is not needed stays',
      { placement: aggregated, room: rooms(9, 5, 1), current: { m2: 2, m3: 2 }, replicas: 5 },
      { m2: 3, m3: 2 },
    ],
    ['30 order of spec breaks a tie', { placement: aggregated, room: rooms(0, 0), current: { m2: 3, m1: 3 }, replicas: 3 }, { m2: 3 }],
    ['30 and the other way', { placement: aggregated, room: rooms(0, 0), current: { m1: 3, m2: 3 }, replicas: 3 }, { m1: 3 }],
    ['32 fresh aggregated', { placement: aggregated, room: rooms(4, 6, 14), current: rooms(6, 6), replicas: 12, fresh: true }, { m3: 12 }],
    ['33 fresh', { placement: dynamically, room: rooms(4, 6, 8), current: rooms(6, 6), replicas: 12, fresh: true }, rooms(4, 5, 3)],
  ])('example %s', (_, given, expected) => expect(shares(given)).toEqual(expected));

  it('18 tells how much room there is when it is too little', () => {
    const given = { placement: dynamically, room: rooms(1, 1, 1), current: rooms(2, 4, 6), replicas: 24 };
    expect(failure(given).kind).toBe('Unschedulable');
    expect(failure(given).message).toBe(
      'failed to assign replicas: failed to scale up: Clusters available replicas 3 are not enough to schedule.',
    );
  });

  it('31 leaves a result that adds up as it is, in its order', () => {
    expect(result({ placement: aggregated, room: rooms(9, 9), current: { m2: 3, m1: 2 }, replicas: 5 })).toEqual([
      { name: 'm2', replicas: 3 },
      { name: 'm1', replicas: 2 },
    ]);
  });
});

describe('overflow tiers', () => {
  const tiered: Placement = {
    ...dynamically,
    clusterAffinities: [{ affinityName: 'g', clusterNames: ['m1'], overflowAffinities: [{ clusterNames: ['m2'] }] }],
  };
  const tiers = { m1: 0, m2: 1 };
  const status = { schedulerObservingAffinityName: 'g' };

  it.each<[string, Row, Row, number, Row]>([
    ['34', rooms(2, 10), {}, 5, rooms(2, 3)],
    ['35', rooms(2, 10), { m1: 3 }, 8, rooms(5, 3)],
  ])('example %s', (_, room, current, replicas, expected) =>
    expect(shares({ placement: tiered, room, current, replicas, tiers, status })).toEqual(expected),
  );

  it('36 fails without a number when all tiers are too small', () => {
    expect(failure({ placement: tiered, room: rooms(2, 2), replicas: 10, tiers, status })).toMatchObject({
      kind: 'Unschedulable',
      message: 'failed to assign replicas: Clusters available replicas are not enough to schedule.',
    });
  });
});

describe('everything else', () => {
  it('37 copies the number everywhere, and nothing of nothing', () => {
    expect(shares({ placement: duplicated, room: rooms(0, 0), replicas: 2 })).toEqual(rooms(2, 2));
    const none = { placement: duplicated, room: rooms(0), replicas: 0, spec: { replicaRequirements: {} } };
    expect(result(none)).toEqual([]);
    expect(withEmptyTargets(result(none), selectedOf(none))).toEqual([{ name: 'm1', replicas: 0 }]);
  });

  it('38 places what has no replicas without numbers', () => {
    expect(result({ placement: dynamically, room: rooms(1, 1) })).toEqual([{ name: 'm1' }, { name: 'm2' }]);
  });

  it('39 places whole sets of components in one cluster', () => {
    const components = [
      { name: 'JM', replicas: 1 },
      { name: 'TM', replicas: 4 },
    ];
    const placement = { ...dynamically, spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 1 }] };
    const given = { placement, room: rooms(1), spec: { components }, gates: { MultiplePodTemplatesScheduling: true } };
    expect(result(given)).toEqual([{ name: 'm1', components }]);
  });

  it('refuses a strategy that means nothing', () => {
    const placement = { replicaScheduling: { replicaSchedulingType: 'Divided' } };
    expect(failure({ placement, room: rooms(1), replicas: 1 }).message).toContain('unsupported replica scheduling strategy');
  });
});

describe('laws of division', () => {
  const roomsOf = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 12 }).map(values => rooms(...values));
  const strategy = fc.constantFrom(dynamically, aggregated);
  const sum = (row: Row): number => Object.values(row).reduce((a, b) => a + b, 0);

  it('gives exactly what is asked for, and no cluster more than it has room for', () => {
    fc.assert(
      fc.property(strategy, roomsOf, fc.nat(), fc.constantFrom('', 'a', 'b'), (placement, room, n, uid) => {
        fc.pre(sum(room) > 0);
        const replicas = 1 + (n % sum(room));
        const row = shares({ placement, room, replicas, uid });
        expect(sum(row)).toBe(replicas);
        for (const [name, count] of Object.entries(row)) expect(count).toBeLessThanOrEqual(room[name] ?? 0);
      }),
    );
  });

  it('takes as few clusters as can hold the whole when aggregated', () => {
    fc.assert(
      fc.property(roomsOf, fc.nat(), (room, n) => {
        fc.pre(sum(room) > 0);
        const replicas = 1 + (n % sum(room));
        const used = Object.keys(shares({ placement: aggregated, room, replicas })).length;
        const largest = Object.values(room).sort((a, b) => b - a);
        expect(largest.slice(0, used).reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(replicas);
        expect(largest.slice(0, used - 1).reduce((a, b) => a + b, 0)).toBeLessThan(replicas);
      }),
    );
  });

  it('does not depend on the order in which votes are given, nor on where counting starts', () => {
    const votes = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.integer({ min: 0, max: 1000 }), { minKeys: 1, maxKeys: 8 });
    fc.assert(
      fc.property(votes, fc.integer({ min: 0, max: 500 }), fc.constantFrom('a', 'b'), (row, seats, uid) => {
        fc.pre(sum(row) > 0);
        const entries = Object.entries(row);
        const forward = webster({ seats, votes: new Map(entries), uid });
        expect(webster({ seats, votes: new Map(entries.reverse()), uid })).toEqual(forward);
        const fromZero = new Map(entries.map(([name]) => [name, 0]));
        expect(webster({ seats, votes: new Map(entries), initial: fromZero, uid })).toEqual(forward);
      }),
    );
  });

  it('moves one replica at most when scaled by one over the same clusters', () => {
    fc.assert(
      fc.property(
        strategy,
        roomsOf,
        fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 12, maxLength: 12 }),
        fc.boolean(),
        (placement, room, held, up) => {
          const current = Object.fromEntries(Object.keys(room).map((name, i) => [name, held[i] ?? 0]));
          const replicas = sum(current) + (up ? 1 : -1);
          fc.pre(sum(room) > 0 && replicas > 0 && up);
          const next = shares({ placement, room, current, replicas });
          const moved = Object.keys(room).reduce((d, name) => d + Math.abs((next[name] ?? 0) - (current[name] ?? 0)), 0);
          expect(moved).toBe(1);
        },
      ),
    );
  });
});
