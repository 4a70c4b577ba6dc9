import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clone, equal } from './json.ts';

const json = fc.jsonValue({ maxDepth: 4 });
const parsed = (text: string): unknown => JSON.parse(text);

test('a copy equals its original and shares no container with it', () => {
  fc.assert(
    fc.property(json, value => {
      const copy = clone(value);
      expect(copy).toEqual(value);
      expect(equal(copy, value)).toBe(true);
      if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
    }),
  );
});

test('equality is that of the values, whatever the order of keys', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(equal(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
    }),
  );
  expect(equal({ a: 1, b: undefined }, { a: 1 })).toBe(true);
});

test('keys that objects inherit are keys like any other', () => {
  const strange = parsed('{"__proto__":{"a":1},"constructor":1}');
  expect(Object.keys(clone(strange) as object)).toEqual(['__proto__', 'constructor']);
  expect(equal(clone(strange), strange)).toBe(true);
  expect(equal(parsed('{"__proto__":{}}'), {})).toBe(false);
  expect(equal({}, parsed('{"__proto__":{}}'))).toBe(false);
  expect(equal({ a: {} }, { toString: {} })).toBe(false);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { members: members.map(([key, item]) => [key, sorted(item)]) };
}
