// IP addresses and CIDR ranges as API fields take them: strict for new fields, lenient (`Legacy`) for those that always
// took leading zeros and mapped addresses.
import { type FieldError, invalidValue } from './field-error.ts';

/** An address as bytes: 4, or 16 (also for mapped ones). */
export interface Address {
  readonly bytes: readonly number[];
  /** Written as `::ffff:1.2.3.4`. */
  readonly mapped: boolean;
  readonly leadingZeros: boolean;
}

export interface Prefix {
  readonly address: Address;
  readonly bits: number;
}

/** Reads an IPv4 or IPv6 address, leading zeros allowed; undefined if it is none. */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const v4 = parseV4(text);
    return v4 && { ...v4, mapped: false };
  }
  return parseV6(text);
}

function parseV4(text: string): { bytes: number[]; leadingZeros: boolean } | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every(part => /^[0-9]+$/.test(part) && Number(part) <= 255)) return undefined;
  return { bytes: parts.map(Number), leadingZeros: parts.some(part => part.length > 1 && part.startsWith('0')) };
}

function parseV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = '', tail] = halves;
  const first = groups(head, tail === undefined);
  const last = tail === undefined ? { bytes: [], leadingZeros: false } : groups(tail, true);
  if (!first || !last) return undefined;
  const gap = 16 - first.bytes.length - last.bytes.length;
  if (tail === undefined ? gap !== 0 : gap < 2) return undefined;
  const bytes = [...first.bytes, ...new Array<number>(gap).fill(0), ...last.bytes];
  const mapped = bytes.slice(0, 10).every(b => b === 0) && bytes[10] === 255 && bytes[11] === 255;
  return { bytes, mapped, leadingZeros: first.leadingZeros || last.leadingZeros };
}

function groups(text: string, last: boolean): { bytes: number[]; leadingZeros: boolean } | undefined {
  if (text === '') return { bytes: [], leadingZeros: false };
  const parts = text.split(':');
  const bytes: number[] = [];
  let leadingZeros = false;
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = last && i === parts.length - 1 ? parseV4(part) : undefined;
      if (!v4) return undefined;
      bytes.push(...v4.bytes);
      leadingZeros = v4.leadingZeros;
      continue;
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
    const value = Number.parseInt(part, 16);
    bytes.push(value >> 8, value & 255);
  }
  return { bytes, leadingZeros };
}

/** Reads `address/bits`; undefined if it is no range. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const size = text.slice(slash + 1);
  if (!address || !/^[0-9]{1,8}$/.test(size) || Number(size) > address.bytes.length * 8) return undefined;
  return { address, bits: Number(size) };
}

const NO_ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const NO_PREFIX = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** Faults of an address in a field that never took sloppy ones. */
export function validateAddress(text: string, path: string): FieldError[] {
  const address = parseAddress(text);
  if (!address) return [invalidValue(path, text, NO_ADDRESS)];
  if (address.leadingZeros) return [invalidValue(path, text, 'must not have leading 0s')];
  return address.mapped ? [invalidValue(path, text, 'must not be an IPv4-mapped IPv6 address')] : [];
}

/** Faults of an address in a field that takes sloppy ones. */
export function validateAddressLegacy(text: string, path: string): FieldError[] {
  return parseAddress(text) ? [] : [invalidValue(path, text, NO_ADDRESS)];
}

/** Faults of a range in a field that never took sloppy ones. */
export function validatePrefix(text: string, path: string): FieldError[] {
  const prefix = parsePrefix(text);
  if (!prefix) return [invalidValue(path, text, NO_PREFIX)];
  const { address, bits } = prefix;
  if (address.leadingZeros || /\/0[0-9]/.test(text)) return [invalidValue(path, text, 'must not have leading 0s in IP or prefix length')];
  if (address.mapped) return [invalidValue(path, text, 'must not have an IPv4-mapped IPv6 address')];
  return hostBits(address.bytes, bits) ? [invalidValue(path, text, 'must not have bits set beyond the prefix length')] : [];
}

/** Faults of a range in a field that takes sloppy ones. */
export function validatePrefixLegacy(text: string, path: string): FieldError[] {
  return parsePrefix(text) ? [] : [invalidValue(path, text, NO_PREFIX)];
}

function hostBits(bytes: readonly number[], bits: number): boolean {
  return bytes.some((byte, i) => (byte & (0xff >> Math.max(0, Math.min(8, bits - i * 8)))) !== 0);
}

/** Whether a range holds an address; both of the same family. */
export function prefixContains({ address, bits }: Prefix, { bytes }: Address): boolean {
  if (address.bytes.length !== bytes.length) return false;
  return bytes.every((byte, i) => ((byte ^ (address.bytes[i] ?? 0)) & ~(0xff >> Math.max(0, Math.min(8, bits - i * 8))) & 0xff) === 0);
}
