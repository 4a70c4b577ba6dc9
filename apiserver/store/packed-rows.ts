// Rows on their way to the storage thread: all values in one buffer that changes hands without being copied.
import type { Row } from './commit-queue.ts';

export interface PackedRows {
  readonly keys: readonly string[];
  /** Four numbers a row: revision, position, previous revision, length of the value (-1 = deleted). */
  readonly numbers: Float64Array;
  readonly values: Uint8Array;
}

const PER_ROW = 4;

/** `encode` gives the bytes as they are stored. */
export function packRows(rows: readonly Row[], encode: (key: string, value: Uint8Array) => Uint8Array): PackedRows {
  const encoded = rows.map(r => (r.value ? encode(r.key, r.value) : undefined));
  const values = new Uint8Array(encoded.reduce((sum, v) => sum + (v?.length ?? 0), 0));
  const numbers = new Float64Array(rows.length * PER_ROW);
  let at = 0;
  rows.forEach((r, i) => {
    const value = encoded[i];
    numbers.set([r.revision, r.seq, r.previous, value ? value.length : -1], i * PER_ROW);
    if (!value) return;
    values.set(value, at);
    at += value.length;
  });
  return { keys: rows.map(r => r.key), numbers, values };
}

export function unpackRows(p: PackedRows): Row[] {
  let at = 0;
  return p.keys.map((key, i): Row => {
    const [revision = 0, seq = 0, previous = 0, length = -1] = p.numbers.subarray(i * PER_ROW, (i + 1) * PER_ROW);
    if (length < 0) return { key, revision, seq, previous };
    const value = p.values.subarray(at, at + length);
    at += length;
    return { key, revision, seq, previous, value };
  });
}
