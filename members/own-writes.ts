// A client whose writes are done only when this member's own informers have seen them, so that a controller that lists its children
// from an informer right after it made one finds it there: nothing is made twice, and no races are lost against oneself.
import { type Client, type Clock, type Informer, type KubeObject, keyOf, type ObjectKey, type Resource } from '../kube/index.ts';

/** A watch that is cut and begun anew may never tell of a change; nobody waits longer than this for it. */
const PATIENCE_MS = 1000;

/** Who waits for an informer to see something. */
export class Sight {
  readonly informer: Informer<KubeObject>;
  readonly #clock: Clock;
  readonly #waiting = new Set<(over?: true) => void>();
  #over = false;

  /** Made before the informer runs: it then hears of nothing twice. */
  constructor(informer: Informer<KubeObject>, clock: Clock) {
    this.informer = informer;
    this.#clock = clock;
    informer.subscribe(() => {
      for (const look of this.#waiting) look();
    });
  }

  /** Resolves when the object is there at that revision or a later one, or when it is known to have been there. */
  async reached(key: ObjectKey, revision: number): Promise<void> {
    if (Number(this.informer.revision) >= revision) return;
    await this.#until(() => Number(this.informer.get(key)?.metadata.resourceVersion ?? 0) >= revision);
  }

  /** Resolves when nothing with that uid is there. */
  async lost(key: ObjectKey, uid: string): Promise<void> {
    await this.#until(() => this.informer.get(key)?.metadata.uid !== uid);
  }

  /** Runs the informer; when it ends, nobody waits for it any more. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.informer.run(signal);
    } finally {
      this.#over = true;
      for (const look of this.#waiting) look(true);
    }
  }

  async #until(holds: () => boolean): Promise<void> {
    if (this.#over || !this.informer.hasSynced || holds()) return;
    await new Promise<void>(resolve => {
      const look = (over?: true): void => {
        if (over || holds()) enough();
      };
      const enough = (): void => {
        this.#waiting.delete(look);
        timer.cancel();
        resolve();
      };
      const timer = this.#clock.after(PATIENCE_MS, enough);
      this.#waiting.add(look);
    });
  }
}

/** `sight` gives who looks at a resource, where somebody does. */
export function seeingOwnWrites(client: Client, sight: (r: Resource) => Sight | undefined): Client {
  const seen = async <T extends KubeObject>(r: Resource<T>, written: T): Promise<T> => {
    const revision = Number(written.metadata?.resourceVersion ?? 0);
    if (revision > 0) await sight(r as unknown as Resource)?.reached(keyOf(written), revision);
    return written;
  };
  return {
    get: (r, key, o) => client.get(r, key, o),
    list: (r, o) => client.list(r, o),
    watch: (r, o) => client.watch(r, o),
    create: async (r, object, o) => {
      const made = await client.create(r, object, o);
      return o?.subresource ? made : seen(r, made);
    },
    update: async (r, object, o) => seen(r, await client.update(r, object, o)),
    patch: async (r, key, body, o) => seen(r, await client.patch(r, key, body, o)),
    delete: async (r, key, o) => {
      const watcher = sight(r as unknown as Resource);
      const uid = watcher?.informer.get(key)?.metadata.uid;
      const kept = await client.delete(r, key, o);
      if (kept) return seen(r, kept);
      if (watcher && uid) await watcher.lost(key, uid);
      return undefined;
    },
  };
}
