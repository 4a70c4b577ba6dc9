// Waiting for what controllers do: a copy of the Works counts as they change, so that waiting costs the process nothing however many there are.
import { conditionTypes, executionSpace, type Work, works } from '../../../crds/index.ts';
import { at, type Informer, informer, keyOf, keyText, listOf, sleep, systemClock } from '../../../kube/index.ts';
import type { ControllersPlane } from './plane.ts';

export const isApplied = (work: Work): boolean =>
  listOf(work.status?.conditions).some(c => at(c, 'type') === conditionTypes.workApplied && at(c, 'status') === 'True');

export interface Counter {
  /** Resolves as soon as that many Works are as they should be. */
  reached(count: number): Promise<void>;
}

export interface Following {
  /** Counts Works of which that holds. */
  count(holds: (work: Work) => boolean): Counter;
  stop(): void;
}

export function follow({ hub }: ControllersPlane): Following {
  const stop = new AbortController();
  const copy = informer({ client: hub, clock: systemClock, resource: works });
  void copy.run(stop.signal);
  return { count: holds => counter(copy, holds), stop: () => stop.abort(new Error('seen enough')) };
}

function counter(copy: Informer<Work>, holds: (work: Work) => boolean): Counter {
  const counted = new Set<string>();
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  copy.subscribe(({ type, object }) => {
    const key = keyText(keyOf(object));
    if (type !== 'deleted' && holds(object)) counted.add(key);
    else counted.delete(key);
    if (waiting.length === 0) return;
    for (const { count, resolve } of waiting) if (counted.size >= count) resolve();
    waiting = waiting.filter(({ count }) => counted.size < count);
  });
  return {
    reached: count =>
      new Promise(resolve => {
        if (counted.size >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

/** Whether a Work lies in the space of that cluster and its name begins so. */
export const isIn =
  (cluster: string, prefix = ''): ((work: Work) => boolean) =>
  ({ metadata }) =>
    metadata.namespace === executionSpace(cluster) && (metadata.name ?? '').startsWith(prefix);

export async function until(holds: () => Promise<boolean>, ms = 300_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await sleep(systemClock, 50);
  }
}

/** When the last busy moment was: for three seconds after it nothing was written and the process did next to nothing. */
export async function quiet(plane: ControllersPlane): Promise<number> {
  let last = performance.now();
  let revision = await plane.revision();
  let cpu = process.cpuUsage();
  while (performance.now() - last < 3000) {
    const since = performance.now();
    await sleep(systemClock, 100);
    const now = await plane.revision();
    const { user, system } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const share = (user + system) / 1000 / (performance.now() - since);
    if (now !== revision || share > 0.3) last = performance.now();
    revision = now;
  }
  return last;
}
