import { describe, expect, it } from 'vitest';
import { playPlans } from './random-plans.ts';

describe('plans', () => {
  // The whole, 1,000 plans, is `npm run plans`: it takes minutes.
  it('come true: where bindings go and what members are sent, one after the other on one plane', { timeout: 120_000 }, async () => {
    const played = await playPlans(3, 12);
    expect(played.faults).toEqual([]);
    expect(played.moves).toBeGreaterThan(5);
    expect(played.manifests).toBeGreaterThan(5);
  });
});
