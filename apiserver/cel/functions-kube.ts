// Kubernetes' own libraries: quantities, versions, addresses, URLs and named formats.
import {
  type Address,
  addQuantities,
  compareQuantities,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  exactQuantity,
  labelValue,
  parseAddress,
  parsePrefix,
  parseQuantity,
  prefixContains,
  printAddress,
  type Quantity,
  qualifiedName,
  quantityNumber,
  quantityOf,
  signOfQuantity,
  subtractQuantities,
} from '../../kube/index.ts';
import { isDate, matchesFormat } from '../crd/format.ts';
import { addressFault } from './address-fault.ts';
import { type Implementation, text } from './functions.ts';
import { compareSemver, parseSemver, type Semver } from './semver.ts';
import { CelError, ListValue, mapOf, NONE, noOverload, Opaque, some } from './values.ts';

function opaque<T>(v: unknown, type: string): T {
  if (!(v instanceof Opaque) || v.type !== type) throw noOverload();
  return v.value as T;
}

const QUANTITY = 'kubernetes.Quantity';
const quantityValue = (q: Quantity): Opaque<Quantity> => new Opaque(QUANTITY, q, (a, b) => compareQuantities(a, b) === 0);
const quantity = (v: unknown): Quantity => (typeof v === 'bigint' ? quantityOf(v) : opaque<Quantity>(v, QUANTITY));

function toQuantity(v: unknown): Opaque<Quantity> {
  try {
    return quantityValue(parseQuantity(text(v)));
  } catch (error) {
    throw new CelError(error instanceof Error ? error.message : String(error));
  }
}

function asInteger(v: unknown): bigint {
  const exact = exactQuantity(quantity(v));
  if (exact === undefined) throw new CelError('cannot convert value to integer');
  return exact;
}

const SEMVER = 'kubernetes.Semver';
const semver = (v: unknown): Semver => opaque<Semver>(v, SEMVER);
const toSemver = (v: unknown, lax: unknown = false): Opaque<Semver> =>
  new Opaque(SEMVER, parseSemver(text(v), lax === true), (a, b) => compareSemver(a, b) === 0);

/** An address prints as its text, which is what string() gives. */
class AddressValue {
  readonly address: Address;
  constructor(address: Address) {
    this.address = address;
  }
  toString(): string {
    return printAddress(this.address);
  }
}

const IP = 'net.IP';
const sameAddress = (a: AddressValue, b: AddressValue): boolean => String(a) === String(b);
const ipValue = (a: Address): Opaque<AddressValue> => new Opaque(IP, new AddressValue(a), sameAddress);
const ip = (v: unknown): Address => opaque<AddressValue>(v, IP).address;

function toIp(v: unknown): Opaque<AddressValue> {
  const fault = addressFault(text(v));
  if (fault) throw new CelError(`IP Address ${JSON.stringify(v)} parse error during conversion from string: ${fault}`);
  const address = parseAddress(text(v));
  if (!address) throw new CelError(`IP Address ${JSON.stringify(v)} parse error during conversion from string: unable to parse IP`);
  if (address.mapped) throw new CelError(`IPv4-mapped IPv6 address ${JSON.stringify(v)} is not allowed`);
  return ipValue(address);
}

class PrefixValue {
  readonly address: Address;
  readonly bits: number;
  constructor(address: Address, bits: number) {
    this.address = address;
    this.bits = bits;
  }
  toString(): string {
    return `${printAddress(this.address)}/${this.bits}`;
  }
}

const CIDR = 'net.CIDR';
const cidrValue = (address: Address, bits: number): Opaque<PrefixValue> =>
  new Opaque(CIDR, new PrefixValue(address, bits), (a, b) => String(a) === String(b));
const cidr = (v: unknown): PrefixValue => opaque<PrefixValue>(v, CIDR);

function toCidr(v: unknown): Opaque<PrefixValue> {
  const prefix = parsePrefix(text(v));
  if (!prefix || prefix.address.leadingZeros)
    throw new CelError(`network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(v)}): no '/'`);
  if (prefix.address.mapped) throw new CelError(`IPv4-mapped IPv6 address ${JSON.stringify(v)} is not allowed`);
  return cidrValue(prefix.address, prefix.bits);
}

function masked({ address, bits }: PrefixValue): Address {
  const bytes = address.bytes.map((b, i) => b & (0xff << Math.max(0, 8 - Math.max(0, bits - i * 8))) & 0xff);
  return { ...address, bytes };
}

function containsCidr(outer: unknown, inner: unknown): boolean {
  const a = cidr(outer);
  const b = inner instanceof Opaque ? cidr(inner) : cidr(orNoOverload(toCidr, inner));
  return a.address.bytes.length === b.address.bytes.length && b.bits >= a.bits && prefixContains(a, masked(b));
}

