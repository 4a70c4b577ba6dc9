import { describe, expect, it } from 'vitest';
import { settleEmpties } from './empties.ts';

describe('empty tables of results', () => {
  it('become what the inputs had at the same path', () => {
    expect(settleEmpties({ a: [], b: [] }, [{ a: {} }, { b: [] }])).toEqual({ a: {}, b: [] });
  });
  it('vanish anywhere else, while what becomes empty by it stays', () => {
    expect(settleEmpties({ a: { b: [] }, c: [[], 1] }, [])).toEqual({ a: {}, c: [1] });
  });
  it('ignore positions in lists', () => {
    expect(settleEmpties({ l: [{ x: 1 }, { o: [] }] }, [{ l: [{ o: {} }] }])).toEqual({ l: [{ x: 1 }, { o: {} }] });
  });
  it('cannot be removed at keys no path can name', () => {
    for (const key of ['a*', 'a@b', '']) expect(() => settleEmpties({ [key]: [] }, [])).toThrow('complex path');
    expect(settleEmpties({ a: { '': [] } }, [])).toEqual({ a: {} });
  });
  it('leave what lies under a key that cannot be looked up, or stand there alone', () => {
    expect(settleEmpties({ a: { '[0]': [] } }, [])).toEqual({ a: { '[0]': [] } });
    expect(settleEmpties({ '[0]': { b: 1, c: [] } }, [{ '[0]': { c: {} } }])).toEqual({ '[0]': { c: {} } });
    expect(settleEmpties({ '[0]': [9, []] }, [{ '[0]': [9, {}] }])).toEqual({ '[0]': [null, {}] });
  });
});
