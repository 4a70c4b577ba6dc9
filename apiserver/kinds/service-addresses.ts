// Cluster addresses and families of a Service: what is kept of a stored one, what is filled in, and what does not fit together.
// All of it comes before the rules of the kind: a refusal here is told alone.
import { type FieldError, field, parseAddress, validateAddressLegacy } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { duplicate, index, invalidValue, notSupported, oneOf } from './checks.ts';
import { type Faults, flag, has, items, mutable, number, type Obj, strings, sub, text } from './read.ts';

export const external = (spec: Obj): boolean => text(spec, 'type') === 'NodePort' || text(spec, 'type') === 'LoadBalancer';
export const headless = (spec: Obj): boolean => text(spec, 'clusterIP') === 'None';

/** What is to be allocated. */
export const wantsClusterIP = (spec: Obj): boolean => text(spec, 'type') !== 'ExternalName' && !headless(spec);
export const wantsNodePorts = (spec: Obj): boolean =>
  text(spec, 'type') === 'NodePort' || (text(spec, 'type') === 'LoadBalancer' && flag(spec, 'allocateLoadBalancerNodePorts'));
export const wantsHealthPort = (spec: Obj): boolean =>
  text(spec, 'type') === 'LoadBalancer' && text(spec, 'externalTrafficPolicy') === 'Local';

/** An update may leave out what was allocated before; clusterIP and the first of clusterIPs are one. */
export function keepAllocated(spec: MutableObject, was: Obj): void {
  if (text(spec, 'type') !== 'ExternalName' && text(was, 'type') !== 'ExternalName') {
    if (text(spec, 'clusterIP') === '') spec['clusterIP'] = was['clusterIP'];
    if (strings(spec, 'clusterIPs').length === 0 && spec['clusterIP'] === was['clusterIP'])
      spec['clusterIPs'] = [...strings(was, 'clusterIPs')];
  }
  if (external(spec) && external(was)) keepNodePorts(spec, was);
  if (wantsHealthPort(spec) && wantsHealthPort(was) && number(spec, 'healthCheckNodePort') === 0)
    spec['healthCheckNodePort'] = was['healthCheckNodePort'];
  followClusterIP(spec, was);
  if (text(spec, 'type') === 'ExternalName' || text(was, 'type') === 'ExternalName') return;
  for (const key of ['ipFamilies', 'ipFamilyPolicy']) if (!has(spec, key) && has(was, key)) spec[key] = structuredClone(was[key]);
}

/** Node ports stay with the names of their ports. */
function keepNodePorts(spec: MutableObject, was: Obj): void {
  const portsOf = (s: Obj): Set<number> => new Set(items(s, 'ports').map(p => number(p, 'nodePort')));
  const before = portsOf(was);
  const used = new Set([...portsOf(spec)].filter(p => p !== 0 && before.has(p)));
  const byName = new Map(items(was, 'ports').map(p => [text(p, 'name'), number(p, 'nodePort')]));
  for (const port of mutable(spec, 'ports')) {
    if (number(port, 'nodePort') !== 0) continue;
    const kept = byName.get(text(port, 'name')) ?? 0;
    if (kept === 0 || used.has(kept)) continue;
    port['nodePort'] = kept;
    used.add(kept);
  }
}

/** A changed clusterIP moves its list along. */
function followClusterIP(spec: MutableObject, was: Obj): void {
  const [one, before] = [text(spec, 'clusterIP'), text(was, 'clusterIP')];
  const [list, old] = [strings(spec, 'clusterIPs'), strings(was, 'clusterIPs')];
  if (one === before || list.length !== old.length || list.some((ip, i) => ip !== old[i])) return;
  if (one === '') delete spec['clusterIPs'];
  else spec['clusterIPs'] = [one, ...list.slice(1)];
}

/** Of a new service. */
export function pairAddresses(spec: MutableObject): void {
  const one = text(spec, 'clusterIP');
  if (one !== '' && strings(spec, 'clusterIPs').length === 0) spec['clusterIPs'] = [one];
}

