import { describe, expect, it } from 'vitest';
import { OwnGenerations } from './own-generations.ts';
import type { Binding } from './types.ts';

const binding = (generation: number, uid = 'u'): Binding => ({
  apiVersion: 'work.karmada.io/v1alpha2',
  kind: 'ResourceBinding',
  metadata: { namespace: 'ns', name: 'web', uid, generation },
  spec: { resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
});
const final = (generation: number) => ({ generation, final: true });

describe('a new generation of a binding', () => {
  it('is our own result when it comes before the answer to the write, or after it', () => {
    const own = new OwnGenerations();
    own.begin('k');
    expect(own.explains('k', binding(2))).toBe(true);
    expect(own.end('k', binding(1), final(2))).toBeUndefined();
    expect(own.explains('k', binding(2))).toBe(true);
  });

  it('is looked at where somebody else made it, during the write or afterwards', () => {
    const own = new OwnGenerations();
    own.begin('k');
    own.explains('k', binding(2));
    own.explains('k', binding(3));
    expect(own.end('k', binding(1), final(2))?.metadata.generation).toBe(3);
    expect(own.explains('k', binding(4))).toBe(false);
  });

  it('is looked at where the write has no result', () => {
    const own = new OwnGenerations();
    own.begin('k');
    own.explains('k', binding(2));
    expect(own.end('k', binding(1), undefined)?.metadata.generation).toBe(2);
  });

  it('is looked at to confirm a result that is not final', () => {
    const own = new OwnGenerations();
    own.begin('k');
    own.explains('k', binding(2));
    expect(own.end('k', binding(1), { generation: 2, final: false })?.metadata.generation).toBe(2);
    expect([2, 3].map(generation => own.isConfirmation('k', binding(generation)))).toEqual([true, false]);
  });

  it('is confirmed once, and not where a cluster asks meanwhile', () => {
    const own = new OwnGenerations();
    const open = { generation: 2, final: false };
    const decideUpon = (generation: number, disturbed = false): boolean => {
      own.begin('k');
      if (disturbed) own.disturb('k');
      own.end('k', binding(generation), open);
      return own.isConfirmation('k', binding(2));
    };
    expect(decideUpon(1)).toBe(true);
    expect(decideUpon(2)).toBe(false);
    expect(decideUpon(1)).toBe(true);
    own.disturb('k');
    expect(own.isConfirmation('k', binding(2))).toBe(false);
    expect(decideUpon(1, true)).toBe(false);
  });

  it('is looked at where the binding is another one of that name', () => {
    const own = new OwnGenerations();
    own.begin('k');
    own.end('k', binding(1), final(2));
    expect(own.explains('k', binding(2, 'other'))).toBe(false);
    own.gone('k');
    expect(own.explains('k', binding(2))).toBe(false);
  });
});
