import { expect, test } from 'vitest';
import { builtinColumns, clusterColumns, crdColumns, toTable } from './index.ts';

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

const NOW = Date.UTC(2026, 0, 1, 0, 1);

test('a pod waits for the init container that failed, and says how often it was restarted', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [{ name: 'c' }], initContainers: [{ name: 'i' }] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        {
          name: 'i',
          restartCount: 2,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { finishedAt: '2026-01-01T00:00:30Z' } },
        },
      ],
    },
  };
  expect(builtinColumns('v1', 'Pod').cells(pod, NOW).slice(0, 5)).toEqual(['p', '0/1', 'Init:CrashLoopBackOff', '2 (30s ago)', '60s']);
});

test('a row of a pod that has ended says so', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status: { phase: 'Succeeded' } };
  expect(builtinColumns('v1', 'Pod').conditions?.(pod)).toMatchObject([{ type: 'Completed', reason: 'Succeeded' }]);
});

test('a cluster shows its version, mode and readiness', () => {
  const cluster = {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'm1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { syncMode: 'Push', zones: ['a', 'b'], apiEndpoint: 'https://m1' },
    status: { kubernetesVersion: 'v1.36.1', conditions: [{ type: 'Ready', status: 'True' }] },
  };
  expect(clusterColumns.cells(cluster, NOW)).toEqual(['m1', 'v1.36.1', 'Push', 'True', '60s', 'a,b', '', '', 'https://m1', '']);
});

test('a printer column shows the first result of its path, whatever the path does', () => {
  const items = [
    { n: 1, name: 'a', on: true },
    { n: 2, name: 'b<', on: false },
  ];
  const shown = (jsonPath: string, type = 'string'): unknown =>
    crdColumns([{ name: 'X', type, jsonPath }]).cells({ ...object, spec: { items, half: 0.5, none: null } }, NOW)[1];
  expect(shown('.spec.items[1:].name')).toBe('b<');
  expect(shown('.spec.items[-1].n', 'integer')).toBe(2);
  expect(shown('.spec.items[?(@.n>=2)].on', 'boolean')).toBe(false);
  expect(shown('.spec.items[?(@.name=="a")]')).toBe('{"n":1,"name":"a","on":true}');
  expect(shown('.spec.items[0,1].name')).toBe('a');
  expect(shown('.spec.items[?(@.n>0.5)].name')).toBeNull();
  expect(shown('.spec.items[5].name')).toBeNull();
  expect(shown('.spec..half')).toBe('0.5');
  expect(shown('.spec.none')).toBe('<no value>');
  expect(shown('.spec.items[1]')).toBe('{"n":2,"name":"b\\u003c","on":false}');
});

test('columns end before the first one whose path cannot be read', () => {
  const columns = ['.spec.size', '.spec["a"]', '.spec.list'].map(jsonPath => ({ name: jsonPath, type: 'string', jsonPath }));
  expect(crdColumns(columns).columns.map(c => c.name)).toEqual(['Name', '.spec.size']);
});
