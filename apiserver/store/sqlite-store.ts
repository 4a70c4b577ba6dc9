// The durable store: SQLite in WAL mode with synchronous=FULL, in a thread of its own, one writer, group commit.
import type { Worker } from 'node:worker_threads';
import { StatusError, startWorker } from '../../kube/index.ts';
import type { Codec } from './codec.ts';
import { CommitQueue, type Row } from './commit-queue.ts';
import { packRows } from './packed-rows.ts';
import { DatabaseError, type Opened, type SealedRow } from './sqlite-file.ts';
import type { Reply, Request, Start } from './sqlite-worker.ts';
import { CompactedError, type Op, type Revision, type Store, type StoredValue, type StoreEvent } from './store.ts';

const COMPACT_STEP_ROWS = 500;
const RESEAL_STEP_ROWS = 200;

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly chunk?: (values: readonly StoredValue[]) => void;
}

export interface SqliteOptions {
  readonly file: string;
  /** Identity given to a file that is made now. */
  readonly newId: string;
  /** Changes bytes on their way to and from the disk: encryption. */
  readonly codec: Codec;
}

export class SqliteStore implements Store {
  readonly id: string;
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  readonly #queue: CommitQueue;
  readonly #codec: Codec;
  #compacted: Revision;
  #next = 0;
  #broken: Error | undefined;

  private constructor(worker: Worker, opened: Opened, codec: Codec) {
    this.#worker = worker;
    this.id = opened.id;
    this.#compacted = opened.compacted;
    this.#codec = codec;
    this.#queue = new CommitQueue(opened.revision, rows => this.#append(rows));
    worker.on('message', (reply: Reply) => this.#onReply(reply));
    worker.on('error', error => this.#break(error));
    worker.on('exit', () => this.#break(new Error('the storage thread has ended')));
  }

  /** Opens or makes the file; rejects with a DatabaseError that says what is wrong with it and what to do. */
  static async open(o: SqliteOptions): Promise<SqliteStore> {
    const worker = startWorker(new URL('./sqlite-worker', import.meta.url), import.meta.url, {
      workerData: { file: o.file, newId: o.newId },
    });
    const start = await new Promise<Start>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (start.opened) return new SqliteStore(worker, start.opened, o.codec);
    await worker.terminate();
    throw start.ours ? new DatabaseError(start.refused ?? '') : new Error(start.refused);
  }

  get revision(): Revision {
    return this.#queue.revision;
  }

  get compacted(): Revision {
    return this.#compacted;
  }

  async load(each: (value: StoredValue) => void): Promise<void> {
    await this.#call({ do: 'load' }, values => {
      for (const v of values) {
        this.#queue.seed(v.key, v.revision);
        each(this.#decode(v));
      }
    });
  }

  commit(ops: readonly Op[]): Promise<Revision> {
    return this.#queue.commit(ops);
  }

  subscribe(listener: (events: readonly StoreEvent[]) => void): () => void {
    return this.#queue.subscribe(listener);
  }

  async before(prefix: string, revision: Revision): Promise<ReadonlyMap<string, StoredValue | undefined>> {
    if (revision < this.#compacted) throw new CompactedError(revision, this.#compacted);
    const rows = (await this.#call({ do: 'before', prefix, revision })) as [string, StoredValue | undefined][];
    return new Map(rows.map(([key, v]) => [key, v && this.#decode(v)]));
  }

  async compact(revision: Revision): Promise<void> {
    const target = Math.min(revision, this.revision);
    while (this.#compacted < target) {
      const from = this.#compacted;
      this.#compacted = Math.max(
        from + 1,
        (await this.#call({ do: 'compact', from, revision: target, limit: COMPACT_STEP_ROWS })) as Revision,
      );
    }
  }

  /** Rewrites the values below `prefix` that are not sealed with the present key, in small steps; returns how many those were. */
  async reseal(prefix: string, signal: AbortSignal): Promise<number> {
    const name = this.#codec.sealedWith;
    if ((await this.#call({ do: 'seal' })) === name) return 0;
    let count = 0;
    for (let after = -1; ; ) {
      signal.throwIfAborted();
      const rows = (await this.#call({ do: 'sealed', prefix, after, limit: RESEAL_STEP_ROWS })) as SealedRow[];
      const last = rows.at(-1);
      if (!last) break;
      const outdated = rows.filter(r => this.#codec.outdated(r.key, r.value));
      const fresh = outdated.map(({ id, key, value }) => ({
        id,
        value: Buffer.concat(this.#codec.encode(key, this.#codec.decode(key, value))),
      }));
      if (fresh.length > 0) await this.#call({ do: 'replace', rows: fresh });
      count += fresh.length;
      after = last.id;
    }
    await this.#call({ do: 'seal', name });
    return count;
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    if (this.#broken) return;
    const exited = new Promise<void>(resolve => this.#worker.once('exit', () => resolve()));
    await this.#call({ do: 'close' });
    await exited;
  }

  async #append(rows: readonly Row[]): Promise<void> {
    const batch = packRows(rows, (key, value) => this.#codec.encode(key, value));
    try {
      await this.#call({ do: 'append', batch }, undefined, [batch.values.buffer as ArrayBuffer]);
    } catch (error) {
      throw storageError(error);
    }
  }

  #decode(stored: StoredValue): StoredValue {
    return { key: stored.key, revision: stored.revision, value: this.#codec.decode(stored.key, stored.value) };
  }

  #call(request: Request, chunk?: Call['chunk'], transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.#broken) return Promise.reject(this.#broken);
    const n = this.#next++;
    return new Promise((resolve, reject) => {
      this.#calls.set(n, { resolve, reject, ...(chunk ? { chunk } : {}) });
      this.#worker.postMessage({ n, request }, transfer);
    });
  }

  #onReply(reply: Reply): void {
    const call = this.#calls.get(reply.n);
    if (!call) return;
    if ('chunk' in reply) {
      try {
        call.chunk?.(reply.chunk);
      } catch (error) {
        this.#calls.delete(reply.n);
        call.reject(error);
      }
      return;
    }
    this.#calls.delete(reply.n);
    if ('error' in reply) call.reject(Object.assign(new Error(reply.error.message), { code: reply.error.code }));
    else call.resolve(reply.ok);
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
  }
}

/** A write that the disk refused: clients read what to do, nothing acknowledged is lost. */
function storageError(error: unknown): StatusError {
  const code = (error as { code?: string }).code ?? '';
  const full = code === 'SQLITE_FULL' || code.startsWith('SQLITE_IOERR_WRITE');
  return new StatusError({
    code: full ? 507 : 500,
    reason: full ? 'InsufficientStorage' : 'InternalError',
    message: full ? 'storage is full: free disk space, then repeat the request' : `storage refused the write: ${(error as Error).message}`,
    cause: error,
  });
}
