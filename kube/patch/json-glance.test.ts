import fc from 'fast-check';
import { expect, test } from 'vitest';
import { glance } from './json-glance.ts';

const judged = (text: string, depth = 100): boolean => glance(text, JSON.parse(text), depth).distinctKeys;
const plain = (text: string): boolean => glance(text, JSON.parse(text), 100).plainNumbers;

test('a text whose keys all differ within their objects has distinct keys', () => {
  expect(judged('{"a":{"a":1},"b":[{"a":"x:\\"y\\":\\\\"},{"a":null}]}')).toBe(true);
});

test('a repeated key is found at any depth, also where it is spelt in another way', () => {
  expect(judged('{"a":1,"a":1}')).toBe(false);
  expect(judged('[{"b":{"a":1,"\\u0061":2}}]')).toBe(false);
  expect(judged('{"__proto__":1,"__proto__":2}')).toBe(false);
});

test('what is nested deeper than asked is not judged', () => {
  expect(judged('{"a":{"b":{"c":1}}}', 2)).toBe(false);
  expect(judged('{"a":{"b":{"c":1}}}', 3)).toBe(true);
});

test('every text that JSON.stringify writes has distinct keys, however it is spaced', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, space) => {
      expect(judged(JSON.stringify(value, null, space))).toBe(true);
    }),
  );
});

test('numbers are plain unless they have a fraction, an exponent or more digits than a double holds', () => {
  expect(plain('{"image":"nginx:1.25e3","n":[0,-12,123456789012345],"x":true}')).toBe(true);
  for (const n of ['1.0', '1e3', '-2E5', '1234567890123456']) expect(plain(`{"a":[${n}]}`), n).toBe(false);
});
