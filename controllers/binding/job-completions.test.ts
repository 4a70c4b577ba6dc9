import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideCompletions } from './job-completions.ts';

const targets = fc.uniqueArray(fc.record({ name: fc.string({ minLength: 1 }), replicas: fc.integer({ min: 0, max: 1000 }) }), {
  selector: t => t.name,
  minLength: 1,
  maxLength: 8,
});

describe('dividing completions', () => {
  it('gives every completion to somebody', () => {
    fc.assert(
      fc.property(targets, fc.integer({ min: 0, max: 5000 }), fc.string(), (list, total, uid) => {
        const shares = divideCompletions(total, list, uid);
        const voted = list.some(t => t.replicas > 0);
        expect(shares && [...shares.values()].reduce((a, b) => a + b, 0)).toBe(voted ? total : undefined);
      }),
    );
  });

  it('never gives a cluster with fewer replicas more than one with more', () => {
    fc.assert(
      fc.property(targets, fc.integer({ min: 0, max: 500 }), (list, total) => {
        const shares = divideCompletions(total, list, 'uid');
        for (const a of list)
          for (const b of list) if (a.replicas < b.replicas) expect(shares?.get(a.name) ?? 0).toBeLessThanOrEqual(shares?.get(b.name) ?? 0);
      }),
    );
  });

  it('takes no longer for a huge total', () => {
    const shares = divideCompletions(
      2_000_000_000,
      [
        { name: 'a', replicas: 1 },
        { name: 'b', replicas: 3 },
      ],
      '',
    );
    expect(shares).toEqual(
      new Map([
        ['a', 500_000_000],
        ['b', 1_500_000_000],
      ]),
    );
  });
});
