import { describe, expect, it } from 'vitest';
import { AssumedWorkloads } from './assumed.ts';
import type { Binding } from './types.ts';

const binding = (health = ''): Binding => ({
  apiVersion: 'work.karmada.io/v1alpha2',
  kind: 'ResourceBinding',
  metadata: { namespace: 'ns', name: 'web' },
  spec: {
    resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    replicas: 3,
    replicaRequirements: { resourceRequest: { cpu: '1' } },
  },
  status: { aggregatedStatus: [{ clusterName: 'm1', health }] },
});
const targets = [
  { name: 'm1', replicas: 2 },
  { name: 'm2', replicas: 1 },
];

describe('assumed workloads', () => {
  it('count for other bindings, not for their own', () => {
    const assumed = new AssumedWorkloads(() => 0);
    assumed.assume('ns/web', binding(), targets);
    expect([...assumed.others('ns/web')]).toEqual([]);
    expect(assumed.others('ns/db').get('m1')).toEqual([
      { namespace: 'ns', components: [{ name: '', replicas: 2, replicaRequirements: { resourceRequest: { cpu: '1' } } }] },
    ]);
  });

  it('end with the result that names the cluster no more, with health, and with time', () => {
    let now = 0;
    const assumed = new AssumedWorkloads(() => now);
    const held = (): string[] => [...assumed.others('').keys()];
    assumed.assume('ns/web', binding(), targets);
    assumed.assume('ns/web', binding(), targets.slice(0, 1));
    expect(held()).toEqual(['m1']);
    assumed.observe('ns/web', binding(), binding('Healthy'));
    expect(held()).toEqual([]);
    assumed.assume('ns/web', binding(), targets);
    now = 5 * 60_000;
    expect(held()).toEqual([]);
  });
});
