import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clone } from '../../kube/index.ts';
import { convertObjects } from './convert.ts';
import { crdRules } from './crd-rules.ts';
import { applyDefaults } from './defaults.ts';
import { prune } from './prune.ts';
import { compileSchema } from './schema.ts';
import { crdStatus } from './status.ts';
import { validateChange, validateNew } from './validate-object.ts';

const raw = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1 },
        mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port'],
          items: { type: 'object', required: ['port'], properties: { port: { type: 'integer' }, name: { type: 'string', maxLength: 3 } } },
        },
      },
    },
  },
};
const schema = compileSchema(raw);
const object = (spec: unknown): Record<string, unknown> => ({ apiVersion: 'x/v1', kind: 'X', metadata: { name: 'x' }, spec });
const texts = (errors: readonly { readonly text: string }[]) => errors.map(e => e.text);

describe('a structural schema', () => {
  it('removes unknown fields and names their paths', () => {
    const o = object({ size: 1, extra: 1, ports: [{ port: 1, bad: true }] });
    expect(prune(o, schema)).toEqual(['spec.extra', 'spec.ports[0].bad']);
    expect(o['spec']).toEqual({ size: 1, ports: [{ port: 1 }] });
  });

  it('fills defaults, and a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.record({ size: fc.option(fc.integer()), mode: fc.option(fc.string(), { nil: null }) }, { requiredKeys: [] }), spec => {
        const once = object(clone(spec));
        applyDefaults(once, schema);
        const twice = clone(once);
        applyDefaults(twice, schema);
        expect(twice).toEqual(once);
      }),
    );
  });

  it('leaves nothing to prune after pruning', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const o = object(clone(value));
        prune(o, schema);
        expect(prune(o, schema)).toEqual([]);
      }),
    );
  });

  it('tells faults in the words of the API', () => {
    expect(texts(validateNew(object({ mode: 'c', ports: [{ port: 1 }, { port: 1 }] }), schema))).toEqual([
      'spec.mode: Unsupported value: "c": supported values: "a", "b"',
      'spec.size: Required value',
      'spec.ports[1]: Duplicate value: {"port":1}',
    ]);
  });

  it('tolerates on update what did not change, element by key', () => {
    const old = object({ size: 0, ports: [{ port: 1, name: 'long' }] });
    expect(validateChange(object({ size: 0, ports: [{ port: 2 }, { port: 1, name: 'long' }] }), old, schema)).toEqual([]);
    expect(texts(validateChange(object({ size: -1 }), old, schema))).toEqual([
      'spec.size: Invalid value: -1: spec.size in body should be greater than or equal to 1',
    ]);
  });

  it('keeps user keys apart from prototypes', () => {
    const o = object(JSON.parse('{"__proto__":{"polluted":1},"size":1}'));
    prune(o, schema);
    applyDefaults(o, schema);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

const definition = (name: string, kind: string, accepted?: unknown): Record<string, unknown> => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${name}.example.io` },
  spec: {
    group: 'example.io',
    scope: 'Cluster',
    names: { plural: name, kind },
    versions: ['v1', 'v2'].map((v, i) => ({ name: v, served: true, storage: i === 0, schema: { openAPIV3Schema: raw } })),
  },
  ...(accepted ? { status: { acceptedNames: accepted } } : {}),
});

describe('a CustomResourceDefinition', () => {
  it('is valid with defaulted names', () => {
    const crd = definition('things', 'Thing');
    crdRules.defaults(crd);
    crdRules.prepareCreate?.(crd);
    expect(crdRules.validate(crd)).toEqual([]);
    expect(crd['spec']).toMatchObject({ names: { singular: 'thing', listKind: 'ThingList' }, conversion: { strategy: 'None' } });
  });

  it('is not accepted under names another one has', () => {
    const owner = definition('things', 'Thing', { plural: 'things', kind: 'Thing' });
    const status = crdStatus(definition('stuff', 'Thing'), [owner], 0);
    expect(status['conditions']).toMatchObject([
      { type: 'NamesAccepted', status: 'False', reason: 'KindConflict', message: '"Thing" is already in use' },
      { type: 'Established', status: 'False', reason: 'NotAccepted' },
    ]);
  });

  it('converts by a webhook that may change labels but no names', async () => {
    const crd = definition('things', 'Thing');
    (crd['spec'] as Record<string, unknown>)['conversion'] = {
      strategy: 'Webhook',
      webhook: { clientConfig: {}, conversionReviewVersions: ['v1'] },
    };
    const input = { apiVersion: 'example.io/v1', kind: 'Thing', metadata: { name: 'a', uid: 'u' }, spec: { size: 1 } };
    const answer = (metadata: unknown) => async (_c: unknown, review: { apiVersion: string; kind: string; request: { uid: string } }) => ({
      apiVersion: review.apiVersion,
      kind: review.kind,
      response: {
        uid: review.request.uid,
        result: { status: 'Success' },
        convertedObjects: [{ ...input, apiVersion: 'example.io/v2', metadata }],
      },
    });
    const uuid = () => 'id';
    const [converted] = await convertObjects([input], crd, 'v2', { uuid, call: answer({ name: 'a', uid: 'u', labels: { l: '1' } }) });
    expect(converted).toMatchObject({ apiVersion: 'example.io/v2', metadata: { name: 'a', uid: 'u', labels: { l: '1' } } });
    await expect(convertObjects([input], crd, 'v2', { uuid, call: answer({ name: 'b', uid: 'u' }) })).rejects.toThrow(
      'invalid metadata.name',
    );
  });
});
