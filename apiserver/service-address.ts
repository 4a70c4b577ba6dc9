// Where a Service of this server can be reached: the hub runs no pods, so what its Service, EndpointSlices and Endpoints say is
// all there is to know.
import { listOf, objectOf, stringOf } from '../kube/index.ts';
import type { Catalog } from './registry/index.ts';

/** A service as webhooks name it. */
export interface ServiceTarget {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

type Raw = Readonly<Record<string, unknown>>;

/** Finds the address of a service; throws when there is none. Ready endpoints come before the cluster IP. */
export function serviceAddress(catalog: Catalog): (target: ServiceTarget) => Address {
  const one = (group: string, plural: string, t: ServiceTarget): Raw | undefined =>
    catalog.find(group, 'v1', plural)?.collection.get(t.namespace, t.name)?.object;
  return t => {
    const service = one('', 'services', t);
    if (!service) throw new Error(`service ${JSON.stringify(t.name)} not found`);
    const spec = objectOf(service['spec']);
    if (spec['type'] === 'ExternalName') return { host: stringOf(spec['externalName']), port: t.port };
    const named = listOf(spec['ports'])
      .map(objectOf)
      .find(p => p['port'] === t.port);
    if (!named) throw new Error(`no service port ${t.port} found for service ${JSON.stringify(t.name)}`);
    const subsets = listOf(one('', 'endpoints', t)?.['subsets']).map(objectOf);
    const endpoint = subsets.flatMap(s => fromSubset(s, stringOf(named['name'])))[0] ?? fromSlices(catalog, t, stringOf(named['name']));
    if (endpoint) return endpoint;
    const host = stringOf(spec['clusterIP']);
    if (!host || host === 'None') throw new Error(`no endpoints available for service ${JSON.stringify(t.name)}`);
    return { host, port: t.port };
  };
}

function portOf(ports: unknown, name: string): number | undefined {
  const all = listOf(ports).map(objectOf);
  const port = (all.find(p => stringOf(p['name']) === name) ?? (all.length === 1 ? all[0] : undefined))?.['port'];
  return typeof port === 'number' ? port : undefined;
}

function fromSubset(subset: Raw, portName: string): Address[] {
  const port = portOf(subset['ports'], portName);
  const host = stringOf(objectOf(listOf(subset['addresses'])[0])['ip']);
  return host && port !== undefined ? [{ host, port }] : [];
}

function fromSlices(catalog: Catalog, t: ServiceTarget, portName: string): Address | undefined {
  const slices = catalog.find('discovery.k8s.io', 'v1', 'endpointslices')?.collection;
  const accept = { namespace: t.namespace, accept: () => true };
  for (const { object } of slices?.list(accept).entries ?? []) {
    if (object.metadata.labels?.['kubernetes.io/service-name'] !== t.name) continue;
    const port = portOf(object['ports'], portName);
    const ready = listOf(object['endpoints'])
      .map(objectOf)
      .find(e => objectOf(e['conditions'])['ready'] !== false);
    const host = stringOf(listOf(ready?.['addresses'])[0]);
    if (host && port !== undefined) return { host, port };
  }
  return undefined;
}
