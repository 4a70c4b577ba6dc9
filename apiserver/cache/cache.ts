// The watch cache: what the store holds, in memory, sorted into collections, with a bounded history for watches.
// It changes only when the store says that a change is durable, so nobody sees what a crash could take back.
import type { Clock } from '../../kube/index.ts';
import type { Op, Revision, Store, StoreEvent } from '../store/index.ts';
import { type CacheEvent, Collection } from './collection.ts';
import type { Entry } from './entry.ts';

const HISTORY_BYTES = 32 * 1024 * 1024;
const HISTORY_MAX_AGE_MS = 10 * 60_000;
const HISTORY_MIN_AGE_MS = 75_000;

/** One change: `make` gives the new entry at the commit's revision; absent = delete. */
export interface CacheOp {
  readonly key: string;
  readonly expect: Revision;
  readonly make?: (revision: Revision) => Entry;
}

interface Remembered {
  readonly collection: Collection;
  readonly bytes: number;
  readonly atMs: number;
}

export class Cache {
  readonly store: Store;
  readonly #clock: Clock;
  readonly #collections = new Map<string, Collection>();
  /** Values loaded before their collection was asked for (custom resources appear after their CRD is read). */
  readonly #unclaimed = new Map<string, StoreValue>();
  #remembered: Remembered[] = [];
  #forgotten = 0;
  #bytes = 0;
  /** Entries whose bytes are on their way through the store. */
  readonly #made = new Map<Uint8Array, Entry>();
  readonly #listeners = new Set<(collection: Collection, event: CacheEvent) => void>();
  readonly #batchListeners = new Set<(revision: Revision) => void>();

  private constructor(store: Store, clock: Clock) {
    this.store = store;
    this.#clock = clock;
  }

  /** Reads everything present and follows the store from then on. */
  static async open(store: Store, clock: Clock): Promise<Cache> {
    const cache = new Cache(store, clock);
    await store.load(v => cache.#unclaimed.set(v.key, { bytes: v.value, revision: v.revision }));
    store.subscribe(events => cache.#follow(events));
    return cache;
  }

  get revision(): Revision {
    return this.store.revision;
  }

  /** The collection of a prefix such as `/registry/configmaps/`; made on the first call. */
  collection(prefix: string, namespaced: boolean): Collection {
    const known = this.#collections.get(prefix);
    if (known) return known;
    const made = new Collection({ prefix, namespaced, store: this.store, floor: this.revision });
    this.#collections.set(prefix, made);
    for (const [key, value] of this.#unclaimed) {
      if (!key.startsWith(prefix)) continue;
      made.seed(key.slice(prefix.length), value.bytes, value.revision);
      this.#unclaimed.delete(key);
    }
    return made;
  }

  /** Commits; resolves when durable and visible here. */
  async commit(ops: readonly CacheOp[]): Promise<Revision> {
    const made: Uint8Array[] = [];
    const raw = ops.map(({ key, expect, make }): Op => {
      if (!make) return { key, expect };
      const value = (revision: Revision): Uint8Array => {
        const entry = make(revision);
        this.#made.set(entry.bytes, entry);
        made.push(entry.bytes);
        return entry.bytes;
      };
      return { key, expect, value };
    });
    try {
      return await this.store.commit(raw);
    } catch (error) {
      for (const bytes of made) this.#made.delete(bytes);
      throw error;
    }
  }

  /** Called after each durable batch has been handed out: watchers flush what they gathered. */
  onBatch(listener: (revision: Revision) => void): () => void {
    this.#batchListeners.add(listener);
    return () => void this.#batchListeners.delete(listener);
  }

  /** Every change of every collection, for loops that look after all kinds. */
  subscribe(listener: (collection: Collection, event: CacheEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #follow(events: readonly StoreEvent[]): void {
    for (const e of events) {
      const made = e.value && this.#made.get(e.value);
      if (e.value && made) this.#made.delete(e.value);
      const collection = this.#collectionOf(e.key);
      if (!collection) {
        if (e.value) this.#unclaimed.set(e.key, { bytes: e.value, revision: e.revision });
        else this.#unclaimed.delete(e.key);
        continue;
      }
      const event = collection.apply(e.key.slice(collection.prefix.length), e.value, e.revision, made);
      if (!event) continue;
      this.#remember(collection, event);
      collection.dispatch(event);
      for (const listener of this.#listeners) listener(collection, event);
    }
    const revision = events.at(-1)?.revision ?? this.revision;
    for (const listener of this.#batchListeners) listener(revision);
  }

  #collectionOf(key: string): Collection | undefined {
    for (let end = key.indexOf('/', 1); end >= 0; end = key.indexOf('/', end + 1)) {
      const found = this.#collections.get(key.slice(0, end + 1));
      if (found) return found;
    }
    return undefined;
  }

  /** Bounded by bytes once it is old enough for a watcher's pause, and by age always. */
  #remember(collection: Collection, event: CacheEvent): void {
    const now = this.#clock.monotonic();
    const bytes = event.entry.bytes.length;
    this.#remembered.push({ collection, bytes, atMs: now });
    this.#bytes += bytes;
    for (let oldest = this.#remembered[this.#forgotten]; oldest; oldest = this.#remembered[this.#forgotten]) {
      const age = now - oldest.atMs;
      if (age <= HISTORY_MIN_AGE_MS && this.#bytes <= 4 * HISTORY_BYTES) break;
      if (age <= HISTORY_MAX_AGE_MS && this.#bytes <= HISTORY_BYTES) break;
      this.#forget(oldest);
    }
    if (this.#forgotten > 1024 && this.#forgotten * 2 > this.#remembered.length) {
      this.#remembered = this.#remembered.slice(this.#forgotten);
      this.#forgotten = 0;
    }
  }

  #forget({ collection, bytes }: Remembered): void {
    collection.forget();
    this.#bytes -= bytes;
    this.#forgotten++;
  }
}

interface StoreValue {
  readonly bytes: Uint8Array;
  readonly revision: Revision;
}
