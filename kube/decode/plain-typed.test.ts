import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtinType } from '../types.ts';
import { isPlainlyTyped } from './plain-typed.ts';
import { decodeTyped } from './typed.ts';

const deployment = builtinType('apps/v1', 'Deployment');
const odd = fc.constantFrom<unknown>(
  null,
  true,
  1,
  -1,
  1.5,
  2 ** 40,
  '',
  'x',
  '80',
  '100m',
  '1.0Gi',
  'no quantity',
  '2024-01-01T00:00:00Z',
  '2024-01-01T00:00:00.5Z',
  'AA==',
  'AB==',
  '\ud800',
  [],
  [null],
  {},
  { a: null },
  { __proto__: null },
);

const object = fc.record(
  {
    metadata: fc.record(
      { name: odd, creationTimestamp: odd, labels: odd, finalizers: odd, generation: odd, unknown: odd },
      { requiredKeys: [] },
    ),
    spec: fc.record(
      {
        replicas: odd,
        paused: odd,
        template: fc.record(
          {
            spec: fc.record(
              {
                containers: fc.array(
                  fc.record(
                    {
                      name: odd,
                      image: odd,
                      ports: odd,
                      resources: fc.record({ limits: fc.dictionary(fc.constantFrom('cpu', 'memory'), odd) }),
                    },
                    { requiredKeys: [] },
                  ),
                ),
                nodeSelector: odd,
              },
              { requiredKeys: [] },
            ),
          },
          { requiredKeys: [] },
        ),
        strategy: fc.record({ rollingUpdate: fc.record({ maxSurge: odd }, { requiredKeys: [] }) }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

test('what is plainly of its type decodes to itself, without notes or faults', () => {
  let plain = 0;
  fc.assert(
    fc.property(object, value => {
      if (!deployment || !isPlainlyTyped(value, deployment)) return;
      plain++;
      expect(decodeTyped(JSON.stringify(value), deployment)).toEqual({ object: JSON.parse(JSON.stringify(value)), notes: [] });
    }),
    { numRuns: 2000 },
  );
  expect(plain).toBeGreaterThan(20);
});

test('unknown fields, wrong types and texts that would be written in another way are not plain', () => {
  const plain = (value: unknown): boolean => deployment !== undefined && isPlainlyTyped(value, deployment);
  expect(plain({ spec: { replicas: 3, strategy: { rollingUpdate: { maxSurge: '25%' } } } })).toBe(true);
  for (const spec of [{ Replicas: 3 }, { replicas: '3' }, { replicas: 1.5 }, { minReadySeconds: 2 ** 31 }, { selector: [] }]) {
    expect(plain({ spec }), JSON.stringify(spec)).toBe(false);
  }
  expect(plain({ metadata: { creationTimestamp: '2024-01-01T00:00:00+01:00' } })).toBe(false);
  expect(plain({ metadata: { name: '\ud800' } })).toBe(false);
  expect(plain({ metadata: { labels: { '\ud800': 'x' } } })).toBe(false);
  const limits = (cpu: unknown): unknown => ({ spec: { template: { spec: { containers: [{ resources: { limits: { cpu } } }] } } } });
  expect(plain(limits('1.0Gi'))).toBe(true);
  for (const cpu of ['', '1x', 1]) expect(plain(limits(cpu)), JSON.stringify(cpu)).toBe(false);
});
