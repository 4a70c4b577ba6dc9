import { constants, createDeflate, inflateSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { SpdyConnection, type SpdyStream, type Wire } from './connection.ts';
import { dictionary, HeaderReader, HeaderWriter } from './header-block.ts';

/** A client's end: its header blocks are really compressed, in one stream. */
function compressor(): (pairs: Record<string, string>) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary });
  let out: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => out.push(chunk));
  return async pairs => {
    const text = (t: string): Buffer => Buffer.concat([uint(t.length), Buffer.from(t)]);
    const entries = Object.entries(pairs);
    deflate.write(Buffer.concat([uint(entries.length), ...entries.flatMap(([k, v]) => [text(k), text(v)])]));
    await new Promise<void>(resolve => deflate.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    const block = Buffer.concat(out);
    out = [];
    return block;
  };
}

const uint = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};

function control(type: number, body: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x8003, 0);
  head.writeUInt16BE(type, 2);
  head[4] = flags;
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

const data = (id: number, text: string, flags = 0): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(id, 0);
  head[4] = flags;
  head.writeUIntBE(text.length, 5, 3);
  return Buffer.concat([head, Buffer.from(text)]);
};

function wire() {
  const written: Buffer[] = [];
  let feed: (bytes: Buffer) => void = () => undefined;
  let ended = false;
  const made: Wire = {
    write: bytes => void written.push(bytes),
    end: () => {
      ended = true;
    },
    onData: f => {
      feed = f;
    },
    onClose: () => undefined,
  };
  return { made, written, feed: (bytes: Buffer) => feed(bytes), ended: () => ended };
}

describe('header blocks', () => {
  it('are read from one compressed stream, block after block', async () => {
    const compress = compressor();
    const reader = new HeaderReader();
    expect(Object.fromEntries(await reader.read(await compress({ streamtype: 'data', port: '80' })))).toEqual({
      streamtype: 'data',
      port: '80',
    });
    expect(Object.fromEntries(await reader.read(await compress({ streamtype: 'error' })))).toEqual({ streamtype: 'error' });
  });

  it('are written so that a zlib stream with the dictionary gives them back', () => {
    const writer = new HeaderWriter();
    const blocks = Buffer.concat([writer.write({ a: 'b' }), writer.write({})]);
    const plain = inflateSync(blocks, { dictionary, finishFlush: constants.Z_SYNC_FLUSH });
    expect(plain.toString('latin1')).toBe('\0\0\0\x01\0\0\0\x01a\0\0\0\x01b\0\0\0\0');
  });
});

describe('a SPDY connection', () => {
  it('opens streams, hands on what comes and sends what is written, in whatever pieces the bytes arrive', async () => {
    const w = wire();
    const opened: SpdyStream[] = [];
    new SpdyConnection(w.made, stream => opened.push(stream));
    const compress = compressor();
    const syn = async (id: number, pairs: Record<string, string>): Promise<Buffer> =>
      control(1, Buffer.concat([uint(id), uint(0), Buffer.from([0, 0]), await compress(pairs)]));
    const bytes = Buffer.concat([await syn(1, { streamtype: 'error' }), await syn(3, { streamtype: 'data' }), data(3, 'hello', 1)]);
    for (const byte of bytes) w.feed(Buffer.from([byte]));
    await vi.waitFor(() => expect(opened).toHaveLength(2));
    expect(opened.map(s => s.headers.get('streamtype'))).toEqual(['error', 'data']);
    const chunks: Buffer[] = [];
    for await (const chunk of opened[1]?.input ?? []) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('hello');
    w.written.length = 0;
    opened[1]?.write('bye');
    opened[1]?.end();
    expect(Buffer.concat(w.written)).toEqual(Buffer.concat([data(3, 'bye'), data(3, '', 1)]));
  });

  it('answers pings, and ends where a header block is broken', async () => {
    const w = wire();
    new SpdyConnection(w.made, () => undefined);
    w.feed(control(6, uint(7)));
    await vi.waitFor(() => expect(w.written).toHaveLength(1));
    expect(w.written[0]).toEqual(control(6, uint(7)));
    w.feed(control(1, Buffer.concat([uint(1), uint(0), Buffer.from([0, 0]), Buffer.from('nonsense')])));
    await vi.waitFor(() => expect(w.ended()).toBe(true));
  });
});
