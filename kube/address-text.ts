// Addresses and ranges as text, and what to tell of those that an old, lenient field takes though they are not written so.
import { type Address, parseAddress, parsePrefix } from './address.ts';

/** The canonical text: RFC 5952 for IPv6. */
export function printAddress({ bytes }: Pick<Address, 'bytes'>): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16));
  const run = longestZeros(groups);
  if (!run) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}

function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } | undefined {
  let best: { start: number; length: number } | undefined;
  for (let i = 0; i < groups.length; i++) {
    let n = 0;
    while (groups[i + n] === '0') n++;
    if (n > 1 && n > (best?.length ?? 0)) best = { start: i, length: n };
    i += n;
  }
  return best;
}

/** Mapped addresses are IPv4 ones here. */
const plain = ({ bytes, mapped }: Address): readonly number[] => (mapped ? bytes.slice(12) : bytes);

/** Warnings about an address that is no canonical one; none for what is no address at all. */
export function addressWarnings(value: string, path: string): string[] {
  const address = parseAddress(value);
  if (!address) return [];
  const text = printAddress({ bytes: plain(address) });
  if (address.leadingZeros || address.mapped)
    return [`${path}: non-standard IP address ${JSON.stringify(value)} is invalid: use ${JSON.stringify(text)}`];
  if (address.bytes.length === 4 || text === value) return [];
  return [`${path}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(text)})`];
}

/** Warnings about a range that is no canonical one. */
export function prefixWarnings(value: string, path: string): string[] {
  const prefix = parsePrefix(value);
  if (!prefix) return [];
  const bytes = plain(prefix.address);
  const bits = prefix.bits - (prefix.address.bytes.length - bytes.length) * 8;
  const first = bytes.map((byte, i) => byte & ~(0xff >> Math.max(0, Math.min(8, bits - i * 8))));
  const net = `${printAddress({ bytes: first })}/${bits}`;
  const quoted = JSON.stringify(value);
  const out: string[] = [];
  if (first.some((byte, i) => byte !== bytes[i])) {
    const single = JSON.stringify(`${printAddress({ bytes })}/${bytes.length * 8}`);
    out.push(`${path}: CIDR value ${quoted} is ambiguous in this context (should be ${JSON.stringify(net)} or ${single}?)`);
  }
  if (prefix.address.leadingZeros || prefix.address.mapped || /\/0[0-9]/.test(value))
    out.push(`${path}: non-standard CIDR value ${quoted} is invalid: use ${JSON.stringify(net)}`);
  const canonical = `${printAddress(prefix.address)}/${prefix.bits}`;
  if (out.length === 0 && bytes.length === 16 && canonical !== value)
    out.push(`${path}: IPv6 CIDR value ${quoted} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`);
  return out;
}
