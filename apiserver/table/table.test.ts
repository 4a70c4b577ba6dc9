import { expect, test } from 'vitest';
import { crdColumns, toTable } from './index.ts';

const object = {
  apiVersion: 'a/v1',
  kind: 'A',
  metadata: { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z', annotations: { 'a.b': 'c' } },
  spec: { size: 3, list: [{ n: 'first' }] },
};

test('printer columns read paths, lists and escaped dots, and print ages', () => {
  const columns = crdColumns([
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'First', type: 'string', jsonPath: '.spec.list[0].n' },
    { name: 'Note', type: 'string', jsonPath: '.metadata.annotations.a\\.b' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'None', type: 'string', jsonPath: '.spec.absent' },
  ]);
  const table = toTable({
    columns,
    objects: [object],
    includeObject: 'None',
    metadata: {},
    version: 'v1',
    now: Date.UTC(2026, 0, 1, 0, 1),
  });
  expect(table['rows']).toEqual([{ cells: ['x', 3, 'first', 'c', '60s', null], object: null }]);
});
