import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchText, patchValue } from './json-patch.ts';

describe('patching JSON text', () => {
  it('keeps number literals and the order of keys of what it does not touch', () => {
    expect(patchText('{ "z": 1.50, "big": 12345678901234567890, "a": {"k": 1} }', [{ op: 'replace', path: '/a/k', value: 2 }])).toBe(
      '{"z":1.50,"big":12345678901234567890,"a":{"k":2}}',
    );
  });

  it('puts new keys last and escapes what HTML would read', () => {
    expect(patchText('{"b":"<x>"}', [{ op: 'add', path: '/a', value: '&' }])).toBe('{"b":"\\u003cx\\u003e","a":"\\u0026"}');
  });

  it('counts negative indexes from the end and appends at `-`', () => {
    const operations = [
      { op: 'remove', path: '/l/-1' },
      { op: 'add', path: '/l/-', value: 9 },
      { op: 'add', path: '/l/0', value: 0 },
    ];
    expect(patchText('{"l":[1,2,3]}', operations)).toBe('{"l":[0,1,2,9]}');
  });

  it.each([
    [{ op: 'remove', path: '/nope' }, 'unable to remove nonexistent key'],
    [{ op: 'replace', path: '/a/b/c', value: 1 }, 'doc is missing path: /a/b/c'],
    [{ op: 'replace', path: '/b', value: 1 }, 'doc is missing key: /b'],
    [{ op: 'add', path: '/x/y', value: 1 }, 'add operation does not apply: doc is missing path: "/x/y"'],
    [{ op: 'add', path: '/l/7', value: 1 }, 'invalid index'],
  ])('refuses %j', (operation, text) => {
    expect(() => patchText('{"a":{},"l":[]}', [operation])).toThrow(text);
  });

  it('changes nothing but the one place, whatever the keys are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string({ minLength: 1 }), fc.jsonValue(), (document, key, value) => {
        const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const patched = patchValue(document, [{ op: 'add', path, value }]) as Record<string, unknown>;
        const expected = new Map(
          Object.entries(JSON.parse(JSON.stringify(document)) as object).concat([[key, JSON.parse(JSON.stringify(value))]]),
        );
        expect(new Map(Object.entries(patched))).toEqual(expected);
      }),
    );
  });
});
