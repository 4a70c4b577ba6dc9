// Endpoints and EndpointSlice: the addresses behind a Service.
import { addressWarnings, dns1123Label, equal, validateAddress, validateAddressLegacy } from '../../kube/index.ts';
import { child, duplicate, forbiddenField, IMMUTABLE, index, invalidValue, oneOf, required, texts, tooMany } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { metadata } from './metadata.ts';
import { dnsSubdomain, labelValue, portNumber, qualifiedName } from './names.ts';
import { type Faults, has, items, mutable, number, type Obj, optional, preset, presetText, strings, sub, text } from './read.ts';

export const endpoints: KindDefinition = {
  scope: 'Namespaced',
  createOnUpdate: true,
  update: ['meta', 'changes', 'full'],
  defaults(o) {
    for (const subset of mutable(o, 'subsets')) for (const port of mutable(subset, 'ports')) presetText(port, 'protocol', 'TCP');
  },
  spec(faults, o) {
    items(o, 'subsets').forEach((s, i) => {
      subset(faults, index('subsets', i), s);
    });
  },
  warnings: o =>
    text(sub(sub(o, 'metadata'), 'labels'), 'endpoints.kubernetes.io/managed-by') === 'endpoint-controller'
      ? []
      : items(o, 'subsets').flatMap((s, i) =>
          ['addresses', 'notReadyAddresses'].flatMap(key =>
            items(s, key).flatMap((a, j) => addressWarnings(text(a, 'ip'), `subsets[${i}].${key}[${j}].ip`)),
          ),
        ),
  deprecated: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

function subset(faults: Faults, at: string, s: Obj): void {
  if (items(s, 'addresses').length === 0 && items(s, 'notReadyAddresses').length === 0)
    faults.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
  for (const key of ['addresses', 'notReadyAddresses'])
    items(s, key).forEach((a, i) => {
      endpointAddress(faults, index(child(at, key), i), a);
    });
  const ports = items(s, 'ports');
  ports.forEach((p, i) => {
    endpointPort(faults, index(child(at, 'ports'), i), p, ports.length > 1);
  });
}

function endpointAddress(faults: Faults, at: string, a: Obj): void {
  const ip = text(a, 'ip');
  const own = validateAddressLegacy(ip, child(at, 'ip'));
  faults.push(...own);
  const hostname = text(a, 'hostname');
  if (hostname !== '') texts(faults, child(at, 'hostname'), hostname, dns1123Label(hostname));
  const node = text(a, 'nodeName');
  if (has(a, 'nodeName')) nodeName(faults, child(at, 'nodeName'), node);
  nonSpecial(faults, child(at, 'ip'), ip);
}

function nodeName(faults: Faults, path: string, name: string): void {
  texts(faults, path, name, dnsSubdomain(name));
}

/** Addresses that mean the host itself, the link, or nobody. */
export function nonSpecial(faults: Faults, path: string, ip: string): void {
  if (validateAddressLegacy(ip, path).length > 0) {
    faults.push(invalidValue(path, ip, 'must be a valid IP address'));
    return;
  }
  const lower = ip.toLowerCase();
  if (ip === '0.0.0.0' || /^[0:]+$/.test(ip)) faults.push(invalidValue(path, ip, 'may not be unspecified (0.0.0.0 or ::)'));
  else if (ip.startsWith('127.') || /^(0+:)*:?0*1$/.test(ip) || ip === '::1')
    faults.push(invalidValue(path, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  else if (ip.startsWith('169.254.') || /^fe[89ab]/.test(lower))
    faults.push(invalidValue(path, ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  else if (ip.startsWith('224.0.0.') || lower.startsWith('ff02:'))
    faults.push(invalidValue(path, ip, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
}

function endpointPort(faults: Faults, at: string, p: Obj, named: boolean): void {
  const name = text(p, 'name');
  if (named && name === '') faults.push(required(child(at, 'name')));
  else if (name !== '') texts(faults, child(at, 'name'), name, dns1123Label(name));
  texts(faults, child(at, 'port'), number(p, 'port'), portNumber(number(p, 'port')));
  const protocol = text(p, 'protocol');
  if (protocol === '') faults.push(required(child(at, 'protocol')));
  else oneOf(faults, child(at, 'protocol'), protocol, ['SCTP', 'TCP', 'UDP']);
  if (has(p, 'appProtocol')) texts(faults, child(at, 'appProtocol'), text(p, 'appProtocol'), qualifiedName(text(p, 'appProtocol')));
}

export const endpointSlice: KindDefinition = {
  scope: 'Namespaced',
  tracksGeneration: true,
  generationCountsLabels: true,
  update: ['changes'],
  defaults(o) {
    for (const port of mutable(o, 'ports')) {
      preset(port, 'name', '');
      preset(port, 'protocol', 'TCP');
    }
  },
  spec: (faults, o) => sliceRules(faults, o),
  changes(faults, o, old) {
    metadata(faults, o, SLICE_METADATA);
    sliceRules(faults, o, old);
    if (text(o, 'addressType') !== text(old, 'addressType')) faults.push(invalidValue('addressType', text(o, 'addressType'), IMMUTABLE));
  },
  warnings: (o, old) => [
    ...(!old && text(o, 'addressType') === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...sliceWarnings(o),
  ],
};

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGERS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

/** About addresses that are no canonical ones, unless a controller wrote them. */
const sliceWarnings = (o: Obj): string[] =>
  MANAGERS.includes(text(sub(sub(o, 'metadata'), 'labels'), MANAGED_BY))
    ? []
    : items(o, 'endpoints').flatMap((e, i) =>
        strings(e, 'addresses').flatMap((a, j) => addressWarnings(a, `endpoints[${i}].addresses[${j}]`)),
      );

const SLICE_METADATA = { name: 'subdomain', scope: 'Namespaced', standardFinalizers: true } as const;

/** `old`: addresses it already has are not judged again. */
function sliceRules(faults: Faults, o: Obj, old?: Obj): void {
  const type = text(o, 'addressType');
  if (type === '') faults.push(required('addressType'));
  else oneOf(faults, 'addressType', type, ['FQDN', 'IPv4', 'IPv6']);
  slicePorts(faults, items(o, 'ports'));
  const before = old ? items(old, 'endpoints').map(e => strings(e, 'addresses')) : [];
  items(o, 'endpoints').forEach((e, i) => {
    const known = before.some(b => equal(b, strings(e, 'addresses')));
    sliceEndpoint(faults, index('endpoints', i), e, { type, known });
  });
}

interface SliceContext {
  readonly type: string;
  /** The stored slice has these addresses already: their family is not asked about again. */
  readonly known: boolean;
}

function sliceEndpoint(faults: Faults, at: string, e: Obj, context: SliceContext): void {
  const addresses = strings(e, 'addresses');
  if (addresses.length === 0) faults.push(required(child(at, 'addresses'), 'must contain at least 1 address'));
  if (addresses.length > 100) faults.push(forbiddenField(child(at, 'addresses'), 'too many'));
  addresses.forEach((a, i) => {
    sliceAddress(faults, { at: index(child(at, 'addresses'), i), list: child(at, 'addresses') }, a, context);
  });
  const hints = optional(e, 'hints');
  if (hints) sliceHints(faults, child(at, 'hints'), hints);
  if (has(e, 'nodeName')) nodeName(faults, child(at, 'nodeName'), text(e, 'nodeName'));
  if (has(e, 'hostname')) texts(faults, child(at, 'hostname'), text(e, 'hostname'), dns1123Label(text(e, 'hostname')));
}

function sliceAddress(faults: Faults, { at, list }: { at: string; list: string }, a: string, { type, known }: SliceContext): void {
  if (type === 'FQDN') {
    const labels = a.split('.');
    if (dnsSubdomain(a).length > 0) nodeName(faults, at, a);
    else if (labels.length < 2) faults.push(invalidValue(at, a, 'should be a domain with at least two segments separated by dots'));
    return;
  }
  if (type !== 'IPv4' && type !== 'IPv6') return;
  const bad = validateAddress(a, at);
  faults.push(...bad);
  if (bad.length > 0 || known) return;
  if (a.includes(':') !== (type === 'IPv6')) faults.push(invalidValue(list, a, `must be an ${type} address`));
  nonSpecial(faults, at, a);
}

function sliceHints(faults: Faults, at: string, hints: Obj): void {
  for (const [key, max] of [
    ['forZones', 8],
    ['forNodes', 8],
  ] as const) {
    const list = items(hints, key);
    if (list.length > max) {
      faults.push(tooMany(child(at, key), list.length, max));
      return;
    }
    const seen = new Set<string>();
    list.forEach((z, i) => {
      const name = text(z, 'name');
      const path = child(index(child(at, key), i), 'name');
      if (seen.has(name)) faults.push(duplicate(path, name));
      else {
        seen.add(name);
        texts(faults, path, name, key === 'forZones' ? labelValue(name) : dnsSubdomain(name));
      }
    });
  }
}

function slicePorts(faults: Faults, ports: readonly Obj[]): void {
  const names = new Set<string>();
  ports.forEach((p, i) => {
    const at = index('ports', i);
    const name = text(p, 'name');
    if (name !== '') texts(faults, child(at, 'name'), name, dns1123Label(name));
    if (names.has(name)) faults.push(duplicate(child(at, 'name'), name));
    else names.add(name);
    const protocol = text(p, 'protocol');
    oneOf(faults, child(at, 'protocol'), protocol, ['SCTP', 'TCP', 'UDP']);
    if (has(p, 'appProtocol')) texts(faults, child(at, 'appProtocol'), text(p, 'appProtocol'), qualifiedName(text(p, 'appProtocol')));
  });
}
