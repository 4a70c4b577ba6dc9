import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clone, exactJson, literalAt, NumberLiteral, noteLiterals, parseJson } from './index.ts';

describe('numbers that a double does not hold as written', () => {
  test('an integer beyond 2^53 is written again as it was read, also from a copy', () => {
    const text = '{"a":[1,9007199254740993,{"b":-9223372036854775808}],"c":"9007199254740993","d":{"e":null}}';
    const value = parseJson(text);
    expect(exactJson(value)).toBe(text);
    expect(exactJson(clone(value))).toBe(text);
  });

  test('a whole float is told from an integer, wherever it stands', () => {
    const text = '{"x":{"\\"}":[1.0,1,1e2]},"y":12.0,"y":12,"z":1.5}';
    const value = JSON.parse(text) as { x: { '"}': number[] }; y: number; z: number };
    noteLiterals(text, value);
    const list = value.x['"}'];
    expect(list.map((n, i) => literalAt(list, i, n) instanceof NumberLiteral)).toEqual([true, false, true]);
    expect(literalAt(value, 'y', value.y)).toBe(12);
    expect(literalAt(value, 'z', value.z)).toBe(1.5);
    expect(JSON.stringify(value)).toBe('{"x":{"\\"}":[1,1,100]},"y":12,"z":1.5}');
  });

  test('any JSON is written as JSON.stringify writes it', () => {
    parseJson('9007199254740993');
    fc.assert(
      fc.property(fc.json(), text => {
        expect(exactJson(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});