const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy, each alone and against each other. */
export function clusterIPFaults(faults: Faults, spec: Obj): void {
  if (text(spec, 'type') === 'ExternalName') return;
  const before = faults.length;
  const ips = strings(spec, 'clusterIPs');
  const one = text(spec, 'clusterIP');
  if (ips.length > 0 && ips[0] !== one) faults.push(invalidValue('spec.clusterIPs', ips, 'first value must match `clusterIP`'));
  if (has(spec, 'ipFamilyPolicy')) oneOf(faults, 'spec.ipFamilyPolicy', text(spec, 'ipFamilyPolicy'), POLICIES);
  const families = new Set<string>();
  strings(spec, 'ipFamilies').forEach((f, i) => {
    const at = index('spec.ipFamilies', i);
    if (!FAMILIES.includes(f)) faults.push(notSupported(at, f, FAMILIES));
    if (families.has(f)) faults.push(duplicate(at, f));
    families.add(f);
  });
  if (ips.length > 2) faults.push(invalidValue('spec.clusterIPs', ips, 'may only hold up to 2 values'));
  addressFaults(faults, ips);
  if (ips.length === 2 && family(ips[0]) !== undefined && family(ips[0]) === family(ips[1]))
    faults.push(invalidValue('spec.clusterIPs', ips, 'may specify no more than one IP for each IP family'));
  if (!headless(spec) && faults.length === before) familyFaults(faults, ips, strings(spec, 'ipFamilies'));
}

function addressFaults(faults: Faults, ips: readonly string[]): void {
  ips.forEach((ip, i) => {
    if (ip !== 'None' || i > 0) faults.push(...validateAddressLegacy(ip, index('spec.clusterIPs', i)));
    else if (ips.length > 1) faults.push(invalidValue('spec.clusterIPs', ips, "'None' must be the first and only value"));
  });
}

function familyFaults(faults: Faults, ips: readonly string[], families: readonly string[]): void {
  ips.slice(0, families.length).forEach((ip, i) => {
    const wanted = families[i];
    if (family(ip) !== wanted)
      faults.push(invalidValue(index('spec.clusterIPs', i), ip, `expected an ${wanted} value as indicated by \`ipFamilies[${i}]\``));
  });
}

function family(ip: string | undefined): string | undefined {
  if (ip === undefined || !parseAddress(ip)) return undefined;
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

/** Fills in the families of a cluster that has one, IPv4; faults where the service wants more than there is. */
export function fillFamilies(spec: MutableObject): FieldError[] {
  if (text(spec, 'type') === 'ExternalName') return [];
  const none = headless(spec);
  if (none) spec['clusterIPs'] = ['None'];
  if (none && Object.keys(sub(spec, 'selector')).length === 0) {
    openFamilies(spec);
    return [];
  }
  const faults: FieldError[] = [];
  if (spec['ipFamilyPolicy'] === 'RequireDualStack')
    faults.push(field.invalidValue('spec.ipFamilyPolicy', 'RequireDualStack', 'this cluster is not configured for dual-stack services'));
  strings(spec, 'ipFamilies').forEach((f, i) => {
    if (f !== 'IPv4') faults.push(field.invalidValue(index('spec.ipFamilies', i), f, 'not configured on this cluster'));
  });
  if (faults.length > 0) return faults;
  if (!has(spec, 'ipFamilyPolicy')) spec['ipFamilyPolicy'] = 'SingleStack';
  if (strings(spec, 'ipFamilies').length === 0) spec['ipFamilies'] = ['IPv4'];
  return [];
}

/** Without address and selector a service may be of any family. */
function openFamilies(spec: MutableObject): void {
  if (!has(spec, 'ipFamilyPolicy')) spec['ipFamilyPolicy'] = 'RequireDualStack';
  const families = strings(spec, 'ipFamilies');
  const [first = 'IPv4'] = families;
  if (families.length >= 2) return;
  spec['ipFamilies'] = spec['ipFamilyPolicy'] === 'SingleStack' ? [first] : [first, first === 'IPv4' ? 'IPv6' : 'IPv4'];
}
