// What every local store shares: compare-and-set against the newest revision of each key, revisions given out in order, and
// group commit: while one batch is being made durable the next one gathers, so writes of the same moment share one fsync.
import { ConflictError, type Op, type Revision, type StoreEvent } from './store.ts';

export interface Row {
  readonly key: string;
  readonly revision: Revision;
  /** Position inside the commit. */
  readonly seq: number;
  /** Revision of the row this one replaces, 0 when the key was absent. */
  readonly previous: Revision;
  readonly value?: Uint8Array;
}

interface Commit {
  readonly rows: readonly Row[];
  readonly revision: Revision;
  readonly resolve: (revision: Revision) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_BATCH_ROWS = 512;
const MAX_UNDER_WAY = 2;

export class CommitQueue {
  #assigned: Revision;
  #durable: Revision;
  readonly #heads = new Map<string, Revision>();
  readonly #pendingByKey = new Map<string, Promise<unknown>>();
  #waiting: Commit[] = [];
  #scheduled = false;
  #underWay = 0;
  #last: Promise<void> = Promise.resolve();
  readonly #persist: (rows: readonly Row[]) => Promise<void>;
  readonly #listeners = new Set<(events: readonly StoreEvent[]) => void>();
  #idle: (() => void)[] = [];

  /** `persist` makes rows durable, all or none. */
  constructor(start: Revision, persist: (rows: readonly Row[]) => Promise<void>) {
    this.#assigned = start;
    this.#durable = start;
    this.#persist = persist;
  }

  get revision(): Revision {
    return this.#durable;
  }

  /** Records a value that was there at the start. */
  seed(key: string, revision: Revision): void {
    this.#heads.set(key, revision);
  }

  subscribe(listener: (events: readonly StoreEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  commit(ops: readonly Op[]): Promise<Revision> {
    for (const op of ops) {
      const head = this.#heads.get(op.key) ?? 0;
      if (head !== op.expect) return Promise.reject(new ConflictError(op.key, head, this.#pendingByKey.get(op.key)));
    }
    const revision = ++this.#assigned;
    const rows = ops.map((op, seq): Row => {
      const value = op.value?.(revision);
      return { key: op.key, revision, seq, previous: op.expect, ...(value ? { value } : {}) };
    });
    const done = new Promise<Revision>((resolve, reject) => this.#waiting.push({ rows, revision, resolve, reject }));
    const settled = done.catch(() => undefined);
    for (const row of rows) {
      this.#heads.set(row.key, row.value ? revision : 0);
      this.#pendingByKey.set(row.key, settled);
    }
    if (!this.#scheduled && this.#underWay < MAX_UNDER_WAY) {
      this.#scheduled = true;
      setImmediate(() => this.#launch());
    }
    return done;
  }

  /** Resolves when nothing is being written. */
  idle(): Promise<void> {
    const busy = this.#underWay > 0 || this.#waiting.length > 0;
    return busy ? new Promise(resolve => this.#idle.push(resolve)) : Promise.resolve();
  }

  /** Two batches may be under way: one is being made durable while the next one travels. They end in order. */
  #launch(): void {
    this.#scheduled = false;
    while (this.#underWay < MAX_UNDER_WAY && this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      const rows = batch.flatMap(c => c.rows);
      this.#underWay++;
      this.#last = this.#end({ batch, rows, persisted: this.#persist(rows), before: this.#last }).then(() => {
        this.#underWay--;
        this.#launch();
        if (this.#underWay === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
    }
  }

  async #end(o: { batch: readonly Commit[]; rows: readonly Row[]; persisted: Promise<void>; before: Promise<void> }): Promise<void> {
    const failed = await o.persisted.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    await o.before;
    if (failed) this.#undo(o.batch, failed.error);
    else this.#publish(o.batch, o.rows);
  }

  #takeBatch(): Commit[] {
    let rows = 0;
    let count = 0;
    for (const c of this.#waiting) {
      if (count > 0 && rows + c.rows.length > MAX_BATCH_ROWS) break;
      rows += c.rows.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #publish(batch: readonly Commit[], rows: readonly Row[]): void {
    this.#durable = batch.at(-1)?.revision ?? this.#durable;
    for (const row of rows) if ((this.#heads.get(row.key) ?? 0) === (row.value ? row.revision : 0)) this.#settle(row.key);
    const events = rows.map((r): StoreEvent => ({ key: r.key, revision: r.revision, ...(r.value ? { value: r.value } : {}) }));
    for (const listener of this.#listeners) listener(events);
    for (const c of batch) c.resolve(c.revision);
  }

  /** A failed batch leaves no trace; later commits on its keys cannot exist, since nobody has seen its revisions. */
  #undo(batch: readonly Commit[], error: unknown): void {
    for (const commit of batch) {
      for (const row of commit.rows) {
        if (row.previous) this.#heads.set(row.key, row.previous);
        else this.#heads.delete(row.key);
        this.#settle(row.key);
      }
      commit.reject(error);
    }
  }

  #settle(key: string): void {
    this.#pendingByKey.delete(key);
    if (this.#heads.get(key) === 0) this.#heads.delete(key);
  }
}
