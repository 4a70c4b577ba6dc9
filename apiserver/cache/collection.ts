// All objects of one storage prefix: the present state, ordered as the store orders keys, and its recent history.
//
// Reads, lists and watches come from here. A list at an older revision undoes the events since then, from the history while
// it reaches back that far, else from the store's log.
import { CompactedError, type Store } from '../store/index.ts';
import { Entry } from './entry.ts';
import { SortedKeys } from './sorted-keys.ts';

/** One durable change of one object. */
export class CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The new state; of a deletion the last state at the deletion's revision. */
  readonly entry: Entry;
  readonly previous: Entry | undefined;
  #frames: Map<string, Buffer> | undefined;

  constructor(type: CacheEvent['type'], entry: Entry, previous: Entry | undefined) {
    this.type = type;
    this.entry = entry;
    this.previous = previous;
  }

  get revision(): number {
    return this.entry.revision;
  }

  /** Frames made of this event, by representation: each is serialised once, however many watch. */
  get frames(): Map<string, Buffer> {
    this.#frames ??= new Map();
    return this.#frames;
  }
}

/** Taking single events off the front of a long list would move all the others each time. */
const FORGOTTEN_AT_ONCE = 16;

export type Listener = (event: CacheEvent) => void;

export interface Snapshot {
  /** Entries in key order. */
  readonly entries: readonly Entry[];
  /** How many follow after the last of `entries`. */
  readonly remaining: number;
}

export interface Range {
  /** '' = all namespaces. */
  readonly namespace: string;
  /** Only keys after this one (`namespace/name`, relative to the prefix). */
  readonly after?: string;
  readonly limit?: number;
  readonly accept: (entry: Entry) => boolean;
}

export class Collection {
  readonly prefix: string;
  readonly namespaced: boolean;
  readonly #store: Store;
  readonly #entries = new Map<string, Entry>();
  /** Keys relative to the prefix; those seeded at start are sorted when first needed. */
  readonly #sortedKeys = new SortedKeys();
  #seeded = false;
  /** Events since the floor, oldest first, behind some that are forgotten already. */
  #history: CacheEvent[] = [];
  #forgotten = 0;
  #floor: number;
  readonly #everywhere = new Set<Listener>();
  readonly #byNamespace = new Map<string, Set<Listener>>();

  constructor(o: { prefix: string; namespaced: boolean; store: Store; floor: number }) {
    this.prefix = o.prefix;
    this.namespaced = o.namespaced;
    this.#store = o.store;
    this.#floor = o.floor;
  }

  /** Events up to and including this revision are no longer remembered. */
  get floor(): number {
    return this.#floor;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(namespace: string, name: string): Entry | undefined {
    return this.#entries.get(this.namespaced ? `${namespace}/${name}` : name);
  }

  /** Takes over a value at start; call `loaded` after the last one. */
  seed(relative: string, bytes: Uint8Array, revision: number): void {
    this.#entries.set(relative, this.#entryOf(relative, bytes, revision));
    this.#seeded = true;
  }

  /** Applies one durable change and returns the event to hand out. */
  apply(relative: string, bytes: Uint8Array | undefined, revision: number, made?: Entry): CacheEvent | undefined {
    const previous = this.#entries.get(relative);
    if (!bytes) {
      if (!previous) return undefined;
      this.#entries.delete(relative);
      this.#keys().remove(relative);
      return this.#record(new CacheEvent('DELETED', previous.deletedAt(revision), previous));
    }
    const entry = made ?? this.#entryOf(relative, bytes, revision);
    const keys = this.#keys();
    this.#entries.set(relative, entry);
    if (!previous) keys.insert(relative);
    return this.#record(new CacheEvent(previous ? 'MODIFIED' : 'ADDED', entry, previous));
  }

  /** Hands an event to those who watch its namespace or all. */
  dispatch(event: CacheEvent): void {
    for (const listener of this.#everywhere) listener(event);
    const some = this.#byNamespace.get(event.entry.namespace);
    if (some) for (const listener of some) listener(event);
  }

  /** '' = all namespaces. Returns how to stop. */
  subscribe(namespace: string, listener: Listener): () => void {
    if (!namespace) {
      this.#everywhere.add(listener);
      return () => void this.#everywhere.delete(listener);
    }
    const set = this.#byNamespace.get(namespace) ?? new Set();
    this.#byNamespace.set(namespace, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.#byNamespace.get(namespace) === set) this.#byNamespace.delete(namespace);
    };
  }

