import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SchedulingQueue } from './queue.ts';

describe('the scheduling queue', () => {
  it('68 waits 1, 2, 4, 8, 10, 10 seconds after the last push', () => {
    let now = 0;
    const queue = new SchedulingQueue(() => now);
    queue.push('a');
    const delays: number[] = [];
    let pushed = 0;
    while (delays.length < 6) {
      if (queue.length > 0) {
        if (queue.pop()?.attempts !== 1) delays.push((now - pushed) / 1000);
        pushed = now;
        queue.done('a', 'backoff');
      }
      now += 1000;
      queue.flushBackoff();
    }
    expect(delays).toEqual([1, 2, 4, 8, 10, 10]);
  });

  it('takes the higher priority first, and of equals the earlier', () => {
    let now = 0;
    const queue = new SchedulingQueue(() => now++);
    queue.push('low');
    queue.push('high', 5);
    queue.push('later', 5);
    queue.push('low', 9);
    expect([queue.pop()?.key, queue.pop()?.key, queue.pop()?.key, queue.pop()]).toEqual(['high', 'later', 'low', undefined]);
  });

  it('hands a key out again only after it is done', () => {
    const queue = new SchedulingQueue(() => 0);
    queue.push('a');
    queue.pop();
    queue.push('a');
    expect(queue.pop()).toBeUndefined();
    queue.done('a', 'forget');
    expect(queue.pop()?.key).toBe('a');
  });

  it('keeps unschedulable keys for more than five minutes', () => {
    let now = 0;
    const queue = new SchedulingQueue(() => now);
    queue.push('a');
    queue.pop();
    queue.done('a', 'unschedulable');
    now = 300_000;
    queue.flushUnschedulable();
    expect(queue.length).toBe(0);
    now = 330_000;
    queue.flushUnschedulable();
    expect(queue.length).toBe(1);
  });

  it('gives a waiting taker the next key, and lets it go when the signal fires', async () => {
    const queue = new SchedulingQueue(() => 0);
    const control = new AbortController();
    const taken = queue.take(control.signal);
    queue.push('a');
    expect((await taken).key).toBe('a');
    const waiting = queue.take(control.signal);
    control.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
  });

  it('loses no key and hands none out twice, whatever happens', () => {
    const op = fc.constantFrom('push', 'pop', 'forget', 'backoff', 'unschedulable', 'tick');
    fc.assert(
      fc.property(fc.array(fc.tuple(op, fc.constantFrom('a', 'b', 'c')), { maxLength: 60 }), ops => {
        let now = 0;
        const queue = new SchedulingQueue(() => now);
        const inHand = new Set<string>();
        const owed = new Set<string>();
        const take = (): void => {
          const key = queue.pop()?.key;
          if (key === undefined) return;
          expect(inHand.has(key)).toBe(false);
          inHand.add(key);
          owed.delete(key);
        };
        for (const [what, key] of ops) {
          if (what === 'push') {
            queue.push(key);
            owed.add(key);
          } else if (what === 'pop') take();
          else if (what === 'tick') {
            now += 10_000;
            queue.flushBackoff();
          } else if (inHand.delete(key)) {
            queue.done(key, what);
            if (what !== 'forget') owed.add(key);
          }
        }
        for (const key of inHand) queue.done(key, 'forget');
        inHand.clear();
        now += 400_000;
        queue.flushBackoff();
        queue.flushUnschedulable();
        for (let left = queue.length; left > 0; left--) take();
        expect([...owed]).toEqual([]);
      }),
    );
  });
});
