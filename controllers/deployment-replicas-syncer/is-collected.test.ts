import { expect, it } from 'vitest';
import type { ResourceBinding } from '../../crds/index.ts';
import { isCollected } from './is-collected.ts';

/** A binding of two replicas over two members, which report these counts; undefined = a status without a count. */
function binding(...reported: readonly (number | undefined)[]): ResourceBinding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { name: 'web-deployment', namespace: 'shop', generation: 3 },
    spec: {
      resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'shop' },
      replicas: 2,
      clusters: [
        { name: 'm1', replicas: 1 },
        { name: 'm2', replicas: 1 },
      ],
    },
    status: {
      schedulerObservedGeneration: 3,
      aggregatedStatus: reported.map((replicas, i) => ({ clusterName: `m${i + 1}`, status: replicas === undefined ? {} : { replicas } })),
    },
  } as ResourceBinding;
}

it('what every member reports is the answer, also where autoscalers made more of it', () => {
  expect(isCollected(binding(1, 1), { wanted: 2, reported: 2 })).toBe(true);
  expect(isCollected(binding(2, 3), { wanted: 2, reported: 5 })).toBe(true);
});
it('a member that has not said anything, or no count yet, is waited for: a change by hand is not taken back meanwhile', () => {
  expect(isCollected(binding(1), { wanted: 2, reported: 1 })).toBe(false);
  expect(isCollected(binding(1, undefined), { wanted: 2, reported: 1 })).toBe(false);
  expect(isCollected(binding(1, 0), { wanted: 2, reported: 1 })).toBe(false);
});
it('a template that is ahead of its binding, or behind it, is waited for', () => {
  expect(isCollected(binding(1, 1), { wanted: 3, reported: 2 })).toBe(false);
  expect(isCollected(binding(1, 1), { wanted: 2, reported: 1 })).toBe(false);
});
