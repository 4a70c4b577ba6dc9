import { equal } from '../../../../kube/index.ts';
import {
  assignReplicas,
  type BindingSpec,
  type BindingStatus,
  type Candidate,
  mergeTargets,
  SchedulingFailure,
  webster,
} from '../../../../scheduler/index.ts';
import { agree, differ, type Suite, type VectorCase, type Verdict } from '../../suite.ts';
import { referenceGates } from './cycle.ts';
import { judgeCycle, oneOf, recorded } from './outcome.ts';

type Pairs = readonly (readonly [string, number])[];

interface Assign {
  readonly clusters: readonly (Omit<Candidate, 'cluster' | 'score'> & { readonly labels?: Record<string, string> })[];
  readonly spec: BindingSpec;
  readonly status?: BindingStatus;
  readonly gates?: Record<string, boolean>;
}

function assign(c: VectorCase): Verdict {
  const { clusters, spec, status = {}, gates } = c.in as unknown as Assign;
  const selected = clusters.map(({ labels, ...numbers }) => ({
    ...numbers,
    overflowOrder: numbers.overflowOrder ?? 0,
    score: 0,
    cluster: {
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name: numbers.name, ...(labels ? { labels } : {}) },
    },
  }));
  try {
    return judgeCycle(c, { clusters: assignReplicas({ selected, spec, status, gates: referenceGates(gates) }) });
  } catch (error) {
    if (error instanceof SchedulingFailure) return judgeCycle(c, { error: error.message, kind: error.kind });
    throw error;
  }
}

const targets = (pairs: Pairs) => pairs.map(([name, replicas]) => ({ name, replicas }));
const pairs = (list: readonly { readonly name: string; readonly replicas: number }[]): Pairs =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : 1)).map(t => [t.name, t.replicas]);

interface Dispense {
  readonly replicas: number;
  readonly weights: Pairs;
  readonly init?: Pairs;
  readonly uid?: string;
}

function dispense(c: VectorCase): Verdict {
  const { replicas, weights, init = [], uid } = c.in as unknown as Dispense;
  const weighted = weights.some(([, weight]) => weight > 0);
  const parties = weighted
    ? webster({ seats: replicas, votes: new Map(weights), initial: new Map(init), ...(uid === undefined ? {} : { uid }) })
    : [];
  const done = replicas === 0 && init.length > 0;
  const got = pairs(done || parties.length === 0 ? targets(init) : parties.map(p => ({ name: p.name, replicas: p.seats })));
  const same = (result: unknown): boolean => equal(pairs(targets((result ?? []) as Pairs)), got);
  return recorded(c).some(r => same(r['result'])) ? agree : differ(got, recorded(c));
}

function websterCase(c: VectorCase): Verdict {
  const input = c.in as { seats: number; votes: Record<string, number>; initial?: Record<string, number> };
  const parties = webster({
    seats: input.seats,
    votes: new Map(Object.entries(input.votes)),
    initial: new Map(Object.entries(input.initial ?? {})),
  });
  return oneOf(c, { parties: parties.map(p => [p.name, p.seats]) });
}

function merge(c: VectorCase): Verdict {
  const input = c.in as { old: Pairs; new: Pairs };
  const got = pairs(mergeTargets(targets(input.old), targets(input.new)));
  return recorded(c).some(r => equal(pairs(targets((r['result'] ?? []) as Pairs)), got)) ? agree : differ(got, recorded(c));
}

export const suite: Suite = {
  check(c) {
    switch (c.in['kind']) {
      case 'assign':
        return assign(c);
      case 'webster':
        return websterCase(c);
      case 'merge':
        return merge(c);
      default:
        return dispense(c);
    }
  },
};
