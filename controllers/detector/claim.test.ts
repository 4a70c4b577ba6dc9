import { describe, expect, it } from 'vitest';
import type { PropagationPolicy } from '../../crds/index.ts';
import { claimed, claimOf, unclaimed } from './claim.ts';

const policyOf = (namespace: string | undefined, id: string): PropagationPolicy =>
  ({
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: namespace ? 'PropagationPolicy' : 'ClusterPropagationPolicy',
    metadata: {
      name: 'p',
      ...(namespace ? { namespace } : {}),
      labels: { [`${namespace ? '' : 'cluster'}propagationpolicy.karmada.io/permanent-id`]: id },
    },
    spec: { resourceSelectors: [] },
  }) as PropagationPolicy;
const object = (metadata: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', ...metadata } });

describe('claims', () => {
  it('name the policy in a label and annotations, beside what users wrote', () => {
    const metadata = claimed({ labels: { a: '1' } }, policyOf('ns', 'i'));
    expect(metadata.labels).toEqual({ a: '1', 'propagationpolicy.karmada.io/permanent-id': 'i' });
    expect(claimOf(object(metadata))).toEqual({ scope: 'Namespaced', id: 'i', namespace: 'ns', name: 'p' });
  });

  it('of a namespaced policy drive that of a cluster-wide one out, but not the other way round', () => {
    const both = claimed(claimed({}, policyOf(undefined, 'c')), policyOf('ns', 'n'));
    expect(both.labels).toEqual({ 'propagationpolicy.karmada.io/permanent-id': 'n' });
    const kept = claimed(claimed({}, policyOf('ns', 'n')), policyOf(undefined, 'c'));
    expect(Object.keys(kept.labels ?? {})).toHaveLength(2);
  });

  it('are written once, and removed without a trace', () => {
    const policy = policyOf('ns', 'i');
    const once = claimed({ labels: { a: '1' } }, policy);
    expect(claimed(once, policy)).toBe(once);
    expect(unclaimed(once, 'Namespaced')).toEqual({ labels: { a: '1' }, annotations: {} });
  });
});
