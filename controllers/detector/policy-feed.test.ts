import { describe, expect, it } from 'vitest';
import { simulatedClock } from '../../kube/index.ts';
import { policyFeed } from './policy-feed.ts';

function feed() {
  const clock = simulatedClock();
  const released: string[] = [];
  const unscheduled = new Set<string>();
  const backlog = { size: 0 };
  const enqueue = (key: string): void => {
    released.push(key);
    unscheduled.add(key);
  };
  const f = policyFeed({ enqueue, isPending: key => unscheduled.has(key), backlog, clock });
  const stop = new AbortController();
  void f.run(stop.signal);
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) f.add({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: `c${i}` }, false);
  };
  return { clock, released, unscheduled, backlog, add, stop };
}

describe('templates of an edited policy', () => {
  it('are handed on at once where they are few', async () => {
    const { clock, released, add } = feed();
    add(3);
    await clock.advance(0);
    expect(released).toHaveLength(3);
  });

  it('wait for those before them to be scheduled, and to be worked off', async () => {
    const { clock, released, unscheduled, backlog, add } = feed();
    add(1000);
    await clock.advance(500);
    expect(released).toHaveLength(100);
    backlog.size = unscheduled.size;
    unscheduled.clear();
    await clock.advance(500);
    expect(released).toHaveLength(100);
    backlog.size = 30;
    await clock.advance(10);
    expect(released).toHaveLength(170);
  });

  it('are all handed on in time, each once', async () => {
    const { clock, released, unscheduled, add } = feed();
    add(1000);
    for (let i = 0; i < 200; i++) {
      await clock.advance(10);
      unscheduled.clear();
    }
    expect(released).toHaveLength(1000);
    expect(new Set(released).size).toBe(1000);
  });

  it('wait as long as the plane gets on, however slowly', async () => {
    const { clock, released, backlog, add } = feed();
    backlog.size = 200;
    add(200);
    for (; backlog.size > 100; backlog.size--) await clock.advance(1500);
    expect(released).toHaveLength(0);
  });

  it('go on, two seconds a hundred, while nothing gets on', async () => {
    const { clock, released, backlog, add } = feed();
    backlog.size = 5000;
    add(300);
    await clock.advance(6100);
    expect(released).toHaveLength(300);
  });
});
