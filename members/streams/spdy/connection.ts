// The server's end of a SPDY/3.1 connection: streams with headers, opened by the client. As the clients of Kubernetes use it: no
// priorities, no pushes, and no windows (neither side of theirs keeps any).
import type { Buffer as Bytes } from 'node:buffer';
import { PassThrough } from 'node:stream';
import { HeaderReader, HeaderWriter } from './header-block.ts';

/** The bytes beneath: a socket, or the messages of a WebSocket. */
export interface Wire {
  write(bytes: Bytes): void;
  end(): void;
  onData(f: (bytes: Bytes) => void): void;
  onClose(f: () => void): void;
}

export interface SpdyStream {
  readonly headers: ReadonlyMap<string, string>;
  readonly input: AsyncIterable<Bytes> & NodeJS.ReadableStream;
  write(bytes: Bytes | string): void;
  /** Nothing more comes from here. */
  end(): void;
}

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const FIN = 1;
const HEAD_BYTES = 8;
const MAX_FRAME_BYTES = 1024 * 1024;
const MAX_STREAMS = 1000;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export class SpdyConnection {
  readonly #wire: Wire;
  readonly #opened: (stream: SpdyStream) => void;
  readonly #streams = new Map<number, PassThrough>();
  readonly #reader = new HeaderReader();
  readonly #writer = new HeaderWriter();
  #buffered: Bytes = Buffer.alloc(0);
  #tail: Promise<void> = Promise.resolve();
  #closed = false;

  /** `opened` is told of each stream, which has been accepted by then. */
  constructor(wire: Wire, opened: (stream: SpdyStream) => void) {
    this.#wire = wire;
    this.#opened = opened;
    wire.onData(bytes => this.#take(bytes));
    wire.onClose(() => this.close());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const input of this.#streams.values()) input.end();
    this.#streams.clear();
    this.#reader.close();
    this.#wire.end();
  }

  #take(bytes: Bytes): void {
    this.#buffered = this.#buffered.length === 0 ? bytes : Buffer.concat([this.#buffered, bytes]);
    while (this.#buffered.length >= HEAD_BYTES) {
      const length = this.#buffered.readUIntBE(5, 3);
      if (length > MAX_FRAME_BYTES) return this.close();
      if (this.#buffered.length < HEAD_BYTES + length) return;
      const frame = this.#buffered.subarray(0, HEAD_BYTES + length);
      this.#buffered = this.#buffered.subarray(HEAD_BYTES + length);
      // One after the other: header blocks are one stream, and unpacking them takes a moment.
      this.#tail = this.#tail.then(() => this.#frame(frame)).catch(() => this.close());
    }
  }

  async #frame(frame: Bytes): Promise<void> {
    if (this.#closed) return;
    const flags = frame[4] ?? 0;
    const body = frame.subarray(HEAD_BYTES);
    const isControl = ((frame[0] ?? 0) & 0x80) !== 0;
    if (!isControl) return this.#data(frame.readUInt32BE(0), body, flags);
    const type = frame.readUInt16BE(2);
    if (type === SYN_STREAM) return this.#open(body, flags);
    if (type === PING) this.#control(PING, body);
    else if (type === RST_STREAM) this.#forget(body.readUInt32BE(0) & 0x7fffffff);
    else if (type === GOAWAY) this.close();
  }

  #data(id: number, body: Bytes, flags: number): void {
    const input = this.#streams.get(id);
    if (!input) return;
    if (input.writableLength > MAX_WAITING_BYTES) return this.close();
    if (body.length > 0) input.write(body);
    if (flags & FIN) input.end();
  }

  async #open(body: Bytes, flags: number): Promise<void> {
    const id = body.readUInt32BE(0) & 0x7fffffff;
    const headers = await this.#reader.read(body.subarray(10));
    if (this.#streams.size >= MAX_STREAMS) return this.close();
    const input = new PassThrough();
    this.#streams.set(id, input);
    if (flags & FIN) input.end();
    const idBytes = Buffer.alloc(4);
    idBytes.writeUInt32BE(id);
    this.#control(SYN_REPLY, Buffer.concat([idBytes, this.#writer.write({})]));
    this.#opened({
      headers,
      input,
      write: bytes => this.#send(id, Buffer.from(bytes), 0),
      end: () => this.#send(id, Buffer.alloc(0), FIN),
    });
  }

  #forget(id: number): void {
    this.#streams.get(id)?.end();
    this.#streams.delete(id);
  }

  #control(type: number, body: Bytes): void {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt16BE(0x8003, 0);
    head.writeUInt16BE(type, 2);
    head.writeUIntBE(body.length, 5, 3);
    this.#write(Buffer.concat([head, body]));
  }

  #send(id: number, body: Bytes, flags: number): void {
    for (let at = 0; at === 0 || at < body.length; at += MAX_FRAME_BYTES) {
      const part = body.subarray(at, at + MAX_FRAME_BYTES);
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt32BE(id, 0);
      head[4] = flags;
      head.writeUIntBE(part.length, 5, 3);
      this.#write(Buffer.concat([head, part]));
    }
  }

  #write(bytes: Bytes): void {
    if (!this.#closed) this.#wire.write(bytes);
  }
}
