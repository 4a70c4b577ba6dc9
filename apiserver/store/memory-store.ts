// A store that lives and dies with the process: for tests and for members that need no durability.
import { CommitQueue, type Row } from './commit-queue.ts';
import { CompactedError, type Op, type Revision, type Store, type StoredValue, type StoreEvent } from './store.ts';

export class MemoryStore implements Store {
  readonly id: string;
  readonly #log: Row[] = [];
  readonly #queue: CommitQueue;
  #compacted = 0;

  constructor(id: string) {
    this.id = id;
    this.#queue = new CommitQueue(0, rows => {
      this.#log.push(...rows);
      return Promise.resolve();
    });
  }

  get revision(): Revision {
    return this.#queue.revision;
  }

  get compacted(): Revision {
    return this.#compacted;
  }

  load(): Promise<void> {
    return Promise.resolve();
  }

  commit(ops: readonly Op[]): Promise<Revision> {
    return this.#queue.commit(ops);
  }

  subscribe(listener: (events: readonly StoreEvent[]) => void): () => void {
    return this.#queue.subscribe(listener);
  }

  before(prefix: string, revision: Revision): Promise<ReadonlyMap<string, StoredValue | undefined>> {
    if (revision < this.#compacted) return Promise.reject(new CompactedError(revision, this.#compacted));
    const changed = new Map<string, StoredValue | undefined>();
    for (const row of this.#log)
      if (row.revision > revision && row.key.startsWith(prefix) && !changed.has(row.key)) changed.set(row.key, undefined);
    for (const row of this.#log) {
      if (row.revision > revision || !changed.has(row.key)) continue;
      changed.set(row.key, row.value ? { key: row.key, value: row.value, revision: row.revision } : undefined);
    }
    return Promise.resolve(changed);
  }

  compact(revision: Revision): Promise<void> {
    this.#compacted = Math.max(this.#compacted, Math.min(revision, this.revision));
    const newest = new Map<string, Row>();
    for (const row of this.#log) if (row.revision <= this.#compacted) newest.set(row.key, row);
    const kept = this.#log.filter(row => row.revision > this.#compacted || (row.value !== undefined && newest.get(row.key) === row));
    this.#log.splice(0, this.#log.length, ...kept);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.#queue.idle();
  }
}
