import { expect, it } from 'vitest';
import { kindRules } from './index.ts';

type Plain = Record<string, unknown>;

const stored: Plain = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 's', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i', terminationMessagePolicy: 'File' }] } },
  },
};
const rules = kindRules('apps/v1', 'StatefulSet');
rules?.defaults(stored);

it('the counts of a status are not negative, and parts not above their whole; only writes of the status are judged so', () => {
  const next: Plain = { ...stored, status: { replicas: -1, readyReplicas: 1, availableReplicas: 2 } };
  const judged = (subresource: string): unknown => rules?.validateUpdate(next, stored, subresource).map(f => f.field);
  expect(judged('status')).toEqual([
    'status.replicas',
    'status.readyReplicas',
    'status.currentReplicas',
    'status.updatedReplicas',
    'status.availableReplicas',
    'status.availableReplicas',
  ]);
  expect(judged('')).toEqual([]);
});
