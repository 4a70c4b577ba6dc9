import { describe, expect, it } from 'vitest';
import { simulatedClock } from '../kube/index.ts';
import type { AdmissionContext } from './admission.ts';
import { webhookConfigurations } from './configurations.ts';
import { admissionRules, ruleAt } from './rules.ts';

const context: AdmissionContext = {
  clock: simulatedClock(),
  compileLua: async () => undefined,
  reader: { quotas: async () => [], customizations: async () => [] },
};
const policy = { apiVersion: 'policy.karmada.io/v1alpha1', kind: 'PropagationPolicy', metadata: { name: 'p', namespace: 'team' } };

describe('the admission rules', () => {
  it('have one path each', () => {
    expect(new Set(admissionRules.map(r => r.path)).size).toBe(admissionRules.length);
  });

  it('appear in the two configurations under their own paths', () => {
    const [mutating, validating] = webhookConfigurations('Y2E=', 'https://127.0.0.1:8443/');
    expect(mutating.metadata.name).toBe('mutating-config');
    expect(validating.metadata.name).toBe('validating-config');
    const text = JSON.stringify([mutating, validating]);
    for (const rule of admissionRules) expect(text).toContain(`"https://127.0.0.1:8443${rule.path}"`);
  });

  it('give a new policy an id and a finalizer, and its selectors the namespace', () => {
    const object = { ...policy, spec: { resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap' }] } };
    const changed = ruleAt('/mutate-propagationpolicy')?.mutate?.({ operation: 'CREATE', namespace: 'team', object }, context);
    expect(changed?.metadata.finalizers).toEqual(['karmada.io/propagation-policy-controller']);
    expect(changed?.metadata.labels?.['propagationpolicy.karmada.io/permanent-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(changed?.['spec']).toEqual({ placement: {}, resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'team' }] });
  });

  it('refuse to delete what is protected', async () => {
    const oldObject = { ...policy, metadata: { name: 'x', labels: { 'resourcetemplate.karmada.io/deletion-protected': 'Always' } } };
    const rule = ruleAt('/validate-resourcedeletionprotection');
    const verdict = await rule?.validate?.({ operation: 'DELETE', oldObject }, context, new AbortController().signal);
    expect(verdict?.allowed).toBe(false);
  });
});
