// What every part of a member is given: a client, one informer for each kind, time, and a way to become a loop.
import {
  type Client,
  type Clock,
  controller,
  type EventRecorder,
  type Informer,
  informer,
  isStatusError,
  type KubeObject,
  type Logger,
  type Reconcile,
  type Resource,
  type Runnable,
  type Source,
} from '../kube/index.ts';

export interface MemberContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  /** The one informer of a kind; asked for before the member runs. */
  informer<T extends KubeObject>(r: Resource<T>): Informer<T>;
}

/** Informers by kind, each made when first asked for. */
export class Informers {
  readonly #o: { readonly client: Client; readonly clock: Clock; readonly log: Logger };
  readonly #made = new Map<string, Informer<KubeObject>>();

  constructor(o: { readonly client: Client; readonly clock: Clock; readonly log: Logger }) {
    this.#o = o;
  }

  get<T extends KubeObject>(r: Resource<T>): Informer<T> {
    const key = `${r.group}/${r.plural}`;
    const known = this.#made.get(key);
    if (known) return known as Informer<T>;
    const made = informer({ ...this.#o, resource: r });
    this.#made.set(key, made as unknown as Informer<KubeObject>);
    return made;
  }

  runnables(): Runnable[] {
    return [...this.#made].map(([name, i]) => ({ name: `informer ${name}`, run: signal => i.run(signal) }));
  }
}

const AGAIN_MS = 10;
const REFUSED_MS = 1000;

/** A controller whose lost races are no failures: it looks again a moment later. */
export function loop(
  c: MemberContext,
  o: { readonly name: string; readonly sources: readonly Source[]; readonly reconcile: Reconcile },
): Runnable {
  return controller({
    name: o.name,
    sources: o.sources,
    clock: c.clock,
    log: c.log,
    async reconcile(key, signal) {
      try {
        return await o.reconcile(key, signal);
      } catch (error) {
        if (isStatusError(error, 'Conflict') || isStatusError(error, 'NotFound') || isStatusError(error, 'AlreadyExists'))
          return { requeueAfterMs: AGAIN_MS };
        // A namespace that goes away, or a quota that is used up, refuses new objects.
        if (isStatusError(error, 'Forbidden')) return { requeueAfterMs: REFUSED_MS };
        throw error;
      }
    },
  });
}
