// An edited policy may concern ten thousand templates. They are handed on as the plane gets on with them: so many are on their way at a time, from the template to
// the members, that nobody has nothing to do, and whoever changes a template meanwhile waits for those and not for all. What does not get on (a scheduler that is
// away, a member that hangs) delays the others, but does not stop them.
import { type Clock, type Runnable, sleep } from '../../kube/index.ts';
import type { Backlog } from '../backlog.ts';
import { type TemplateRef, templateKeyText } from './template-key.ts';

const ON_THEIR_WAY = 100;
const LOOK_MS = 10;
/** Without any progress for so long, those on their way are not waited for. */
const STUCK_MS = 2000;

export interface PolicyFeed extends Runnable {
  /** `changedByUs`: a lazy policy only claims the template. */
  add(ref: TemplateRef, changedByUs: boolean): void;
}

interface PolicyFeedOptions {
  readonly enqueue: (key: string) => void;
  /** Whether a template that was handed on has not come to the controllers of its binding yet. */
  readonly isPending: (key: string) => boolean;
  readonly backlog: Pick<Backlog, 'size'>;
  readonly clock: Clock;
}

export function policyFeed({ enqueue, isPending, backlog, clock }: PolicyFeedOptions): PolicyFeed {
  /** Each key once, in order of arrival. */
  const pending = new Set<string>();
  const released = new Set<string>();
  let wake: () => void = () => undefined;

  function release(count: number): void {
    let left = count;
    for (const key of pending) {
      if (left-- <= 0) return;
      pending.delete(key);
      released.add(key);
      enqueue(key);
    }
  }

  function onTheirWay(): number {
    for (const key of released) if (!isPending(key)) released.delete(key);
    return released.size + backlog.size;
  }

  /** Room for half of what may be on its way, or more; all of it where nothing gets on. */
  async function room(signal: AbortSignal): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    let deadline = clock.monotonic() + STUCK_MS;
    for (;;) {
      const count = onTheirWay();
      if (count <= ON_THEIR_WAY / 2) return ON_THEIR_WAY - count;
      const now = clock.monotonic();
      if (count < least) {
        least = count;
        deadline = now + STUCK_MS;
      } else if (now >= deadline) {
        released.clear();
        return ON_THEIR_WAY;
      }
      await sleep(clock, LOOK_MS, signal);
    }
  }

  return {
    name: 'policy-feed',
    add(ref, changedByUs) {
      pending.add(templateKeyText(ref, changedByUs));
      wake();
    },
    async run(signal) {
      signal.addEventListener('abort', () => wake(), { once: true });
      while (!signal.aborted) {
        if (pending.size > 0) release(await room(signal).catch(() => 0));
        else
          await new Promise<void>(resolve => {
            wake = resolve;
          });
      }
    },
  };
}
