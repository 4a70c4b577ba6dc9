import { BACKOFF_FLUSH_MS, type QueueResult, SchedulingQueue, UNSCHEDULABLE_FLUSH_MS } from '../../../../scheduler/index.ts';
import type { Suite } from '../../suite.ts';
import { oneOf } from './outcome.ts';

interface Op {
  readonly at: number;
  readonly op: 'push' | 'pop' | 'done' | 'len';
  readonly key?: string;
  readonly priority?: number;
  readonly result?: QueueResult;
}

export const suite: Suite = {
  check(c) {
    let now = 0;
    let inHand = '';
    const queue = new SchedulingQueue(() => now);
    const advance = (to: number): void => {
      for (let tick = Math.floor(now / BACKOFF_FLUSH_MS + 1) * BACKOFF_FLUSH_MS; tick <= to; tick += BACKOFF_FLUSH_MS) {
        now = tick;
        queue.flushBackoff();
        if (tick % UNSCHEDULABLE_FLUSH_MS === 0) queue.flushUnschedulable();
      }
      now = to;
    };
    const results = (c.in['ops'] as Op[]).map(op => {
      advance(op.at);
      if (op.op === 'push') queue.push(op.key ?? '', op.priority ?? 0);
      if (op.op === 'done') queue.done(inHand, op.result ?? 'forget');
      const item = op.op === 'pop' ? queue.pop() : undefined;
      inHand = item?.key ?? inHand;
      return { len: queue.length, ...(item ? { key: item.key, priority: item.priority, attempts: item.attempts } : {}) };
    });
    return oneOf(c, { results });
  },
};
