// The ConfigMap from which a cluster that registers itself learns where the control plane is and which CA signs for it. The API server
// signs it for each bootstrap token; those signatures stay in it.
import { stringify } from 'yaml';
import { type AnyObject, type Client, getOrUndefined, keyOf, objectOf, resource } from '../kube/index.ts';

const CONFIG_MAPS = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const WILDCARDS = ['0.0.0.0', '::'];

export interface Whereabouts {
  /** PEM. */
  readonly caCert: string;
  /** What the server listens on. */
  readonly host: string;
  readonly port: number;
}

/** Makes it, or brings it up to date after the address or the CA changed. */
export async function ensureClusterInfo(hub: Client, o: Whereabouts): Promise<void> {
  const kubeconfig = kubeconfigOf(o);
  const wanted: AnyObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'kube-public', name: 'cluster-info' },
    data: { kubeconfig },
  };
  const present = await getOrUndefined(hub, CONFIG_MAPS, keyOf(wanted));
  if (!present) return void (await hub.create(CONFIG_MAPS, wanted));
  const data = objectOf(present['data']);
  if (data['kubeconfig'] !== kubeconfig) await hub.update(CONFIG_MAPS, { ...present, data: { ...data, kubeconfig } });
}

function kubeconfigOf({ caCert, host, port }: Whereabouts): string {
  const name = WILDCARDS.includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const cluster = { 'certificate-authority-data': Buffer.from(caCert).toString('base64'), server: `https://${name}:${port}` };
  return stringify({ apiVersion: 'v1', kind: 'Config', clusters: [{ name: '', cluster }] });
}
