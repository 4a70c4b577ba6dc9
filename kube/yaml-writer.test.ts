import { expect, test } from 'vitest';
import { writeYaml } from './yaml-writer.ts';

test.each([
  ['plain', 'a: plain'],
  ['* * * * *', "a: '* * * * *'"],
  ['x: y', "a: 'x: y'"],
  ["it's: so", "a: 'it''s: so'"],
  ['true', 'a: "true"'],
  ['0x1F', 'a: "0x1F"'],
  ['1:30', 'a: "1:30"'],
  ['2024-01-02T03:04:05Z', 'a: "2024-01-02T03:04:05Z"'],
  ['', 'a: ""'],
  ['a\tb', 'a: "a\\tb"'],
  ['.', 'a: .'],
  ['-', "a: '-'"],
  ['one\ntwo\n', 'a: |\n  one\n  two'],
  ['one\n\ntwo', 'a: |-\n  one\n\n  two'],
  [' one\n\n', 'a: |2+\n   one\n'],
  ['𝄞', 'a: "\\U0001D11E"'],
])('the string %j', (text, told) => {
  expect(writeYaml({ a: text })).toBe(`${told}\n`);
});

test('lists stand on the level of their key, and empty ones on its line', () => {
  expect(writeYaml({ b: [{ x: 1, y: [] }, [1, [2]], 'z'], a: {}, c: null })).toBe(
    'a: {}\nb:\n- x: 1\n  "y": []\n- - 1\n  - - 2\n- z\nc: null\n',
  );
});

test('long lines are folded at blanks, keys are not', () => {
  const words = Array.from({ length: 20 }, () => 'words').join(' ');
  expect(writeYaml({ m: { a: words } })).toBe(`m:\n  a: ${words.slice(0, 77)}\n    ${words.slice(78)}\n`);
  expect(writeYaml({ [words]: 1 })).toBe(`${words}: 1\n`);
});

test('a very long key is marked as one', () => {
  const key = 'k'.repeat(129);
  expect(writeYaml({ [key]: { a: 1, b: 2 } })).toBe(`? ${key}\n: a: 1\n  b: 2\n`);
});

test('keys are in natural order', () => {
  expect(writeYaml({ a10: 1, a9: 1, aB: 1, 'a.': 1, b: 1 })).toBe('a.: 1\na9: 1\na10: 1\naB: 1\nb: 1\n');
});

test('fractions', () => {
  expect(writeYaml([0.5, 1e-7, 1234567.5, 5e21])).toBe('- 0.5\n- 1e-07\n- 1.2345675e+06\n- 5e+21\n');
});
