import { describe, expect, it } from 'vitest';
import { type AnyObject, simulatedClock } from '../kube/index.ts';
import type { AdmissionContext } from './admission.ts';
import { validateModels } from './cluster/models.ts';
import { webhookConfigurations } from './configurations.ts';
import { admissionRules, ruleAt } from './rules.ts';

const context: AdmissionContext = {
  clock: simulatedClock(),
  compileLua: async () => undefined,
  reader: { quotas: async () => [], customizations: async () => [] },
};
const policy = { apiVersion: 'policy.karmada.io/v1alpha1', kind: 'PropagationPolicy', metadata: { name: 'p', namespace: 'team' } };

const SHARE = { type: 'Utilization', averageUtilization: 50 };
const hpa = (metric: object): object => ({
  maxReplicas: 3,
  minReplicas: 1,
  scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
  metrics: [metric],
});
const placed = (keys: readonly string[]): object => ({
  targetCluster: { fieldSelector: { matchExpressions: keys.map(key => ({ key, operator: 'In', values: ['a'] })) } },
});

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

  const container = (name: string): object => ({ type: 'ContainerResource', containerResource: { name, container: 'c', target: SHARE } });
  it.each<[string, object, object, RegExp]>([
    ['validate-federatedhpa', hpa(container('memory')), {}, /^$/],
    ['validate-federatedhpa', hpa(container('db')), {}, /"db": must be a standard resource for containers\]$/],
    ['validate-federatedhpa', hpa(container('a/b/c')), {}, /"a\/b\/c": doesn't follow extended resource name standard/],
    ['validate-overridepolicy', { overrideRules: [], overriders: { labelsOverrider: [] } }, {}, /^$/],
    ['validate-clusteroverridepolicy', placed(['rack', 'shelf']), {}, /^[^[].*unsupported key "rack", must be provider, region, or zone$/],
    ['validate-multiclusterservice', { types: [] }, {}, /spec.types: Invalid value: null: MultiClusterService types are immutable/],
    [
      'validate-cronfederatedhpa',
      { scaleTargetRef: { apiVersion: 'autoscaling.karmada.io/v1alpha1', kind: 'X' } },
      {},
      /metadata.namespace: Required/,
    ],
  ])('tell of %s what is wrong: %j', async (path, spec, old, text) => {
    const metadata = { name: 'p', resourceVersion: '1', ...(path.includes('cron') ? {} : { namespace: 'team' }) };
    const object = { apiVersion: 'x/v1', kind: 'X', metadata, spec } as AnyObject;
    const request = { operation: 'UPDATE', namespace: 'team', object, oldObject: { ...object, spec: old } } as const;
    const verdict = await ruleAt(`/${path}`)?.validate?.(request, context, new AbortController().signal);
    expect(verdict?.allowed ? '' : verdict?.message).toMatch(text);
  });

  it('tell of resource models the first fault of the first range', () => {
    const ranges = [
      { name: 'cpu', min: '0', max: '1' },
      { name: 'memory', min: '4Gi', max: '1Gi' },
    ];
    expect(JSON.stringify(validateModels([{ grade: 0, ranges }], 'spec.resourceModels'))).toContain('should be MaxInt64');
  });

  it('refuse to delete what is protected', async () => {
    const oldObject = { ...policy, metadata: { name: 'x', labels: { 'resourcetemplate.karmada.io/deletion-protected': 'Always' } } };
    const rule = ruleAt('/validate-resourcedeletionprotection');
    const verdict = await rule?.validate?.({ operation: 'DELETE', oldObject }, context, new AbortController().signal);
    expect(verdict?.allowed).toBe(false);
  });
});
