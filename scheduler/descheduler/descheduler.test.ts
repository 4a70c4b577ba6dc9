import { describe, expect, it } from 'vitest';
import { simulatedClock } from '../../kube/index.ts';
import { APPLIED_PLACEMENT, placementText } from '../placement.ts';
import { memoryHub } from '../testing/memory-hub.ts';
import type { Binding } from '../types.ts';
import { descheduler } from './descheduler.ts';
import { deschedule, undesiredTargets } from './pass.ts';

function binding(replicas: number, readyReplicas: number): Binding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: {
      namespace: 'ns',
      name: 'web',
      uid: 'u',
      annotations: {
        [APPLIED_PLACEMENT]: placementText({
          replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' },
        }),
      },
    },
    spec: { resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, replicas, clusters: [{ name: 'm1', replicas }] },
    status: { aggregatedStatus: [{ clusterName: 'm1', status: { readyReplicas } }] },
  };
}

describe('one pass', () => {
  it.each<[string, number, number, number]>([
    ['74', 4, 1, 4],
    ['74 nothing is ready', 0, 5, 0],
    ['74 never below what is ready', 4, 2, 4],
    ['74 some are stuck', 0, 2, 3],
    ['74 more ready than asked for', 6, 2, 5],
    ['75 more stuck than asked for', 2, 7, 5],
  ])('example %s: ready %i, stuck %i leaves %i of 5', (_, ready, stuck, expected) => {
    const b = binding(5, ready);
    const change = deschedule(b, undesiredTargets(b), [new Map([['m1', stuck]])]);
    expect(change?.clusters[0]?.replicas ?? 5).toBe(expected);
  });
});

describe('the running descheduler', () => {
  it('takes stuck replicas away, tells it, and tries again when the write fails', async () => {
    const clock = simulatedClock();
    const hub = memoryHub();
    hub.put('resourcebindings', binding(5, 3));
    hub.failNextWrites(1);
    const events: string[] = [];
    const running = descheduler({
      hub: hub.client,
      clock,
      events: { event: (subject, type, reason) => void events.push(`${subject.kind} ${type} ${reason}`) },
      estimators: [{ name: 'e', unschedulableReplicas: async () => new Map([['m1', 2]]) }],
    });
    const control = new AbortController();
    const ended = running.run(control.signal);
    await clock.advance(1_000);
    const stored = hub.stored('resourcebindings', 'ns/web') as Binding;
    expect(stored.spec.clusters).toEqual([{ name: 'm1', replicas: 3 }]);
    expect(events).toContain('ResourceBinding Warning DescheduleBindingFailed');
    expect(events).toContain('Deployment Normal DescheduleBindingSucceed');
    control.abort();
    await clock.advance(200_000);
    await ended;
  });
});
