import { afterEach, describe, expect, it } from 'vitest';
import { type Enqueue, type Source, simulatedClock, sleep } from '../kube/index.ts';
import { memberLanes } from './member-lanes.ts';

const stop = new AbortController();
afterEach(() => stop.abort(new Error('the test is over')));

describe('keys of different members', () => {
  it('do not wait for each other: a member that hangs holds up its own keys alone', async () => {
    const clock = simulatedClock();
    let enqueue: Enqueue = () => undefined;
    const source: Source = {
      synced: Promise.resolve(),
      start: e => {
        enqueue = e;
        return () => undefined;
      },
    };
    const done: string[] = [];
    const lanes = memberLanes({
      name: 'test',
      sources: [source],
      memberOf: key => key.split('/')[0] ?? '',
      clock,
      workers: 2,
      async reconcile(key, signal) {
        if (key.startsWith('lost/')) await sleep(clock, 3_600_000, signal);
        done.push(key);
      },
    });
    lanes.run(stop.signal).catch(() => undefined);
    for (let i = 0; i < 20; i++) enqueue(`lost/${i}`);
    for (let i = 0; i < 5; i++) enqueue(`well/${i}`);
    await clock.advance(1_000);
    expect(done).toEqual(['well/0', 'well/1', 'well/2', 'well/3', 'well/4']);
  });
});
