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
import { Sight, seeingOwnWrites } from './own-writes.ts';

export interface MemberContext {
  /** Its writes are done when the informers here have seen them. */
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  /** The one informer of a kind; asked for before the member runs. */
  informer<T extends KubeObject>(r: Resource<T>): Informer<T>;
  /** The objects of a kind by their owners. */
  children<T extends KubeObject>(r: Resource<T>): Children<T>;
}

/** Objects of one kind, found by who controls them and by where they are, without looking at all. */
export interface Children<T extends KubeObject> {
  /** Those that the owner with this uid controls. */
  of(uid: string | undefined): readonly T[];
  /** Those of a namespace that nobody controls. */
  orphans(namespace: string): readonly T[];
  /** All of a namespace. */
  in(namespace: string): readonly T[];
}

export interface InformersOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Informers by kind, each made when first asked for. */
export class Informers {
  readonly #o: InformersOptions;
  readonly #sights = new Map<string, Sight>();
  readonly #children = new Map<string, Children<KubeObject>>();
  #running = false;
  /** Writes through it are seen by these informers before they are done. */
  readonly client: Client;

  constructor(o: InformersOptions) {
    this.#o = o;
    this.client = seeingOwnWrites(o.client, r => this.#sights.get(idOf(r)));
  }

  get<T extends KubeObject>(r: Resource<T>): Informer<T> {
    const known = this.#sights.get(idOf(r));
    if (known) return known.informer as unknown as Informer<T>;
    if (this.#running) throw new Error(`the informer of ${r.plural} must be asked for before the member runs`);
    const made = informer({ ...this.#o, resource: r });
    this.#sights.set(idOf(r), new Sight(made as unknown as Informer<KubeObject>, this.#o.clock));
    return made;
  }

  children<T extends KubeObject>(r: Resource<T>): Children<T> {
    const known = this.#children.get(idOf(r));
    if (known) return known as Children<T>;
    const made = childrenOf(this.get(r));
    this.#children.set(idOf(r), made);
    return made;
  }

  runnables(): Runnable[] {
    this.#running = true;
    return [...this.#sights].map(([name, s]) => ({ name: `informer ${name}`, run: signal => s.run(signal) }));
  }
}

const idOf = (r: Pick<Resource, 'group' | 'plural'>): string => `${r.group}/${r.plural}`;

function childrenOf<T extends KubeObject>(source: Informer<T>): Children<T> {
  const byOwner = source.indexed(object => {
    const owner = object.metadata.ownerReferences?.find(o => o.controller === true);
    return [owner ? owner.uid : `orphans of ${object.metadata.namespace ?? ''}`];
  });
  const byNamespace = source.indexed(object => [object.metadata.namespace ?? '']);
  return {
    of: uid => (uid ? byOwner(uid) : []),
    orphans: namespace => byOwner(`orphans of ${namespace}`),
    in: namespace => byNamespace(namespace),
  };
}

/** Keys that one controller works on at once: their writes share commits. */
const WORKERS = 16;
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
    workers: WORKERS,
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
