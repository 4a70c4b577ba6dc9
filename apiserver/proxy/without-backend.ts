// Logs, exec, attach, port-forward and proxies where nothing runs behind the objects: what can be told without reaching a node or a
// pod (specification §5). A server with nodes puts handlers of its own in the place of these.
import { type AnyObject, at, badRequest, listOf, notFound, StatusError, stringOf, unavailable } from '../../kube/index.ts';
import { send } from '../http/respond.ts';
import type { Call } from '../http/server-parts.ts';
import type { Core } from '../registry/index.ts';

export function withoutBackend(core: Core, c: Call): void {
  const { resource } = c.s;
  const path = `${resource.plural}/${c.r.subresource}`;
  if (resource.group !== '') throw unreachable();
  if (path === 'services/proxy') throw throughService(core, c);
  // Schemes and ports are part of the name: https:name:443.
  const name = c.r.subresource === 'proxy' ? schemeNamePort(c.r.name, resource.kind).name : c.r.name;
  const found = c.s.collection.get(c.r.namespace, name)?.object;
  if (!found) throw notFound({ ...resource, name });
  if (resource.plural !== 'pods') throw unreachable();
  if (c.r.subresource === 'proxy') throw stringOf(at(found, 'status', 'podIP')) === '' ? badRequest('address not allowed') : unreachable();
  if (c.r.subresource !== 'portforward') checkContainer(found, c.info.query.get('container') ?? '');
  if (stringOf(at(found, 'spec', 'nodeName')) !== '') throw unreachable();
  if (c.r.subresource !== 'log') throw badRequest(`pod ${name} does not have a host assigned`);
  send(c.x, 204, '', {});
}

const unreachable = (): StatusError =>
  new StatusError({ code: 501, reason: 'NotImplemented', message: 'there is nothing behind the objects of this server' });

function schemeNamePort(id: string, kind: string): { readonly name: string; readonly port: string } {
  const parts = id.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1) return { name: first, port: '' };
  if (parts.length === 2) return { name: first, port: second };
  if (parts.length === 3 && /^https?$|^$/.test(first) && second !== '') return { name: second, port: third };
  throw badRequest(`invalid ${kind.toLowerCase()} request "${id}"`);
}

/** A service has no endpoints that could be reached from here. */
function throughService(core: Core, c: Call): StatusError {
  const { name, port } = schemeNamePort(c.r.name, 'service');
  const service = c.s.collection.get(c.r.namespace, name)?.object;
  if (!service) return notFound({ ...c.s.resource, name });
  if (/^-?\d+$/.test(port) && !listOf(at(service, 'spec', 'ports')).some(p => at(p, 'port') === Number(port)))
    return unavailable(`no service port ${Number(port)} found for service "${name}"`);
  const accept = (e: { readonly object: AnyObject }): boolean => e.object.metadata.labels?.['kubernetes.io/service-name'] === name;
  const slices = core.catalog.find('discovery.k8s.io', 'v1', 'endpointslices')?.collection.list({ namespace: c.r.namespace, accept });
  return slices?.entries.length ? unavailable(`no endpoints available for service "${name}"`) : notFound({ ...c.s.resource, name });
}

function checkContainer(pod: AnyObject, name: string): void {
  const named = (field: string): string[] => listOf(at(pod, 'spec', field)).map(x => stringOf(at(x, 'name')));
  const containers = named('containers');
  const first = named('initContainers');
  if (name !== '') {
    if (![...containers, ...first, ...named('ephemeralContainers')].includes(name))
      throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`);
  } else if (containers.length !== 1) {
    const initial = first.length > 0 ? ` or one of the init containers: [${first.join(' ')}]` : '';
    throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${containers.join(' ')}]${initial}`);
  }
}
