// Where a cluster's estimator listens (specification §7.2): its Service on the hub says, or the name that such a Service
// has inside the hub's own cluster.
import { at, type Client, getOrUndefined, listOf, resource, unavailable } from '../kube/index.ts';

const services = resource({ group: '', version: 'v1', kind: 'Service', plural: 'services', scope: 'Namespaced' });

export interface EstimatorAddressOptions {
  readonly hub: Client;
  readonly namespace: string;
  readonly prefix: string;
  readonly port: number;
}

/** Whether a Service on the hub says where the cluster's estimator is. */
export async function hasEstimatorService(
  cluster: string,
  o: Omit<EstimatorAddressOptions, 'port'>,
  signal: AbortSignal,
): Promise<boolean> {
  const key = { namespace: o.namespace, name: `${o.prefix}-${cluster}` };
  return (await getOrUndefined(o.hub, services, key, { signal })) !== undefined;
}

/** Addresses to try in order; throws where the Service is there but of no use. */
export async function estimatorAddresses(cluster: string, o: EstimatorAddressOptions, signal: AbortSignal): Promise<readonly string[]> {
  const name = `${o.prefix}-${cluster}`;
  const service = await getOrUndefined(o.hub, services, { namespace: o.namespace, name }, { signal });
  if (!service) return [`${name}.${o.namespace}.svc.cluster.local:${o.port}`, `${name}.${o.namespace}.svc:${o.port}`];
  const type = at(service, 'spec', 'type') ?? 'ClusterIP';
  if (type !== 'ExternalName') throw new Error(`unsupported service type "${type}"`);
  const port = listOf(at(service, 'spec', 'ports')).find(p => at(p, 'port') === o.port);
  const target = at(port, 'targetPort');
  if (typeof target !== 'number') throw unavailable(`no service port ${o.port} found for service "${name}"`);
  return [`${at(service, 'spec', 'externalName')}:${target}`];
}