/** Texts that are no addresses have no overload here. */
function orNoOverload(f: Implementation, v: unknown): unknown {
  try {
    return f(v);
  } catch (error) {
    throw error instanceof CelError ? noOverload() : error;
  }
}

const tryTo =
  (f: Implementation): Implementation =>
  (...args) => {
    try {
      f(...args);
      return true;
    } catch (error) {
      if (error instanceof CelError && error.message !== 'no such overload') return false;
      throw error;
    }
  };

const first = (a: Address): number => a.bytes[0] ?? 0;
const v6 = (a: Address): boolean => a.bytes.length === 16;
const isUnspecified = (a: Address): boolean => a.bytes.every(b => b === 0);
const isLoopback = (a: Address): boolean => (v6(a) ? a.bytes.every((b, i) => b === (i === 15 ? 1 : 0)) : first(a) === 127);
const isLinkLocalMulticast = (a: Address): boolean =>
  v6(a) ? first(a) === 0xff && ((a.bytes[1] ?? 0) & 0x0f) === 2 : first(a) === 224 && a.bytes[1] === 0 && a.bytes[2] === 0;
const isLinkLocalUnicast = (a: Address): boolean =>
  v6(a) ? first(a) === 0xfe && ((a.bytes[1] ?? 0) & 0xc0) === 0x80 : first(a) === 169 && a.bytes[1] === 254;
const isMulticast = (a: Address): boolean => (v6(a) ? first(a) === 0xff : (first(a) & 0xf0) === 0xe0);
const isBroadcast = (a: Address): boolean => !v6(a) && a.bytes.every(b => b === 255);
const isGlobalUnicast = (a: Address): boolean =>
  !isUnspecified(a) && !isLoopback(a) && !isMulticast(a) && !isLinkLocalUnicast(a) && !isBroadcast(a);

const URL_TYPE = 'kubernetes.URL';

