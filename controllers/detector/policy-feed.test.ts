import { describe, expect, it } from 'vitest';
import { simulatedClock } from '../../kube/index.ts';
import { policyFeed } from './policy-feed.ts';

function feed() {
  const clock = simulatedClock();
  const released: string[] = [];
  const backlog = { size: 0 };
  const f = policyFeed({ enqueue: key => void released.push(key), backlog, clock });
  const stop = new AbortController();
  void f.run(stop.signal);
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) f.add({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: `c${i}` }, false);
  };
  return { clock, released, backlog, add, stop };
}

describe('templates of an edited policy', () => {
  it('are handed on at once where they are few', async () => {
    const { clock, released, add } = feed();
    add(3);
    await clock.advance(0);
    expect(released).toHaveLength(3);
  });

  it('wait for the last batch to be worked off', async () => {
    const { clock, released, backlog, add } = feed();
    backlog.size = 5000;
    add(1000);
    await clock.advance(1000);
    expect(released).toHaveLength(200);
    backlog.size = 0;
    await clock.advance(50);
    expect(released.length).toBeGreaterThan(200);
    await clock.advance(1000);
    expect(new Set(released).size).toBe(1000);
  });

  it('go on, two seconds a batch, while a member does not get on', async () => {
    const { clock, released, backlog, add } = feed();
    backlog.size = 5000;
    add(600);
    await clock.advance(4100);
    expect(released).toHaveLength(600);
  });
});
