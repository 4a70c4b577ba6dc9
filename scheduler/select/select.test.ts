import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SchedulingFailure } from '../failure.ts';
import { gates } from '../gates.ts';
import type { BindingSpec, Placement } from '../types.ts';
import { type Candidate, compareCandidates } from './candidate.ts';
import { dividedScore, duplicatedScore } from './group-score.ts';
import { type Group, searchGroups } from './group-search.ts';
import { selectClusters } from './index.ts';

interface Fields {
  readonly region?: string;
  readonly zones?: readonly string[];
  readonly labels?: Record<string, string>;
}

function candidate(name: string, score: number, available: number, { labels, ...spec }: Fields = {}): Candidate {
  const metadata = { name, ...(labels ? { labels } : {}) };
  const cluster = { apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster', metadata, spec };
  return { name, cluster, score, overflowOrder: 0, allocatable: available, available };
}

const divided = { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' };
const field = (spreadByField: string, minGroups: number, maxGroups: number) => ({ spreadByField, minGroups, maxGroups });

function select(candidates: readonly Candidate[], replicas: number, placement: Placement, on = gates()): string[] | string {
  const spec: BindingSpec = { resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, replicas, placement };
  try {
    return selectClusters(candidates, { spec, gates: on }).map(c => c.name);
  } catch (error) {
    if (error instanceof SchedulingFailure) return error.message;
    throw error;
  }
}

describe('selection by cluster', () => {
  const four = [candidate('m1', 20, 40), candidate('m2', 40, 60), candidate('m3', 30, 80), candidate('m4', 60, 50)];
  const duplicated = { replicaSchedulingType: 'Duplicated' };

  it.each<[string, Placement['replicaScheduling'], number, [number, number], string[] | string]>([
    ['40 the best two have room', divided, 100, [1, 2], ['m4', 'm2']],
    ['41 the last gives way to a roomier one', divided, 120, [1, 2], ['m4', 'm3']],
    ['42 no two have room', divided, 200, [1, 2], 'no enough resource when selecting 2 clusters'],
    ['43 room does not count for copies', duplicated, 120, [1, 2], ['m4', 'm2']],
    ['43 too few clusters', duplicated, 120, [7, 7], 'the number of feasible clusters is less than spreadConstraint.MinGroups'],
  ])('example %s', (_, replicaScheduling, replicas, [min, max], expected) =>
    expect(
      select(four, replicas, { ...(replicaScheduling ? { replicaScheduling } : {}), spreadConstraints: [field('cluster', min, max)] }),
    ).toEqual(expected),
  );

  it('44 swaps only as much as is needed', () => {
    const three = [candidate('m1', 60, 40), candidate('m2', 50, 30), candidate('m3', 40, 60)];
    expect(select(three, 80, { replicaScheduling: divided, spreadConstraints: [field('cluster', 1, 2)] })).toEqual(['m1', 'm3']);
  });

  it('takes maxGroups 0 for none at all', () => {
    expect(select(four, 10, { spreadConstraints: [field('cluster', 0, 0)] })).toEqual([]);
    expect(select(four, 10, { replicaScheduling: divided, spreadConstraints: [field('cluster', 0, 0)] })).toBe(
      'no enough resource when selecting 0 clusters',
    );
  });

  it('knows no selection by label or zone alone when the gate is off', () => {
    const off = gates({ SpreadByAnyTopology: false });
    expect(select(four, 1, { spreadConstraints: [{ spreadByLabel: 'x', minGroups: 1, maxGroups: 1 }] }, off)).toBe(
      'just support cluster and region spread constraint',
    );
  });
});

const group = (name: string, value: number, weight: number): Group => ({ name, value, weight });

describe('group search', () => {
  it.each<[string, readonly Group[], [number, number, number], string[]]>([
    [
      '45 the only combination',
      [group('R1', 1, 80), group('R3', 1, 80), group('R2', 1, 60), group('R5', 2, 60), group('R4', 5, 50), group('R6', 3, 50)],
      [10, 1, 3],
      ['R5', 'R4', 'R6'],
    ],
    [
      '46 the beginning of a heavier one',
      [group('R1', 1, 80), group('R2', 4, 40), group('R3', 1, 30), group('R4', 3, 30), group('R5', 3, 20), group('R6', 5, 10)],
      [5, 2, 6],
      ['R1', 'R2'],
    ],
    [
      '47 the heaviest',
      [group('R1', 1, 60), group('R2', 1, 50), group('R3', 1, 40), group('R4', 3, 30), group('R5', 3, 20), group('R6', 3, 10)],
      [6, 1, 3],
      ['R1', 'R4', 'R5'],
    ],
    ['48 the first of equals', [group('R1', 1, 60), group('R2', 2, 50), group('R3', 3, 40), group('R4', 4, 30)], [5, 1, 2], ['R1', 'R4']],
    [
      '49 the one with more clusters',
      [group('R4', 1, 60), group('R3', 3, 50), group('R1', 3, 40), group('R2', 4, 30)],
      [5, 1, 2],
      ['R3', 'R1'],
    ],
    ['50 equals throughout', [group('R1', 2, 10), group('R2', 2, 10), group('R3', 2, 10)], [2, 1, 2], ['R1']],
  ])('example %s', (_, groups, [target, min, max], expected) =>
    expect(searchGroups(groups, { min, max, target }).map(g => g.name)).toEqual(expected),
  );

  it('finds what trying every combination finds', () => {
    const groups = fc
      .array(fc.record({ value: fc.integer({ min: 1, max: 4 }), weight: fc.integer({ min: 0, max: 5 }) }), { minLength: 1, maxLength: 7 })
      .map(list => list.map((g, i) => group(`R${i}`, g.value, g.weight)));
    const small = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(groups, small, small, fc.integer({ min: 0, max: 12 }), (list, min, span, target) => {
        const bounds = { min, max: min + span - 1, target };
        const found = searchGroups(list, bounds);
        expect(found.map(g => g.name)).toEqual(exhaustive(list, bounds));
      }),
    );
  });

  it('answers soon however many groups there are', () => {
    const many = Array.from({ length: 60 }, (_, i) => group(`R${i}`, 1 + (i % 3), (i * 7919) % 101));
    expect(searchGroups(many, { min: 20, max: 40, target: 45 }).length).toBeGreaterThanOrEqual(20);
  });
});

/** The search as the specification tells it, without leaving anything out. */
function exhaustive(groups: readonly Group[], { min, max, target }: { min: number; max: number; target: number }): string[] {
  const heavy = (a: Group, b: Group): number => b.weight - a.weight || (a.name < b.name ? -1 : 1);
  const sorted = [...groups].sort((a, b) => a.value - b.value || heavy(a, b));
  const paths: Group[][] = [];
  const total = (path: readonly Group[], of: (g: Group) => number): number => path.reduce((s, g) => s + of(g), 0);
  const visit = (path: Group[], next: number): void => {
    if (path.length > 0 && path.length >= min && path.length <= max && total(path, g => g.value) >= target) {
      paths.push([...path].sort(heavy));
      return;
    }
    if (path.length < max) for (const [i, g] of sorted.slice(next).entries()) visit([...path, g], next + i + 1);
  };
  visit([], 0);
  const order = paths
    .map((path, id) => ({ path, id, weight: total(path, g => g.weight), value: total(path, g => g.value) }))
    .sort((a, b) => b.weight - a.weight || b.value - a.value || a.id - b.id)
    .map(p => p.path.map(g => g.name));
  let best = order[0] ?? [];
  for (const path of order) if (path.length < best.length && path.every((name, i) => name === best[i])) best = path;
  return best;
}

describe('selection by region', () => {
  const eight = [
    candidate('m1', 70, 0, { region: 'R1' }),
    ...['m2', 'm3', 'm4'].map(name => candidate(name, 40, 0, { region: 'R2' })),
    candidate('m5', 60, 0, { region: 'R3' }),
    candidate('m6', 50, 0, { region: 'R3' }),
    candidate('m7', 70, 0, { region: 'R4' }),
    candidate('m8', 50, 0, { region: 'R5' }),
  ];

  it('51 takes the best of each region first, then fills up', () => {
    const chosen = select(eight, 0, { replicaScheduling: divided, spreadConstraints: [field('region', 1, 3), field('cluster', 6, 8)] });
    expect(chosen).toEqual(['m1', 'm5', 'm2', 'm6', 'm3', 'm4']);
  });

  it('52 prefers the region with clusters enough', () => {
    const five = [
      ...['a1', 'a2'].map(name => candidate(name, 100, 0, { region: 'R1' })),
      ...['b1', 'b2', 'b3'].map(name => candidate(name, 80, 0, { region: 'R2' })),
    ];
    expect(select(five, 0, { spreadConstraints: [field('region', 1, 1), field('cluster', 3, 3)] })).toEqual(['b1', 'b2', 'b3']);
  });
});

describe('group scores', () => {
  const members = (scores: readonly number[], rooms: readonly number[]): Candidate[] =>
    scores.map((score, i) => candidate(`m${i}`, score, rooms[i] ?? 0)).sort(compareCandidates);

  it('53 of copies', () => {
    expect(duplicatedScore(members([100, 100, 0, 0, 0], [30, 30, 30, 30, 30]), 20)).toBe(5040);
    expect(duplicatedScore(members([100, 100, 100, 100, 100], [30, 30, 30, 10, 10]), 20)).toBe(3100);
  });

  it.each<[string, readonly number[], readonly number[], number]>([
    ['54', [100, 100, 0, 0, 0], [30, 30, 30, 10, 10], 50100],
    ['54 walked to the end', [100, 100, 100, 100, 100], [10, 10, 10, 5, 5], 40100],
    ['55', [0, 0, 0], [100, 100, 100], 50000],
    ['55 with scores', [100, 100, 100], [50, 50, 50], 50100],
  ])('of shares, example %s', (_, scores, rooms, expected) =>
    expect(dividedScore(members(scores, rooms), { replicas: 100, minGroups: 2, minClusters: 0 })).toBe(expected),
  );
});

describe('selection by any topology', () => {
  const zones = [candidate('m1', 0, 9, { zones: ['a'] }), candidate('m2', 0, 8, { zones: ['a'] }), candidate('m3', 0, 1, { zones: ['b'] })];

  it('spreads over zones as over regions', () => {
    const constraints = [field('zone', 2, 2), field('cluster', 2, 2)];
    expect([...select(zones, 4, { replicaScheduling: divided, spreadConstraints: constraints })].sort()).toEqual(['m1', 'm3']);
    expect(select(zones, 4, { replicaScheduling: divided, spreadConstraints: constraints }, gates({ SpreadByAnyTopology: false }))).toEqual(
      ['m1', 'm2'],
    );
  });

  it('spreads over the values of a label, and leaves out clusters without it', () => {
    const racks = [
      candidate('m1', 0, 9, { labels: { rack: 'x' } }),
      candidate('m2', 0, 8, { labels: { rack: 'y' } }),
      candidate('m3', 0, 99),
    ];
    const spreadConstraints = [{ spreadByLabel: 'rack', minGroups: 2, maxGroups: 2 }, field('cluster', 2, 3)];
    expect([...select(racks, 4, { replicaScheduling: divided, spreadConstraints })].sort()).toEqual(['m1', 'm2']);
  });

  it('tells when there are too few groups', () => {
    expect(select(zones, 4, { spreadConstraints: [field('zone', 3, 3)] })).toBe(
      'the number of feasible zone is less than spreadConstraint.MinGroups',
    );
  });

  it('takes a cluster in several zones once', () => {
    const both = [candidate('m1', 0, 9, { zones: ['a', 'b'] }), candidate('m2', 0, 8, { zones: ['b'] })];
    expect(select(both, 4, { spreadConstraints: [field('zone', 2, 2), field('cluster', 2, 2)] })).toEqual(['m1', 'm2']);
  });
});
