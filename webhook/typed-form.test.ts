import { describe, expect, it } from 'vitest';
import { typedForm } from './typed-form.ts';

const policy = (spec: object) => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'OverridePolicy',
  metadata: { name: 'p', labels: {} },
  spec,
});

describe('the typed form', () => {
  it('has the structures that are never absent, and no empty lists, maps or nulls', () => {
    const object = policy({ overrideRules: [], resourceSelectors: [{ labelSelector: { matchLabels: {} } }], targetCluster: null });
    expect(typedForm(object, { always: { overriders: {} } })).toEqual({
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'OverridePolicy',
      metadata: { name: 'p' },
      spec: { overriders: {}, resourceSelectors: [{ labelSelector: {} }] },
    });
  });

  it('keeps empty lists that a kind writes', () => {
    expect(typedForm(policy({ resourceSelectors: [] }), { emptyLists: ['resourceSelectors'] })['spec']).toEqual({ resourceSelectors: [] });
  });

  it('leaves values that may be any JSON as they are', () => {
    const overriders = { plaintext: [{ path: '/a', value: { list: [], none: null } }], labelsOverrider: [{ operator: 'add', value: {} }] };
    expect(typedForm(policy({ overriders }), {})['spec']).toEqual({
      overriders: { plaintext: [{ path: '/a', value: { list: [], none: null } }], labelsOverrider: [{ operator: 'add' }] },
    });
  });

  it('does not look into the manifests of a Work', () => {
    const workload = { manifests: [{ kind: 'ConfigMap', data: {}, list: [] }] };
    expect(typedForm(policy({ workload }), {})['spec']).toEqual({ workload });
  });
});
