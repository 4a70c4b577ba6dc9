// An edited policy may concern ten thousand templates. They are handed on in batches, the next one when the Works of the last are mostly built and applied: whoever
// changes a template meanwhile waits for a batch and not for all of them. A member that does not get on delays a batch, but does not stop it.
import { type Clock, type Runnable, sleep } from '../../kube/index.ts';
import type { Backlog } from '../backlog.ts';
import { type TemplateRef, templateKeyText } from './template-key.ts';

const BATCH = 200;
const LOOK_MS = 20;
const BATCH_MAX_MS = 2000;

export interface PolicyFeed extends Runnable {
  /** `changedByUs`: a lazy policy only claims the template. */
  add(ref: TemplateRef, changedByUs: boolean): void;
}

interface PolicyFeedOptions {
  readonly enqueue: (key: string) => void;
  readonly backlog: Pick<Backlog, 'size'>;
  readonly clock: Clock;
}

export function policyFeed({ enqueue, backlog, clock }: PolicyFeedOptions): PolicyFeed {
  /** Each key once, in order of arrival. */
  const pending = new Set<string>();
  let wake: () => void = () => undefined;

  function release(): void {
    let left = BATCH;
    for (const key of pending) {
      if (left-- === 0) return;
      pending.delete(key);
      enqueue(key);
    }
  }

  async function worked(signal: AbortSignal): Promise<void> {
    const deadline = clock.monotonic() + BATCH_MAX_MS;
    do await sleep(clock, LOOK_MS, signal);
    while (backlog.size > BATCH / 2 && clock.monotonic() < deadline);
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
        if (pending.size === 0) {
          await new Promise<void>(resolve => {
            wake = resolve;
          });
          continue;
        }
        release();
        if (pending.size > 0) await worked(signal).catch(() => undefined);
      }
    },
  };
}
