import { describe, expect, it } from 'vitest';
import { parseJson } from '../kube/index.ts';
import { commit } from './commit.ts';
import { decide } from './decide.ts';
import { fitError, SchedulingFailure, unschedulable } from './failure.ts';
import { gates } from './gates.ts';
import { queueResultOf } from './outcome.ts';
import { APPLIED_PLACEMENT, placementChanged, placementText } from './placement.ts';
import { ownPlugins } from './plugins/index.ts';
import { type Decision, schedule } from './schedule.ts';
import type { Binding, Cluster, Placement } from './types.ts';

const on = gates();
const spec = { resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, replicas: 2 };
const EMPTY = {
  affinityName: '',
  total: 0,
  refused: [],
  feasible: [],
  scores: [],
  answers: [],
  candidates: { names: [], score: [], overflowOrder: [], allocatable: [], available: [] },
  groups: [],
  selected: [],
  steps: [],
};

function binding(placement: Placement, o: { applied?: Placement; observed?: string } = {}): Binding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: {
      namespace: 'ns',
      name: 'web',
      generation: 1,
      ...(o.applied ? { annotations: { [APPLIED_PLACEMENT]: placementText(o.applied) } } : {}),
    },
    spec: { ...spec, placement, clusters: [{ name: 'm1', replicas: 2 }] },
    ...(o.observed ? { status: { schedulerObservingAffinityName: o.observed } } : {}),
  };
}

const term = (affinityName: string, ...clusterNames: string[]) => ({ affinityName, clusterNames });
const groups = (...clusterAffinities: ReturnType<typeof term>[]): Placement => ({ clusterAffinities });

describe('a changed placement', () => {
  it.each<[string, Placement, Placement, boolean]>([
    ['70 another group is new', groups(term('g1', 'm1')), groups(term('g1', 'm1'), term('g2', 'm1', 'm2')), false],
    ['71 the observed group differs', groups(term('g1', 'm1')), groups(term('g1', 'm1', 'm2')), true],
    ['71 the observed group is gone', groups(term('g1', 'm1')), groups(term('g2', 'm1')), true],
    [
      'empty lists are absent',
      { clusterAffinity: {} },
      { clusterAffinity: { clusterNames: [], exclude: [] }, clusterTolerations: [] },
      false,
    ],
  ])('%s', (_, applied, current, expected) => expect(placementChanged(binding(current, { applied, observed: 'g1' }))).toBe(expected));

  it('is written with weights beyond what a double tells apart', () => {
    const read = parseJson(
      '{"replicaScheduling":{"weightPreference":{"staticWeightList":[{"targetCluster":{},"weight":9223372036854775807}]}}}',
    );
    expect(placementText(read as Placement)).toContain('"weight":9223372036854775807');
  });

  it('is written with the signs that HTML cares about escaped', () => {
    expect(placementText({ clusterAffinity: { clusterNames: ['<a&b>'] } })).toBe(
      '{"clusterAffinity":{"clusterNames":["\\u003ca\\u0026b\\u003e"]}}',
    );
  });
});

interface Told {
  readonly calls: string[];
  readonly patches: unknown[];
  readonly events: string[];
  readonly error: Error | undefined;
}

async function run(b: Binding, outcomes: Record<string, SchedulingFailure>): Promise<Told> {
  const told = { calls: [] as string[], patches: [] as unknown[], events: [] as string[] };
  const decided = await decide(b, {
    terminating: new Set(),
    gates: on,
    cycle: async (status): Promise<Decision> => {
      const name = status.schedulerObservingAffinityName ?? '';
      told.calls.push(name);
      const failure = outcomes[name];
      return failure ? { failure, record: EMPTY } : { clusters: [{ name: 'm9', replicas: 2 }], record: EMPTY };
    },
  });
  const error = await commit(b, decided, {
    patch: async body => void told.patches.push(body),
    event: (type, _, message) => void told.events.push(`${type} ${message}`),
    timestamp: () => '2026-01-01T00:00:00Z',
    generation: () => b.metadata.generation ?? 0,
  });
  return { ...told, error };
}

describe('affinity groups', () => {
  const two = groups(term('g1', 'm1'), term('g2', 'm2'));

  it('72 are not tried again once left behind, and a fit error clears the targets', async () => {
    const { calls, patches, error } = await run(binding(two, { observed: 'g2' }), { g2: fitError(1, ['no']) });
    expect(calls).toEqual(['g2']);
    expect(patches[0]).toMatchObject({ spec: { clusters: null } });
    expect(JSON.stringify(patches)).not.toContain('schedulerObservingAffinityName');
    expect(queueResultOf(error)).toBe('forget');
  });

  it('73 are judged by the first failure', async () => {
    const { calls, patches, events, error } = await run(binding(two), { g1: unschedulable('too small'), g2: fitError(1, ['no']) });
    expect(calls).toEqual(['g1', 'g2']);
    expect(error?.message).toBe('too small');
    expect(queueResultOf(error)).toBe('unschedulable');
    expect(patches).toHaveLength(1);
    expect(events).toEqual([
      'Warning failed to schedule ResourceBinding(ns/web) with clusterAffiliates index(0): too small',
      'Warning failed to schedule ResourceBinding(ns/web) with clusterAffiliates index(1): 0/1 clusters are available: 1 no.',
    ]);
  });

  it('are left for the next when one fails, and the one that works is written down', async () => {
    const { patches } = await run(binding(two), { g1: fitError(1, ['no']) });
    expect(patches).toContainEqual({ status: { schedulerObservingAffinityName: 'g2' } });
  });
});

describe('a fit error', () => {
  it('69 counts the reasons', async () => {
    const cluster = (name: string, more: Partial<Cluster> = {}): Cluster => ({
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name },
      status: { apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }] },
      ...more,
    });
    const taint = { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } };
    const { failure } = await schedule(
      [cluster('m1', taint), cluster('m2', taint), cluster('m3'), cluster('m4')],
      {
        spec: {
          ...spec,
          placement: { clusterAffinity: { clusterNames: ['m1', 'm2', 'm4'] } },
          gracefulEvictionTasks: [{ fromCluster: 'm4' }],
        },
        status: {},
        namespace: 'ns',
      },
      { gates: on, plugins: ownPlugins(on), estimators: [], signal: new AbortController().signal },
    );
    expect(failure?.message).toBe(
      '0/4 clusters are available: 1 cluster(s) did not match the placement cluster affinity constraint, 1 cluster(s) is in the process of eviction, 2 cluster(s) had untolerated taint {k=v:NoSchedule}.',
    );
  });

  it('of an empty snapshot says so', () => {
    expect(fitError(0, []).message).toBe('0/0 clusters are available: no cluster exists.');
    expect(new SchedulingFailure('Error', 'x').kind).toBe('Error');
  });
});
