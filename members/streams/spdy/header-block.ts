// Header blocks of SPDY/3: name-value pairs in one zlib stream a direction, primed with a fixed dictionary (SPDY/3 draft, 2.6.10).
import { createInflate, type Inflate } from 'node:zlib';

const WORDS =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control connection content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin';
const TEXT =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const lengthAndText = (text: string): Buffer => Buffer.concat([uint32(Buffer.byteLength(text)), Buffer.from(text)]);

export const dictionary = Buffer.concat([...WORDS.split(' ').map(word => lengthAndText(word.replace('_', ' '))), Buffer.from(TEXT)]);

const MAX_BLOCK_BYTES = 64 * 1024;

/** Reads the blocks of one direction, in the order in which they came. */
export class HeaderReader {
  readonly #inflate: Inflate = createInflate({ dictionary });
  #out: Buffer[] = [];
  #failed: Error | undefined;

  constructor() {
    this.#inflate.on('data', (chunk: Buffer) => this.#out.push(chunk));
    this.#inflate.on('error', error => {
      this.#failed = error;
    });
  }

  async read(block: Buffer): Promise<Map<string, string>> {
    if (block.length > MAX_BLOCK_BYTES) throw new Error('header block too large');
    await new Promise<void>((resolve, reject) => {
      this.#inflate.once('error', reject);
      this.#inflate.write(block, () => {
        this.#inflate.removeListener('error', reject);
        setImmediate(resolve);
      });
    });
    if (this.#failed) throw this.#failed;
    const bytes = Buffer.concat(this.#out);
    this.#out = [];
    if (bytes.length > MAX_BLOCK_BYTES) throw new Error('header block too large');
    return pairsOf(bytes);
  }

  close(): void {
    this.#inflate.destroy();
  }
}

function pairsOf(bytes: Buffer): Map<string, string> {
  const pairs = new Map<string, string>();
  let at = 4;
  const next = (): string => {
    const length = bytes.readUInt32BE(at);
    const text = bytes.subarray(at + 4, at + 4 + length).toString();
    at += 4 + length;
    return text;
  };
  for (let left = bytes.readUInt32BE(0); left > 0; left--) {
    const name = next();
    pairs.set(name.toLowerCase(), next());
  }
  return pairs;
}

/** Adler-32 of the dictionary, which the head of a zlib stream names. */
const DICTIONARY_ID = 0xe3c6a7c2;

/** An empty stored block: readers hand out what they have when they meet one. */
const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** Writes blocks: our few headers are not worth compressing, so each goes as one stored block of the stream. */
export class HeaderWriter {
  #begun = false;

  write(pairs: Readonly<Record<string, string>>): Buffer {
    const entries = Object.entries(pairs);
    const plain = Buffer.concat([
      uint32(entries.length),
      ...entries.flatMap(([name, value]) => [lengthAndText(name), lengthAndText(value)]),
    ]);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(plain.length, 1);
    head.writeUInt16LE(0xffff - plain.length, 3);
    const begin = this.#begun ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x78, 0xbb]), uint32(DICTIONARY_ID)]);
    this.#begun = true;
    return Buffer.concat([begin, head, plain, FLUSH]);
  }
}
