// The last decision about each binding, as many as fit: when room is short, those looked at least recently go. They are made
// again from the present when asked for.
import { bytesOf, type RecordedDecision } from './record.ts';

const LIMIT_BYTES = 64 * 1024 * 1024;

interface Kept {
  readonly record: RecordedDecision;
  readonly bytes: number;
}

export class DecisionRecords {
  readonly #kept = new Map<string, Kept>();
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(limitBytes = LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Remembers the decision in place of an earlier one. */
  set(key: string, record: RecordedDecision): void {
    this.delete(key);
    const bytes = bytesOf(record) + 2 * key.length;
    this.#kept.set(key, { record, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#limitBytes) break;
      this.delete(oldest);
    }
  }

  get(key: string): RecordedDecision | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.record;
  }

  delete(key: string): void {
    const kept = this.#kept.get(key);
    if (!kept) return;
    this.#kept.delete(key);
    this.#bytes -= kept.bytes;
  }
}
