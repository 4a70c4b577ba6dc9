// Load balancer ingress entries of Services and Ingresses: the entries of all clusters, each address once, in one order.
import { asMessage } from './typed.ts';

export interface PortStatus {
  readonly port?: number;
  readonly protocol?: string;
  readonly error?: string;
}

export interface LoadBalancerIngress {
  readonly hostname?: string;
  readonly ip?: string;
  readonly ipMode?: string;
  readonly ports?: readonly PortStatus[];
}

export interface LoadBalancerStatus {
  readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] };
}

/** Reads `api.core.v1.ServiceStatus` or `api.networking.v1.IngressStatus`. */
export const readLoadBalancer = (message: string, status: unknown): LoadBalancerStatus => asMessage(message, status);

/** Whether some entry names an address. */
export function hasAddress(status: LoadBalancerStatus | undefined): boolean {
  return (status?.loadBalancer?.ingress ?? []).some(entry => Boolean(entry.ip || entry.hostname));
}

/** The status with the united entries of the members. */
export function unite(statuses: readonly LoadBalancerStatus[]): LoadBalancerStatus {
  const byAddress = new Map<string, LoadBalancerIngress>();
  for (const entry of statuses.flatMap(status => status.loadBalancer?.ingress ?? [])) {
    const key = JSON.stringify([entry.hostname ?? '', entry.ip ?? '', entry.ipMode ?? null]);
    const known = byAddress.get(key);
    byAddress.set(key, known ? { ...known, ports: [...(known.ports ?? []), ...(entry.ports ?? [])] } : entry);
  }
  const ingress = [...byAddress.values()].map(entry => {
    const { ports: given = [], ...address } = entry;
    const ports = sortedPorts(given);
    return ports.length > 0 ? { ...address, ports } : address;
  });
  return { loadBalancer: ingress.length > 0 ? { ingress: ingress.sort(byOrder) } : {} };
}

function sortedPorts(ports: readonly PortStatus[]): PortStatus[] {
  const each = new Map(ports.map(port => [JSON.stringify([port.port ?? 0, port.protocol ?? '', port.error ?? null]), port]));
  return [...each.values()].sort(
    (a, b) =>
      (a.port ?? 0) - (b.port ?? 0) ||
      compare(a.protocol ?? '', b.protocol ?? '') ||
      Number(a.error !== undefined) - Number(b.error !== undefined) ||
      compare(a.error ?? '', b.error ?? ''),
  );
}

/** Host names before bare addresses; then the ip as text; entries without ipMode after those with one. */
function byOrder(a: LoadBalancerIngress, b: LoadBalancerIngress): number {
  return (
    Number(!a.hostname) - Number(!b.hostname) ||
    compare(a.hostname ?? '', b.hostname ?? '') ||
    compare(a.ip ?? '', b.ip ?? '') ||
    Number(a.ipMode === undefined) - Number(b.ipMode === undefined) ||
    compare(a.ipMode ?? '', b.ipMode ?? '')
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
