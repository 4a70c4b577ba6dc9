// Cluster addresses and node ports of services: a pure allocator over what is taken. The registry rebuilds `taken` from the
// stored services at start; allocation and release happen inside a write, so that a refused write gives back what it took.
import { type FieldError, field, parseAddress, parsePrefix, prefixContains } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { items, mutable, number, type Obj, strings, text } from './read.ts';
import {
  clusterIPFaults,
  fillFamilies,
  keepAllocated,
  pairAddresses,
  wantsClusterIP,
  wantsHealthPort,
  wantsNodePorts,
} from './service-addresses.ts';

export interface ServiceAllocator {
  /** Fills in addresses and ports of a new or changed service; `old` keeps what it has. Faults leave nothing taken. */
  allocate(service: MutableObject, o?: { readonly old?: Obj | undefined; readonly dryRun?: boolean }): FieldError[];
  /** Gives back what a deleted service held, or what a change no longer holds. */
  release(service: Obj, now?: Obj): void;
  /** Takes note of a stored service. */
  adopt(service: Obj): void;
}

export interface ServiceAllocatorOptions {
  /** IPv4 range of cluster addresses: `10.96.0.0/12`. */
  readonly cidr: string;
  readonly nodePortRange: { readonly from: number; readonly to: number };
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

interface Holding<T> {
  /** Of the stored service. */
  readonly held: ReadonlySet<T>;
  /** Taken by this write. */
  readonly taken: Set<T>;
  /** Nothing is stored: the first of the range will do. */
  readonly first: boolean;
}
type Ports = Holding<number>;

const ATTEMPTS = 64;

const toNumber = (ip: string): number => ip.split('.').reduce((n, part) => n * 256 + Number(part), 0);
const toText = (n: number): string => [24, 16, 8, 0].map(shift => Math.floor(n / 2 ** shift) % 256).join('.');

/** An allocator with nothing taken. */
export function serviceAllocator(o: ServiceAllocatorOptions): ServiceAllocator {
  const prefix = parsePrefix(o.cidr);
  const base = toNumber(o.cidr.split('/')[0] ?? '0.0.0.0');
  const size = 2 ** (32 - Number(o.cidr.split('/')[1] ?? 32));
  const ips = new Set<string>();
  const taken = new Set<number>();
  const free = (from: number, count: number, taken: (n: number) => boolean): number | undefined => {
    for (let i = 0; i < ATTEMPTS; i++) {
      const n = from + Math.floor(o.random() * count);
      if (!taken(n)) return n;
    }
    for (let n = from; n < from + count; n++) if (!taken(n)) return n;
    return undefined;
  };

  function takeIP(spec: MutableObject, own: Holding<string>): FieldError[] {
    const asked = text(spec, 'clusterIP');
    if (asked !== '') {
      const address = parseAddress(asked);
      const at = 'spec.clusterIPs';
      const shown = strings(spec, 'clusterIPs');
      if (!address || !prefix || !prefixContains(prefix, address) || toNumber(asked) === base || toNumber(asked) === base + size - 1)
        return [
          field.invalidValue(
            at,
            shown,
            `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${o.cidr}`,
          ),
        ];
      if (ips.has(asked) && !own.held.has(asked))
        return [field.invalidValue(at, shown, `failed to allocate IP ${asked}: provided IP is already allocated`)];
      if (!ips.has(asked)) own.taken.add(asked);
      ips.add(asked);
      return [];
    }
    const n = own.first ? base + 1 : free(base + 1, size - 2, candidate => ips.has(toText(candidate)));
    if (n === undefined) return [field.internalField('spec.clusterIPs', 'failed to allocate a serviceIP: range is full')];
    const ip = toText(n);
    if (!ips.has(ip)) own.taken.add(ip);
    ips.add(ip);
    spec['clusterIP'] = ip;
    spec['clusterIPs'] = [ip];
    return [];
  }

  function takePort(holder: MutableObject, key: string, at: string, own: Ports): FieldError[] {
    const asked = number(holder, key);
    const { from, to } = o.nodePortRange;
    if (asked === 0) {
      const n = free(own.first ? from + own.taken.size : from, own.first ? 1 : to - from + 1, candidate => taken.has(candidate));
      if (n === undefined) return [field.internalField(at, 'failed to allocate a nodePort: range is full')];
      if (!taken.has(n)) own.taken.add(n);
      taken.add(n);
      holder[key] = n;
      return [];
    }
    if (asked < from || asked > to)
      return [field.invalidValue(at, asked, `provided port is not in the valid range. The range of valid ports is ${from}-${to}`)];
    if (taken.has(asked) && !own.held.has(asked) && !own.taken.has(asked))
      return [field.invalidValue(at, asked, 'provided port is already allocated')];
    if (!taken.has(asked)) own.taken.add(asked);
    taken.add(asked);
    return [];
  }

  /** Two ports with one number and different protocols share their node port. */
  function takeNodePorts(spec: MutableObject, own: Ports): FieldError[] {
    const faults: FieldError[] = [];
    const byNumber = new Map<number, number>();
    mutable(spec, 'ports').forEach((port, i) => {
      const same = byNumber.get(number(port, 'port'));
      if (number(port, 'nodePort') === 0 && same !== undefined && !sameProtocol(spec, port, same)) port['nodePort'] = same;
      else faults.push(...takePort(port, 'nodePort', `spec.ports[${i}].nodePort`, own));
      byNumber.set(number(port, 'port'), number(port, 'nodePort'));
    });
    return faults;
  }

  return {
    allocate(service, { old, dryRun = false } = {}) {
      const spec = service['spec'] as MutableObject;
      if (old) keepAllocated(spec, (old['spec'] ?? {}) as Obj);
      else pairAddresses(spec);
      const faults: FieldError[] = [];
      clusterIPFaults(faults, spec);
      if (faults.length === 0) faults.push(...fillFamilies(spec));
      if (faults.length > 0) return faults;
      const [oldIPs, oldPorts] = holdings(old);
      const ports: Ports = { held: oldPorts, taken: new Set(), first: dryRun };
      const takenIPs = new Set<string>();
      if (wantsClusterIP(spec)) faults.push(...takeIP(spec, { held: oldIPs, taken: takenIPs, first: dryRun }));
      if (faults.length === 0 && wantsNodePorts(spec)) faults.push(...takeNodePorts(spec, ports));
      if (faults.length === 0 && wantsHealthPort(spec))
        faults.push(...takePort(spec, 'healthCheckNodePort', 'spec.healthCheckNodePort', ports));
      if (faults.length > 0) {
        for (const ip of takenIPs) ips.delete(ip);
        for (const port of ports.taken) taken.delete(port);
      }
      return faults;
    },
    release(service, now) {
      const [ownIPs, ownPorts] = holdings(service);
      const [keptIPs, keptPorts] = holdings(now);
      for (const ip of ownIPs) if (!keptIPs.has(ip)) ips.delete(ip);
      for (const port of ownPorts) if (!keptPorts.has(port)) taken.delete(port);
    },
    adopt(service) {
      const [ownIPs, ownPorts] = holdings(service);
      for (const ip of ownIPs) ips.add(ip);
      for (const port of ownPorts) taken.add(port);
    },
  };
}

const sameProtocol = (spec: Obj, port: Obj, nodePort: number): boolean =>
  items(spec, 'ports').some(p => p !== port && number(p, 'nodePort') === nodePort && text(p, 'protocol') === text(port, 'protocol'));

function holdings(service: Obj | undefined): [Set<string>, Set<number>] {
  const spec = (service?.['spec'] ?? {}) as Obj;
  const ports = [...items(spec, 'ports').map(p => number(p, 'nodePort')), number(spec, 'healthCheckNodePort')];
  return [new Set(strings(spec, 'clusterIPs').filter(ip => ip !== 'None')), new Set(ports.filter(p => p !== 0))];
}
