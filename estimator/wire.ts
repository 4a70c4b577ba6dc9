// Protobuf's wire format, as much as the estimator's messages need: varints, strings, bytes, nested messages. Unknown
// fields are skipped; zero values are not written.

/** A body that is no protobuf message. */
class WireError extends Error {
  override readonly name = 'WireError';
}

const text = new TextDecoder();
const bytesOf = new TextEncoder();

export class Writer {
  readonly #parts: Uint8Array[] = [];

  /** An integer of at most 64 bits; negative ones in two's complement. */
  int(field: number, value: bigint | number | undefined): this {
    const n = BigInt(value ?? 0);
    if (n !== 0n) this.#parts.push(varint(BigInt(field) << 3n), varint(BigInt.asUintN(64, n)));
    return this;
  }

  string(field: number, value: string | undefined): this {
    return value ? this.bytes(field, bytesOf.encode(value)) : this;
  }

  /** Written also when empty, so that a present message is told from an absent one. */
  bytes(field: number, value: Uint8Array | undefined): this {
    if (value) this.#parts.push(varint((BigInt(field) << 3n) | 2n), varint(BigInt(value.length)), value);
    return this;
  }

  /** One entry of a map<string, bytes or string>. */
  entry(field: number, key: string, value: Uint8Array): this {
    return this.bytes(field, new Writer().string(1, key).bytes(2, value).finish());
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** The fields of one message, by number, in order. */
export class Fields {
  readonly #ints = new Map<number, bigint>();
  readonly #chunks = new Map<number, Uint8Array[]>();

  constructor(bytes: Uint8Array) {
    let at = 0;
    const readVarint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; shift < 70n; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined) throw new WireError('message ends within a number');
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return BigInt.asUintN(64, value);
      }
      throw new WireError('number is longer than 64 bits');
    };
    const take = (length: number): Uint8Array => {
      if (length > bytes.length - at) throw new WireError('message ends within a field');
      at += length;
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const tag = readVarint();
      const field = Number(tag >> 3n);
      const kind = Number(tag & 7n);
      if (kind === 0) this.#ints.set(field, readVarint());
      else if (kind === 1) take(8);
      else if (kind === 5) take(4);
      else if (kind === 2) this.#chunks.set(field, [...(this.#chunks.get(field) ?? []), take(Number(readVarint()))]);
      else throw new WireError(`wire type ${kind} is not known`);
    }
  }

  int32(field: number): number {
    return Number(BigInt.asIntN(32, this.#ints.get(field) ?? 0n));
  }

  int64(field: number): bigint | undefined {
    const value = this.#ints.get(field);
    return value === undefined ? undefined : BigInt.asIntN(64, value);
  }

  string(field: number): string {
    return text.decode(this.#chunks.get(field)?.at(-1));
  }

  message(field: number): Fields | undefined {
    const bytes = this.#chunks.get(field)?.at(-1);
    return bytes && new Fields(bytes);
  }

  all(field: number): readonly Uint8Array[] {
    return this.#chunks.get(field) ?? [];
  }

  messages(field: number): Fields[] {
    return this.all(field).map(bytes => new Fields(bytes));
  }

  strings(field: number): string[] {
    return this.all(field).map(bytes => text.decode(bytes));
  }

  /** A map<string, message>. */
  entries(field: number): [string, Fields][] {
    return this.messages(field).map(entry => [entry.string(1), entry.message(2) ?? new Fields(new Uint8Array())]);
  }

  /** A map<string, string>. */
  stringEntries(field: number): [string, string][] {
    return this.messages(field).map(entry => [entry.string(1), entry.string(2)]);
  }
}