  /** The present state. */
  list(range: Range): Snapshot {
    return this.#page(range, new Map());
  }

  /** The state at an older revision; rejects with CompactedError where nobody remembers it. */
  async listAt(revision: number, range: Range): Promise<Snapshot> {
    return this.#page(range, await this.#changesSince(revision));
  }

  /** Events after `revision`, oldest first; undefined where the history does not reach back that far. */
  since(revision: number): readonly CacheEvent[] | undefined {
    if (revision < this.#floor) return undefined;
    return this.#history.slice(Math.max(this.#forgotten, firstAfter(this.#history, revision)));
  }

  /** Forgets the oldest event. */
  forget(): void {
    this.#floor = this.#history[this.#forgotten]?.revision ?? this.#floor;
    this.#forgotten++;
    if (this.#forgotten < FORGOTTEN_AT_ONCE || this.#forgotten * 2 < this.#history.length) return;
    this.#history = this.#history.slice(this.#forgotten);
    this.#forgotten = 0;
  }

  async #changesSince(revision: number): Promise<Map<string, Entry | undefined>> {
    const events = this.since(revision);
    const undo = new Map<string, Entry | undefined>();
    if (events) {
      for (const e of events) {
        const relative = e.entry.key.slice(this.prefix.length);
        if (!undo.has(relative)) undo.set(relative, e.previous);
      }
      return undo;
    }
    if (revision < this.#store.compacted) throw new CompactedError(revision, this.#store.compacted);
    for (const [key, value] of await this.#store.before(this.prefix, revision)) {
      const relative = key.slice(this.prefix.length);
      undo.set(relative, value && this.#entryOf(relative, value.value, value.revision));
    }
    return undo;
  }

  #page(range: Range, undo: ReadonlyMap<string, Entry | undefined>): Snapshot {
    const keys = withMissing(this.#keys(), undo);
    const start = range.namespace ? `${range.namespace}/` : '';
    const entries: Entry[] = [];
    for (const key of keys.from(range.after ?? start)) {
      if (start && !key.startsWith(start)) break;
      if (key === range.after) continue;
      const entry = undo.has(key) ? undo.get(key) : this.#entries.get(key);
      if (!entry || !range.accept(entry)) continue;
      if (range.limit !== undefined && entries.length === range.limit) return { entries, remaining: this.#count(keys, key, start, undo) };
      entries.push(entry);
    }
    return { entries, remaining: 0 };
  }

  /** How many there are from a key on, among those that begin with `start`. */
  #count(keys: SortedKeys, from: string, start: string, undo: ReadonlyMap<string, Entry | undefined>): number {
    const end = start ? keys.rank(`${start.slice(0, -1)}0`) : keys.size;
    let count = end - keys.rank(from);
    for (const [key, entry] of undo) if (!entry && key >= from && (!start || key.startsWith(start)) && keys.has(key)) count--;
    return count;
  }

  #entryOf(relative: string, bytes: Uint8Array, revision: number): Entry {
    const slash = this.namespaced ? relative.indexOf('/') : -1;
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new Entry({
      key: this.prefix + relative,
      namespace: slash < 0 ? '' : relative.slice(0, slash),
      name: relative.slice(slash + 1),
      revision,
      bytes: buffer,
    });
  }

  #record(event: CacheEvent): CacheEvent {
    this.#history.push(event);
    return event;
  }

  #keys(): SortedKeys {
    if (this.#seeded) {
      this.#sortedKeys.load([...this.#entries.keys()]);
      this.#seeded = false;
    }
    return this.#sortedKeys;
  }
}

function firstAfter(history: readonly CacheEvent[], revision: number): number {
  let low = 0;
  let high = history.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((history[middle]?.revision ?? 0) <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The present keys and those that were there before, in order. */
function withMissing(keys: SortedKeys, undo: ReadonlyMap<string, unknown>): SortedKeys {
  const missing = [...undo.keys()].filter(key => !keys.has(key));
  if (missing.length === 0) return keys;
  const all = new SortedKeys();
  all.load([...keys.from(''), ...missing]);
  return all;
}
