import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clone } from '../../kube/index.ts';
import { applyDefaults } from './defaults.ts';
import { prune } from './prune.ts';
import { compileSchema } from './schema.ts';
import { isSettled } from './settled.ts';

const inner = {
  type: 'object',
  properties: {
    a: { type: 'string', default: 'x' },
    b: { type: 'string', nullable: true },
    free: { type: 'object', additionalProperties: { type: 'object', properties: { a: { type: 'integer', default: 1 } } } },
    any: { type: 'object', additionalProperties: true },
    open: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { a: { type: 'string', nullable: true, default: 'o' } },
    },
    list: { type: 'array', items: { type: 'object', default: {}, properties: { a: { type: 'string' } } } },
    resource: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
  },
};
const schema = compileSchema({ type: 'object', properties: { metadata: { type: 'object' }, spec: inner, status: inner } });

const leaf = fc.oneof(fc.constant(null), fc.string(), fc.integer(), fc.constant([]), fc.constant({}));
const member = fc.constantFrom('a', 'b', 'free', 'any', 'open', 'list', 'resource', 'metadata', 'kind', 'labels', 'other', '__proto__');
const { value } = fc.letrec<{ value: unknown; object: unknown }>(tie => ({
  object: fc.dictionary(member, tie('value'), { maxKeys: 4 }),
  value: fc.oneof({ depthSize: 'medium' }, leaf, fc.array(tie('value'), { maxLength: 2 }), tie('object')),
}));
const objects = fc.dictionary(fc.constantFrom('apiVersion', 'kind', 'metadata', 'spec', 'status', 'other'), value, { maxKeys: 4 });

test('what is settled is left alone by defaulting and pruning, and what they leave is settled', () => {
  fc.assert(
    fc.property(objects, object => {
      const treated = clone(object);
      applyDefaults(treated, schema);
      prune(treated, schema);
      if (isSettled(object, schema)) expect(treated).toEqual(object);
      const again = clone(treated);
      applyDefaults(again, schema);
      expect(isSettled(again, schema)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
