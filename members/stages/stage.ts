// A simulated lifecycle is data: the first stage whose tests all hold is entered after its delay, and changes the status or
// ends the object. The stages of an object are judged anew after every change, so nothing but the object itself is remembered
// save since when a stage has been waiting.
import {
  fromInformer,
  getOrUndefined,
  type KubeObject,
  keyText,
  parseKey,
  type Resource,
  type Runnable,
  type Source,
} from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { deleteObject, writeStatus } from '../writing.ts';

export type Test<T, W> = (object: T, world: W) => boolean;

export interface Stage<T extends KubeObject, W> {
  readonly name: string;
  /** All must hold. */
  readonly when: readonly Test<T, W>[];
  readonly delayMs: number | ((object: T) => number);
  /** The new status, or the end of the object. */
  readonly then: ((object: T, world: W) => unknown) | 'delete';
  /** Told as Events about the object. */
  readonly events?: (object: T) => readonly StageEvent[];
}

export interface StageEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

interface Waiting {
  readonly stage: string;
  readonly uid: string;
  readonly sinceMs: number;
}

export interface StagesOptions<T extends KubeObject, W> {
  readonly name: string;
  readonly resource: Resource<T>;
  readonly stages: readonly Stage<T, W>[];
  readonly world: W;
  /** Besides the objects' own changes. */
  readonly sources?: readonly Source[];
}

/** Moves every object of a kind through its stages. */
export function stages<T extends KubeObject & { readonly status?: unknown }, W>(c: MemberContext, o: StagesOptions<T, W>): Runnable {
  const waiting = new Map<string, Waiting>();

  async function enter(stage: Stage<T, W>, object: T): Promise<void> {
    if (stage.then === 'delete') await deleteObject(c.client, o.resource, object, { gracePeriodSeconds: 0 });
    else await writeStatus(c.client, o.resource, object, stage.then(object, o.world));
    for (const e of stage.events?.(object) ?? []) c.events.event(object, e.type, e.reason, e.message);
  }

  return loop(c, {
    name: o.name,
    sources: [fromInformer(c.informer(o.resource)), ...(o.sources ?? [])],
    async reconcile(key, signal) {
      const object = await getOrUndefined(c.client, o.resource, parseKey(key), { signal });
      const stage = object && o.stages.find(s => s.when.every(test => test(object, o.world)));
      if (!object || !stage) return void waiting.delete(key);
      const { uid = '' } = object.metadata;
      const known = waiting.get(key);
      const now = c.clock.now();
      const entry = known?.stage === stage.name && known.uid === uid ? known : { stage: stage.name, uid, sinceMs: now };
      const delayMs = typeof stage.delayMs === 'number' ? stage.delayMs : stage.delayMs(object);
      const leftMs = entry.sinceMs + delayMs - now;
      if (leftMs > 0) {
        waiting.set(key, entry);
        return { requeueAfterMs: leftMs };
      }
      await enter(stage, object);
      waiting.delete(key);
      return { requeueAfterMs: 0 };
    },
  });
}

/** The keys of all objects of an informer that a test selects, enqueued when something else changes. */
export function alsoWhen<T extends KubeObject>(source: Source, objects: () => readonly T[]): Source {
  return {
    synced: source.synced,
    start: enqueue =>
      source.start(() => {
        for (const object of objects()) {
          const { namespace, name = '' } = object.metadata;
          enqueue(keyText(namespace ? { namespace, name } : { name }));
        }
      }),
  };
}
