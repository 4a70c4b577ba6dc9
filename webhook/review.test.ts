import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyObject, applyJsonPatch, type Client, simulatedClock } from '../kube/index.ts';
import type { AdmissionRule } from './admission.ts';
import { jsonDiff } from './json-diff.ts';
import { type ReviewOptions, reviewAdmission, reviewConversion } from './review.ts';
import { ruleAt } from './rules.ts';

const options: ReviewOptions = {
  context: {
    clock: simulatedClock(),
    compileLua: async () => undefined,
    reader: { quotas: async () => [], customizations: async () => [] },
  },
  client: {} as Client,
  gates: {},
  options: {},
};
const signal = new AbortController().signal;

function ruleOf(path: string): AdmissionRule {
  const rule = ruleAt(path);
  if (!rule) throw new Error(`there is no rule at ${path}`);
  return rule;
}

const policy = (spec: object): AnyObject => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'PropagationPolicy',
  metadata: { name: 'p', namespace: 'team' },
  spec: { resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap' }], ...spec },
});

const review = (request: object): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u-1', operation: 'CREATE', namespace: 'team', ...request },
  });

interface Answer {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patch?: string;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
}
const ask = async (path: string, body: string): Promise<Answer> => {
  const answer = await reviewAdmission(ruleOf(path), body, options, signal);
  expect(answer).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
  return answer['response'] as Answer;
};

describe('a review', () => {
  it('of a mutating rule is answered with the patch that makes the object what the rule makes of it', async () => {
    const object = policy({});
    const { patch = '', ...rest } = await ask('/mutate-propagationpolicy', review({ object }));
    expect(rest).toEqual({ uid: 'u-1', allowed: true, patchType: 'JSONPatch' });
    const patched = applyJsonPatch(object, JSON.parse(Buffer.from(patch, 'base64').toString())) as AnyObject;
    expect(patched.metadata.labels?.['propagationpolicy.karmada.io/permanent-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(patched['spec']).toMatchObject({ resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'team' }] });
  });

  it('of a validating rule is refused with code, reason and text', async () => {
    const wrong = policy({ placement: { spreadConstraints: [{ spreadByField: 'cluster', minGroups: 3, maxGroups: 2 }] } });
    const object = { ...wrong, metadata: { ...wrong.metadata, labels: { 'propagationpolicy.karmada.io/permanent-id': 'x' } } };
    const { allowed, status } = await ask('/validate-propagationpolicy', review({ object }));
    expect(allowed).toBe(false);
    expect(status).toMatchObject({ code: 403, reason: 'Forbidden', message: expect.stringContaining('maxGroups lower than minGroups') });
  });

  it('without an object is refused as bad, and what is no review is no answer at all', async () => {
    expect((await ask('/mutate-propagationpolicy', review({}))).status?.code).toBe(400);
    for (const body of ['{', '{}', JSON.stringify({ apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview', request: {} })])
      await expect(reviewAdmission(ruleOf('/mutate-work'), body, options, signal)).rejects.toMatchObject({ code: 400 });
  });

  it('of Cluster stands beside those of the other kinds', async () => {
    const cluster = (syncMode: string) => ({
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'm' },
      spec: { syncMode },
    });
    expect((await ask('/validate-cluster', review({ object: cluster('Push') }))).allowed).toBe(true);
    expect((await ask('/validate-cluster', review({ object: cluster('Other') }))).status?.message).toContain('spec.syncMode');
  });
});

describe('a review of a conversion', () => {
  const binding = {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { name: 'b' },
    spec: { resource: { apiVersion: 'v1', kind: 'ConfigMap', name: 'c' } },
  };
  const convert = (object: object, desiredAPIVersion: string) =>
    reviewConversion(
      JSON.stringify({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'ConversionReview',
        request: { uid: 'c-1', desiredAPIVersion, objects: [object] },
      }),
    )['response'] as { uid: string; result: { status: string }; convertedObjects: AnyObject[] };

  it('converts bindings between their versions', () => {
    const { uid, result, convertedObjects } = convert(binding, 'work.karmada.io/v1alpha1');
    expect([uid, result.status]).toEqual(['c-1', 'Success']);
    expect(convertedObjects[0]).toMatchObject({ apiVersion: 'work.karmada.io/v1alpha1', kind: 'ResourceBinding', metadata: { name: 'b' } });
  });

  it('fails as a whole for anything else', () => {
    expect(convert({ ...binding, kind: 'Work' }, 'work.karmada.io/v1alpha1').result.status).toBe('Failure');
    expect(convert(binding, 'work.karmada.io/v9').convertedObjects).toEqual([]);
  });
});

describe('the patch between two objects', () => {
  it('makes one of the other, whatever they are', () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    const object = fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', '/', '~', '~1'), fc.string({ minLength: 1 })), value);
    fc.assert(
      fc.property(object, object, (from, to) => {
        expect(applyJsonPatch(from, jsonDiff(from, to))).toEqual(to);
      }),
    );
  });
});
