// Rows on their way to the storage thread: all values in one buffer that changes hands without being copied.
import type { Row } from './commit-queue.ts';

export interface PackedRows {
  readonly keys: readonly string[];
  /** Four numbers a row: revision, position, previous revision, length of the value (-1 = deleted). */
  readonly numbers: Float64Array;
  readonly values: Uint8Array;
}

const PER_ROW = 4;

/** `encode` gives the bytes as they are stored, in parts. */
export function packRows(rows: readonly Row[], encode: (key: string, value: Uint8Array) => readonly Uint8Array[]): PackedRows {
  const encoded = rows.map(r => (r.value ? encode(r.key, r.value) : undefined));
  const lengths = encoded.map(parts => parts?.reduce((sum, part) => sum + part.length, 0) ?? -1);
  const values = new Uint8Array(lengths.reduce((sum, length) => sum + Math.max(length, 0), 0));
  const numbers = new Float64Array(rows.length * PER_ROW);
  let at = 0;
  rows.forEach((r, i) => {
    numbers.set([r.revision, r.seq, r.previous, lengths[i] ?? -1], i * PER_ROW);
    for (const part of encoded[i] ?? []) {
      values.set(part, at);
      at += part.length;
    }
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
