import { describe, expect, it } from 'vitest';
import type { AnyObject } from '../../kube/index.ts';
import { workToSync } from './member-events.ts';

const object = (resourceVersion: string, data: object = {}, managed = 'true'): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'c',
    resourceVersion,
    labels: { 'karmada.io/managed': managed },
    annotations: { 'work.karmada.io/namespace': 'karmada-es-m1', 'work.karmada.io/name': 'w' },
  },
  ...data,
});
const KEY = 'karmada-es-m1/w';

describe('changes in a member', () => {
  it('bring the Work back when its object was deleted, even before a version was recorded', () => {
    expect(workToSync({ type: 'deleted', object: object('3'), initial: false }, undefined)).toBe(KEY);
  });

  it('do not when we wrote them, or have not written yet', () => {
    const change = { type: 'updated', object: object('3', { data: { a: '1' } }), old: object('2'), initial: false } as const;
    expect(workToSync(change, '3')).toBeUndefined();
    expect(workToSync(change, undefined)).toBeUndefined();
    expect(workToSync(change, '2')).toBe(KEY);
  });

  it('do not when only the status changed', () => {
    const change = { type: 'updated', object: object('3', { status: { a: 1 } }), old: object('2'), initial: false } as const;
    expect(workToSync(change, '2')).toBeUndefined();
  });

  it('count by the marks that were there before, so that taking a mark away does not hide a change', () => {
    const change = { type: 'updated', object: object('3', {}, 'no'), old: object('2'), initial: false } as const;
    expect(workToSync(change, '2')).toBe(KEY);
    expect(workToSync({ type: 'deleted', object: object('3', {}, 'no'), initial: false }, '2')).toBeUndefined();
  });
});
