import { expect, test } from 'vitest';
import { checkListQuery } from '../registry/index.ts';
import { integer } from './list-query.ts';

test('a whole number may have a sign; anything else is refused with its reason', () => {
  const read = (text: string): number => integer(new URLSearchParams({ limit: text }), 'limit');
  expect([read('+3'), read('-1'), read('007'), integer(new URLSearchParams(), 'limit')]).toEqual([3, -1, 7, 0]);
  expect(() => read('')).toThrow('strconv.ParseInt: parsing "": invalid syntax');
  expect(() => read('1e3')).toThrow('strconv.ParseInt: parsing "1e3": invalid syntax');
  expect(() => read('9999999999999999999')).toThrow('value out of range');
});

test('a watch of everything sends the initial events in the newer way, so it may not continue a list', () => {
  const ask = (q: Record<string, string>): void =>
    checkListQuery({ fields: { refusal: () => undefined, matches: () => true } }, { namespace: '', ...q }, 'watch');
  expect(() => ask({ continue: 'x' })).toThrow('resourceVersionMatch is forbidden when continue is provided');
  expect(() => ask({ continue: 'x', resourceVersion: '5' })).not.toThrow();
  expect(() => ask({ match: 'Exact' })).toThrow('Unsupported value: "Exact": supported values: "NotOlderThan"');
});
