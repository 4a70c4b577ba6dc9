// A controller with a queue, workers and back-off for each member: one that is lost or slow holds up its own keys and nobody else's.
import { type ControllerOptions, controller, type Runnable, type WorkQueue } from '../kube/index.ts';

export interface LaneOptions extends Omit<ControllerOptions, 'queue'> {
  /** The member that a key is about. */
  readonly memberOf: (key: string) => string;
  /** Told of the queue of each member when it is opened. */
  readonly onLane?: (queue: WorkQueue) => void;
}

/** Runs like a controller; `workers` is the number for each member. */
export function memberLanes(o: LaneOptions): Runnable {
  return {
    name: o.name,
    async run(signal) {
      const lanes = new Map<string, WorkQueue>();
      const running: Promise<void>[] = [];
      const synced = Promise.all(o.sources.map(source => source.synced)).then(() => undefined);
      const laneOf = (key: string): WorkQueue => {
        const member = o.memberOf(key);
        const known = lanes.get(member);
        if (known) return known;
        const lane = controller({ ...o, name: `${o.name}/${member}`, sources: [{ synced, start: () => () => undefined }] });
        lanes.set(member, lane.queue);
        o.onLane?.(lane.queue);
        running.push(lane.run(signal));
        return lane.queue;
      };
      const stops = o.sources.map(source =>
        source.start((key, options) => laneOf(key).add(key, o.prioritized === false ? { ...options, priority: 0 } : options)),
      );
      try {
        await ended(signal);
      } finally {
        for (const stop of stops) stop();
        await Promise.all(running);
      }
    },
  };
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