interface Parts {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

const partsOf = (v: unknown): Parts => opaque<Parts>(v, URL_TYPE);

function toUrl(v: unknown): Opaque<Parts> {
  const source = text(v);
  const fail = (why: string): CelError =>
    new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(source)}: ${why}`);
  if (source === '') throw fail('empty url');
  if (/[\x00-\x1f\x7f]/.test(source)) throw fail('net/url: invalid control character in URL');
  const m = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?([^?]*)(?:\?(.*))?$/s.exec(source);
  if (source.startsWith(':')) throw fail('missing protocol scheme');
  const scheme = (m?.[1] ?? '').toLowerCase();
  const rest = m?.[2] ?? '';
  if (!scheme && !rest.startsWith('/')) throw fail(firstSegmentFault(source));
  const authority = /^\/\/([^/]*)/.exec(rest);
  const hasAuthority = authority !== null && (scheme !== '' || !rest.startsWith('///'));
  const host = hasAuthority ? (authority[1] ?? '').replace(/^.*@/, '') : '';
  const bad = / |[<>"]/.exec(host);
  if (bad) throw fail(`invalid character ${JSON.stringify(bad[0])} in host name`);
  const path = hasAuthority ? rest.slice(authority[0].length) : rest.startsWith('/') ? rest : '';
  const wrongEscape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(path);
  if (wrongEscape) throw fail(`invalid URL escape ${JSON.stringify(wrongEscape[0])}`);
  return new Opaque(URL_TYPE, { scheme, host, path, query: m?.[3] ?? '' }, (a, b) => JSON.stringify(a) === JSON.stringify(b));
}

function firstSegmentFault(source: string): string {
  return /^[^/?]*:/.test(source) && !/^[A-Za-z]/.test(source)
    ? 'first path segment in URL cannot contain colon'
    : 'invalid URI for request';
}

const hostname = (host: string): string => (host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, ''));
const escapePath = (path: string): string => path.replace(/[^A-Za-z0-9\-_.~$&+,/:;=@!'()*%]/gu, c => encodeURIComponent(c));

function query(source: string): unknown {
  const found = new Map<string, string[]>();
  for (const pair of source.split('&').filter(Boolean)) {
    const [key = '', ...value] = pair.split('=');
    const decode = (s: string): string => decodeURIComponent(s.replaceAll('+', ' '));
    try {
      const k = decode(key);
      found.set(k, [...(found.get(k) ?? []), decode(value.join('='))]);
    } catch {
      // A pair that does not decode is left out.
    }
  }
  return mapOf([...found].map(([k, list]) => [k, new ListValue(list)] as const));
}

const FORMAT = 'kubernetes.NamedFormat';
interface NamedFormat {
  readonly name: string;
  readonly faults: (s: string) => string[];
}

const prefixOf =
  (check: (s: string) => string[]) =>
  (s: string): string[] =>
    check(s.endsWith('-') ? `${s.slice(0, -1)}a` : s);
const schemaFormat =
  (format: string, fault: string) =>
  (s: string): string[] =>
    matchesFormat(format, s) ? [] : [fault];
const FORMATS: readonly NamedFormat[] = [
  { name: 'dns1123Label', faults: dns1123Label },
  { name: 'dns1123Subdomain', faults: dns1123Subdomain },
  { name: 'dns1035Label', faults: dns1035Label },
  { name: 'qualifiedName', faults: qualifiedName },
  { name: 'dns1123LabelPrefix', faults: prefixOf(dns1123Label) },
  { name: 'dns1123SubdomainPrefix', faults: prefixOf(dns1123Subdomain) },
  { name: 'dns1035LabelPrefix', faults: prefixOf(dns1035Label) },
  { name: 'labelValue', faults: labelValue },
  { name: 'uri', faults: schemaFormat('uri', 'invalid URI') },
  { name: 'uuid', faults: schemaFormat('uuid', 'does not match the UUID format') },
  { name: 'byte', faults: s => (s === '' ? [] : schemaFormat('byte', 'invalid base64')(s)) },
  { name: 'date', faults: s => (isDate(s) ? [] : ['invalid date']) },
  { name: 'datetime', faults: schemaFormat('datetime', 'invalid datetime') },
];

const formatValue = (f: NamedFormat): Opaque<NamedFormat> => new Opaque(FORMAT, f, (a, b) => a.name === b.name);

function validate(format: unknown, s: unknown): unknown {
  const faults = opaque<NamedFormat>(format, FORMAT).faults(text(s));
  return faults.length > 0 ? some(new ListValue(faults)) : NONE;
}

/** isLessThan and friends serve quantities and versions. */
const compared = (a: unknown, b: unknown): number =>
  a instanceof Opaque && a.type === SEMVER ? compareSemver(a.value as Semver, semver(b)) : compareQuantities(quantity(a), quantity(b));

export const KUBE_FUNCTIONS: readonly (readonly [string, Implementation])[] = [
  ['quantity', toQuantity],
  ['isQuantity', tryTo(toQuantity)],
  ['sign', v => BigInt(signOfQuantity(quantity(v)))],
  ['isInteger', v => exactQuantity(quantity(v)) !== undefined],
  ['asInteger', asInteger],
  ['asApproximateFloat', v => quantityNumber(quantity(v))],
  ['isGreaterThan', (a, b) => compared(a, b) > 0],
  ['isLessThan', (a, b) => compared(a, b) < 0],
  ['compareTo', (a, b) => BigInt(compared(a, b))],
  ['add', (a, b) => quantityValue(addQuantities(quantity(a), quantity(b)))],
  ['sub', (a, b) => quantityValue(subtractQuantities(quantity(a), quantity(b)))],
  ['semver', toSemver],
  ['isSemver', tryTo(toSemver)],
  ['major', v => semver(v).major],
  ['minor', v => semver(v).minor],
  ['patch', v => semver(v).patch],
  ['ip', v => (v instanceof Opaque ? ipValue(cidr(v).address) : toIp(v))],
  ['isIP', tryTo(toIp)],
  ['ip.isCanonical', v => String(toIp(v).value) === v],
  ['family', v => (v6(ip(v)) ? 6n : 4n)],
  ['isUnspecified', v => isUnspecified(ip(v))],
  ['isLoopback', v => isLoopback(ip(v))],
  ['isLinkLocalMulticast', v => isLinkLocalMulticast(ip(v))],
  ['isLinkLocalUnicast', v => isLinkLocalUnicast(ip(v))],
  ['isGlobalUnicast', v => isGlobalUnicast(ip(v))],
  ['cidr', toCidr],
  ['isCIDR', tryTo(toCidr)],
  ['prefixLength', v => BigInt(cidr(v).bits)],
  ['masked', v => cidrValue(masked(cidr(v)), cidr(v).bits)],
  ['containsIP', (c, a) => prefixContains(cidr(c), a instanceof Opaque ? ip(a) : ip(orNoOverload(toIp, a)))],
  ['containsCIDR', containsCidr],
  ['url', toUrl],
  ['isURL', tryTo(toUrl)],
  ['getScheme', v => partsOf(v).scheme],
  ['getHost', v => partsOf(v).host],
  ['getHostname', v => hostname(partsOf(v).host)],
  ['getPort', v => /:(\d*)$/.exec(partsOf(v).host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? ''],
  ['getEscapedPath', v => escapePath(partsOf(v).path)],
  ['getQuery', v => query(partsOf(v).query)],
  ['validate', validate],
  [
    'format.named',
    name => {
      const found = FORMATS.find(f => f.name === name);
      return found ? some(formatValue(found)) : NONE;
    },
  ],
  ...FORMATS.map(f => [`format.${f.name}`, () => formatValue(f)] as const),
];
