import { describe, it } from 'vitest';
import { everySecondSeed, SEEDS_MS } from './seeds.ts';

describe('a plane with a faulty network, store and interpreter, whose members and backups come and go', () => {
  it('becomes as the users wrote it once the faults end, and deletes nothing unasked (even seeds)', () => everySecondSeed(2), SEEDS_MS);
});
