import { describe, expect, it } from 'vitest';
import { simulate } from './run.ts';
import { everySecondSeed, SEEDS_MS } from './seeds.ts';

describe('a plane with a faulty network, store and interpreter, whose members and backups come and go', () => {
  it('becomes as the users wrote it once the faults end, and deletes nothing unasked (odd seeds)', () => everySecondSeed(1), SEEDS_MS);

  it('takes the same course from the same seed', async () => {
    expect(await simulate(3)).toEqual(await simulate(3));
  });
});
