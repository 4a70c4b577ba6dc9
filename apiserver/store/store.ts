// The contract of storage: bytes under keys and one revision counter; it knows nothing of Kubernetes.
//
// A commit is a set of compare-and-set operations that succeed or fail as one and share one revision. It resolves when the
// bytes are durable and every subscriber has seen them, so whoever awaited a write also reads it. Subscribers are called in
// revision order, once per durable batch. What a key held at an older revision can be asked for until that is compacted.

export type Revision = number;

export interface Op {
  readonly key: string;
  /** The revision the key must have now; 0 = the key must be absent. */
  readonly expect: Revision;
  /** The new bytes, made once the commit's revision is known; absent = delete. */
  readonly value?: (revision: Revision) => Uint8Array;
}

export interface StoredValue {
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: Revision;
}

/** One durable change; no value = deleted. */
export interface StoreEvent {
  readonly key: string;
  readonly revision: Revision;
  readonly value?: Uint8Array;
}

export interface Store {
  /** Identity of the data: made with it, kept by backups. A version 4 UUID. */
  readonly id: string;
  /** The last durable revision. */
  readonly revision: Revision;
  /** Everything at or below this can no longer be asked for. */
  readonly compacted: Revision;
  /** Hands out every present value once; call it before the first commit. */
  load(each: (value: StoredValue) => void): Promise<void>;
  /** Rejects with a ConflictError when an expectation fails, with a StatusError when the storage cannot take it. */
  commit(ops: readonly Op[]): Promise<Revision>;
  subscribe(listener: (events: readonly StoreEvent[]) => void): () => void;
  /** For the keys below `prefix` that changed after `revision`: what they held then (undefined = absent). Rejects with CompactedError. */
  before(prefix: string, revision: Revision): Promise<ReadonlyMap<string, StoredValue | undefined>>;
  /** Drops history up to and including `revision`, in small steps. Present values stay. */
  compact(revision: Revision): Promise<void>;
  close(): Promise<void>;
}

/** An expectation did not hold. `revision` is what the key has (0 = absent), or will have once a pending commit is durable. */
export class ConflictError extends Error {
  readonly key: string;
  readonly revision: Revision;
  /** Settles when the commit that is in the way has ended; read again then. */
  readonly settled: Promise<unknown>;
  constructor(key: string, revision: Revision, settled: Promise<unknown> = Promise.resolve()) {
    super(`the key ${key} is at revision ${revision}`);
    this.name = 'ConflictError';
    this.key = key;
    this.revision = revision;
    this.settled = settled;
  }
}

export class CompactedError extends Error {
  constructor(asked: Revision, compacted: Revision) {
    super(`revision ${asked} has been compacted: the oldest is ${compacted + 1}`);
    this.name = 'CompactedError';
  }
}
