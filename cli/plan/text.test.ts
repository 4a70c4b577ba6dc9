import { describe, expect, it } from 'vitest';
import type { AnyObject } from '../../kube/index.ts';
import { lineDiff } from './line-diff.ts';
import type { Plan } from './plan.ts';
import { masked, planText } from './text.ts';

describe('the difference of two texts', () => {
  it('keeps what is common and shows three lines around a change', () => {
    const before = Array.from({ length: 12 }, (_, i) => `line ${i}`).join('\n');
    expect(lineDiff(before, before.replace('line 5', 'LINE 5'))).toEqual([
      '…',
      ' line 2',
      ' line 3',
      ' line 4',
      '-line 5',
      '+LINE 5',
      ' line 6',
      ' line 7',
      ' line 8',
      '…',
    ]);
  });

  it('finds what was added, taken away and moved', () => {
    expect(lineDiff('a\nb\nc', 'a\nc\nd')).toEqual([' a', '-b', ' c', '+d']);
    expect(lineDiff('', 'a')).toEqual(['+a']);
    expect(lineDiff('a', '')).toEqual(['-a']);
    expect(lineDiff('a', 'a')).toEqual([]);
  });
});

const object = (image: string, note: string): AnyObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'ns', name: 'p', annotations: { 'work.karmada.io/name': note, mine: 'x' } },
  spec: { image },
});

describe('a plan in words', () => {
  const plan: Plan = {
    pending: [],
    moves: [
      {
        kind: 'ResourceBinding',
        namespace: 'ns',
        name: 'web',
        template: 'Deployment ns/web',
        from: [{ name: 'm1', replicas: 2 }],
        to: [{ name: 'm2', replicas: 2 }],
      },
      {
        kind: 'ResourceBinding',
        namespace: 'ns',
        name: 'new',
        template: 'Deployment ns/new',
        to: [{ name: 'm1', replicas: 1 }],
        or: [{ name: 'm2', replicas: 1 }],
        failure: 'too small',
      },
    ],
    manifests: [
      { cluster: 'm1', action: 'update', before: object('a', '1'), after: object('b', '2') },
      { cluster: 'm2', action: 'update', before: object('a', '1'), after: object('a', '2') },
    ],
    unread: ['secrets'],
  };

  it('shows from where to where, the difference of manifests, and that nothing was written', () => {
    const text = planText(plan, { color: false });
    expect(text).toContain('  ns/web  m1:2   →  m2:2');
    expect(text).toContain('  ns/new  (new)  →  m1:1');
    expect(text).toContain('or m2:1: equal clusters are told apart by the uid');
    expect(text).toContain('too small');
    expect(text).toContain('~ m1: Pod ns/p');
    expect(text).toContain('-  image: a\n+  image: b');
    expect(text).toContain('(only notes of Flotilla and kubectl)');
    expect(text).not.toContain('work.karmada.io');
    expect(text).toContain('2 bindings to change; 0 manifests to create, 2 to update, 0 to delete, in 2 clusters. Nothing was written.');
    expect(text).toContain('may not be read: secrets');
    expect(planText({ ...plan, moves: [] }, { color: false })).toContain('No binding moves.');
  });

  it('never shows what is in a Secret', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { password: 'aHVudGVyMg==' } } as AnyObject;
    expect(JSON.stringify(masked(secret))).not.toContain('aHVudGVyMg');
  });
});
