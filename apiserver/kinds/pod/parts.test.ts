import { expect, it } from 'vitest';
import { keepOtherParts } from './parts.ts';

const old = {
  metadata: { name: 'p', uid: 'u', labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', image: 'i', resources: {} }] },
  status: { phase: 'Running' },
};

it.each([
  ['resize', [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }], undefined],
  ['ephemeralcontainers', [{ name: 'c', image: 'i', resources: {} }], [{ name: 'e' }]],
])('/%s changes its own part and nothing else', (subresource, containers, ephemeralContainers) => {
  const sent = {
    metadata: { name: 'p', uid: 'u', labels: { x: 'y' }, managedFields: [{ manager: 'm' }] },
    spec: {
      containers: [{ name: 'c', image: 'other', resources: { requests: { cpu: '1' } } }],
      ephemeralContainers: [{ name: 'e' }],
      activeDeadlineSeconds: 5,
    },
  };
  keepOtherParts(sent, old, subresource);
  expect(sent).toEqual({
    metadata: { name: 'p', uid: 'u', labels: { a: 'b' }, managedFields: [{ manager: 'm' }] },
    spec: { containers, ...(ephemeralContainers ? { ephemeralContainers } : {}) },
    status: { phase: 'Running' },
  });
});

it('containers that are others than before are left for validation to refuse', () => {
  const sent = { metadata: { name: 'p' }, spec: { containers: [] } };
  keepOtherParts(sent, old, 'resize');
  expect(sent.spec.containers).toEqual([]);
});
