// What a new API server holds besides namespaces and roles (shared reference: fresh objects): the priority classes of the system,
// the Service through which pods find the server, and the CA by which extension servers know the server's clients.
import { type AnyObject, apiVersionOf, type Client, getOrUndefined, keyOf, objectOf, type Resource, resource } from '../kube/index.ts';
import { ensure } from './bootstrap.ts';

export interface FreshObjects {
  /** PEM of the CA of client certificates. */
  readonly clientCa: string;
  /** The first address of the Services' range. */
  readonly serviceAddress: string;
  readonly port: number;
}

const PRIORITY_CLASSES = resource({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  scope: 'Cluster',
});
const SERVICES = resource({ group: '', version: 'v1', kind: 'Service', plural: 'services', scope: 'Namespaced' });
const CONFIG_MAPS = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });

const CLASSES = [
  ['system-cluster-critical', 2_000_000_000, 'For pods that a cluster needs; they may move to another node.'],
  ['system-node-critical', 2_000_001_000, 'For pods that a node needs; they stay on it.'],
] as const;

const CLIENT_CA = 'client-ca-file';

/** Makes what is absent; the CA is kept as it is now. */
export async function ensureFreshObjects(client: Client, o: FreshObjects): Promise<void> {
  await Promise.all([
    ...CLASSES.map(([name, value, description]) =>
      ensure(
        client,
        PRIORITY_CLASSES,
        typed(PRIORITY_CLASSES, { metadata: { name }, value, description, preemptionPolicy: 'PreemptLowerPriority' }),
      ),
    ),
    ensure(client, SERVICES, typed(SERVICES, kubernetesService(o))),
    ensureClientCa(client, o.clientCa),
  ]);
}

const typed = (r: Resource<AnyObject>, object: object): AnyObject =>
  ({ apiVersion: apiVersionOf(r), kind: r.kind, ...object }) as unknown as AnyObject;

const kubernetesService = ({ serviceAddress, port }: FreshObjects): object => ({
  metadata: { namespace: 'default', name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: {
    type: 'ClusterIP',
    clusterIP: serviceAddress,
    clusterIPs: [serviceAddress],
    ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
  },
});

async function ensureClientCa(client: Client, clientCa: string): Promise<void> {
  const wanted = typed(CONFIG_MAPS, {
    metadata: { namespace: 'kube-system', name: 'extension-apiserver-authentication' },
    data: { [CLIENT_CA]: clientCa },
  });
  const present = await getOrUndefined(client, CONFIG_MAPS, keyOf(wanted));
  if (!present) return ensure(client, CONFIG_MAPS, wanted);
  const data = objectOf(present['data']);
  if (data[CLIENT_CA] !== clientCa) await client.update(CONFIG_MAPS, { ...present, data: { ...data, [CLIENT_CA]: clientCa } });
}
