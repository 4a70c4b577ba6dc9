import { describe, expect, it } from 'vitest';
import { simulate } from './run.ts';

describe('a plane whose network loses requests and answers, whose members go and come back, and whose process dies', () => {
  it.each([1, 2, 7])('becomes as the users wrote it once the faults end, and deletes nothing unasked: seed %i', async seed => {
    expect((await simulate(seed)).faults).toEqual([]);
  });

  it('takes the same course from the same seed', async () => {
    expect(await simulate(3)).toEqual(await simulate(3));
  });
});
