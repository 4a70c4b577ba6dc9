import { describe, expect, it } from 'vitest';
import { readFloor } from './floor.ts';
import { type Difference, type Replayed, replay, replayer } from './replay.ts';

const SECONDS = 240;

const shown = (d: Difference): string => `${d.group}/${d.scenario} #${d.step} ${d.do}: ${JSON.stringify(d.found[0])}`;

describe.runIf(replayer())('recorded conversations', () => {
  const floor = readFloor();
  let done: Promise<Replayed> | undefined;

  for (const [group, least] of Object.entries(floor)) {
    it(`agrees with at least ${least} steps of ${group}`, { timeout: SECONDS * 1000 }, async () => {
      done ??= replay({ only: '*', seconds: SECONDS, jobs: 4 });
      const result = await done;
      const differences = result.differences.filter(d => d.group === group).slice(0, 5);
      expect(result.groups[group]?.agreed ?? 0, differences.map(shown).join('\n').slice(0, 4000)).toBeGreaterThanOrEqual(least);
    });
  }
});
