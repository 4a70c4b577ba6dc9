// Which eviction tasks are done, and when to look again.
import { assessTasks, nextDeadline } from '../../../../controllers/index.ts';
import type { AggregatedStatusItem, GracefulEvictionTask, TargetCluster } from '../../../../crds/index.ts';
import type { Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly fn: string;
  readonly tasks?: readonly GracefulEvictionTask[];
  readonly now: string;
  readonly timeoutSeconds: number;
  readonly clusters?: readonly TargetCluster[];
  readonly aggregatedStatus?: readonly AggregatedStatusItem[];
  readonly hasScheduled: boolean;
}

export const suite: Suite = {
  check(c) {
    const { fn, tasks = [], now, timeoutSeconds, clusters = [], aggregatedStatus = [], hasScheduled } = c.in as unknown as In;
    const timeoutMs = timeoutSeconds * 1000;
    if (fn === 'nextRetry') {
      const ms = nextDeadline(tasks, { timeoutMs, nowMs: Date.parse(now) });
      return compareLoose({ max: false, seconds: ms / 1000 }, c.out);
    }
    // Times in the recordings are long past, or far ahead of any run of these tests.
    const nowMs = Date.UTC(2100, 0, 1);
    return compareLoose(assessTasks({ tasks, clusters, aggregatedStatus, hasScheduled, now, nowMs, timeoutMs }), c.out);
  },
};
