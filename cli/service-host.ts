// The host that a Service of the control plane stands for, for interpreter webhooks that are named by one.
import { at, type Reader, resource, StatusError, stringOf } from '../kube/index.ts';

const services = resource({ group: '', version: 'v1', kind: 'Service', plural: 'services', scope: 'Namespaced' });

/** The external name, or the cluster IP; the caller adds the port. */
export function serviceHost(
  hub: Reader,
): (service: { readonly namespace: string; readonly name: string }, signal: AbortSignal | undefined) => Promise<string> {
  return async ({ namespace, name }, signal) => {
    const service = await hub.get(services, { namespace, name }, signal ? { signal } : {});
    if (at(service, 'spec', 'type') === 'ExternalName') return stringOf(at(service, 'spec', 'externalName'));
    const host = stringOf(at(service, 'spec', 'clusterIP'));
    if (host && host !== 'None') return host;
    throw new StatusError({
      code: 503,
      reason: 'ServiceUnavailable',
      message: `Service ${namespace}/${name} has no address: give it a cluster IP or an external name`,
    });
  };
}
