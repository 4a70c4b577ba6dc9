import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedKeys } from './sorted-keys.ts';

const keys = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3000 })), { maxLength: 6000, size: 'max' });

test('keys inserted and removed in any order are read in order, from anywhere, and counted', () => {
  fc.assert(
    fc.property(keys, fc.integer({ min: 0, max: 3000 }), (ops, from) => {
      const sorted = new SortedKeys();
      const model = new Set<string>();
      for (const [add, n] of ops) {
        const key = `k${n}`;
        if (!add) {
          sorted.remove(key);
          model.delete(key);
        } else if (!model.has(key)) {
          sorted.insert(key);
          model.add(key);
        }
      }
      const expected = [...model].sort();
      const start = `k${from}`;
      expect([...sorted.from('')]).toEqual(expected);
      expect([...sorted.from(start)]).toEqual(expected.filter(k => k >= start));
      expect(sorted.rank(start)).toBe(expected.filter(k => k < start).length);
      expect(sorted.has(start)).toBe(model.has(start));
      expect(sorted.size).toBe(model.size);
    }),
    { numRuns: 60 },
  );
});

test('loaded keys are sorted and can be added to', () => {
  const sorted = new SortedKeys();
  sorted.load(Array.from({ length: 2000 }, (_, i) => `k${i * 2}`));
  sorted.insert('k3');
  expect([...sorted.from('')]).toEqual([...Array.from({ length: 2000 }, (_, i) => `k${i * 2}`), 'k3'].sort());
});
