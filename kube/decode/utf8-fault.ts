// What is wrong with the bytes of a text that should be UTF-8, in the words of the reference's YAML reader.
import { isUtf8 } from 'node:buffer';

/** The first fault; undefined where there is none. */
export function utf8Fault(bytes: Uint8Array): string | undefined {
  if (isUtf8(bytes)) return undefined;
  for (let i = 0; i < bytes.length; ) {
    const width = widthOf(bytes[i] ?? 0);
    if (width === 0) return 'invalid leading UTF-8 octet';
    if (i + width > bytes.length) return 'incomplete UTF-8 octet sequence';
    let value = width === 1 ? (bytes[i] ?? 0) : (bytes[i] ?? 0) & (0xff >> (width + 1));
    for (let k = 1; k < width; k++) {
      const octet = bytes[i + k] ?? 0;
      if ((octet & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet';
      value = value * 64 + (octet & 0x3f);
    }
    if (value < (SMALLEST[width] ?? 0)) return 'invalid length of a UTF-8 sequence';
    if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return 'invalid Unicode character';
    i += width;
  }
  return undefined;
}

/** The least value that needs so many octets. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

function widthOf(octet: number): number {
  if (octet < 0x80) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}
