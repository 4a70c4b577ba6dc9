// The protobuf wire, read and written field by field. Lengths are checked against the bytes at hand before anything is cut out of
// them, so a hostile length costs nothing; faults carry the decoder's own words, which reach the client.

/** Bytes that are no message. */
export class WireFault extends Error {}

const EOF = 'unexpected EOF';
const MAX_SKIP_DEPTH = 10_000;

/** Reads one message; `end` bounds it within the bytes of its parent. */
export class WireReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Halves of 32 bits: a 64-bit BigInt carried through a loop makes the optimising compiler of Node 20 end the process. */
  varint(): bigint {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift >= 64) throw new WireFault('proto: integer overflow');
      if (this.at >= this.end) throw new WireFault(EOF);
      const byte = this.bytes[this.at++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift > 28) high |= bits << (shift - 32);
      else {
        low |= bits << 28;
        high |= bits >> 4;
      }
      if (byte < 0x80) break;
    }
    return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  }

  /** The content of a length-delimited field. */
  chunk(): Uint8Array {
    const end = this.chunkEnd();
    const content = this.bytes.subarray(this.at, end);
    this.at = end;
    return content;
  }

  /** Reads the length of such a field: where its content ends. */
  chunkEnd(): number {
    const length = BigInt.asIntN(64, this.varint());
    if (length < 0n) throw new WireFault('proto: negative length found during unmarshaling');
    if (length > BigInt(this.end - this.at)) throw new WireFault(EOF);
    return this.at + Number(length);
  }

  double(): number {
    if (this.end - this.at < 8) throw new WireFault(EOF);
    const value = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, 8).getFloat64(0, true);
    this.at += 8;
    return value;
  }

  /** The next field's number and wire type; undefined at the end. `message` names the message in faults. */
  tag(message: string): { readonly number: number; readonly wireType: number; readonly start: number } | undefined {
    if (this.at >= this.end) return undefined;
    const start = this.at;
    const wire = this.varint();
    const number = Number(BigInt.asIntN(32, wire >> 3n));
    const wireType = Number(wire & 7n);
    if (wireType === 4) throw new WireFault(`proto: ${message}: wiretype end group for non-group`);
    if (number <= 0) throw new WireFault(`proto: ${message}: illegal tag ${number} (wire type ${wire})`);
    return { number, wireType, start };
  }

  /** Passes over the field that begins at `start`, groups included; it must not reach beyond `limit`. */
  skip(start: number, limit = this.end): void {
    this.at = start;
    let depth = 0;
    do {
      const wireType = Number(this.varint() & 7n);
      if (wireType === 3) depth++;
      else if (wireType === 4) {
        if (depth === 0) throw new WireFault('proto: unexpected end of group');
        depth--;
      } else this.#skipValue(wireType);
      if (depth > MAX_SKIP_DEPTH) throw new WireFault(EOF);
    } while (depth > 0);
    if (this.at > limit) throw new WireFault(EOF);
  }

  #skipValue(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.#skipBytes(8);
    else if (wireType === 2) this.chunk();
    else if (wireType === 5) this.#skipBytes(4);
    else throw new WireFault(`proto: illegal wireType ${wireType}`);
  }

  #skipBytes(count: number): void {
    if (this.end - this.at < count) throw new WireFault(EOF);
    this.at += count;
  }
}

/** Collects the bytes of a message. */
export class WireWriter {
  #parts: Uint8Array[] = [];
  #length = 0;

  varint(value: bigint | number): this {
    const whole = BigInt(value);
    let low = Number(BigInt.asUintN(32, whole));
    let high = Number(BigInt.asUintN(32, whole >> 32n));
    const bytes: number[] = [];
    while (high !== 0 || low > 0x7f) {
      bytes.push((low & 0x7f) | 0x80);
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    bytes.push(low);
    return this.raw(Uint8Array.from(bytes));
  }

  tag(number: number, wireType: 0 | 1 | 2): this {
    return this.varint((number << 3) | wireType);
  }

  chunk(number: number, content: Uint8Array): this {
    return this.tag(number, 2).varint(content.length).raw(content);
  }

  double(value: number): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return this.raw(bytes);
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  finish(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
