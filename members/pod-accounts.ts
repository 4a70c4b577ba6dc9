// Pods act as a service account: the one they name, or `default`; its token is mounted in every container unless somebody said no.
import type { AdmissionPlugin, Attributes } from '../apiserver/index.ts';
import {
  type Clock,
  forbidden,
  generateName,
  getOrUndefined,
  isObject,
  type KubeObject,
  listOf,
  type Reader,
  sleep,
  stringOf,
} from '../kube/index.ts';
import { SERVICE_ACCOUNTS } from './kinds.ts';

type MutableObject = NonNullable<Attributes['object']>;
interface ServiceAccount extends KubeObject {
  readonly automountServiceAccountToken?: boolean;
  readonly imagePullSecrets?: readonly unknown[];
}

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const MIRROR = 'kubernetes.io/config.mirror';
const EXPIRATION_SECONDS = 3607;
/** The account `default` of a new namespace comes a moment after it. */
const ATTEMPTS = 20;
const PAUSE_MS = 100;

export function podAccounts(o: { readonly reader: Reader; readonly clock: Clock }): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    async mutate(a, signal) {
      if (a.operation !== 'CREATE' || a.resource.group !== '' || a.resource.plural !== 'pods' || a.subresource !== '' || !a.object) return;
      const { metadata, spec } = a.object;
      if (!isObject(spec) || (isObject(metadata) && isObject(metadata['annotations']) && MIRROR in metadata['annotations'])) return;
      const pod = spec as MutableObject;
      const name = stringOf(pod['serviceAccountName']) || 'default';
      const account = await find(o, { namespace: a.namespace, name }, signal);
      if (!account) {
        const why = `error looking up service account ${a.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
        throw forbidden({ group: '', plural: 'pods', name: a.name || stringOf(isObject(metadata) ? metadata['generateName'] : '') }, why);
      }
      pod['serviceAccountName'] = name;
      pod['serviceAccount'] = name;
      if (account.imagePullSecrets && listOf(pod['imagePullSecrets']).length === 0)
        pod['imagePullSecrets'] = structuredClone(account.imagePullSecrets);
      if ((pod['automountServiceAccountToken'] ?? account.automountServiceAccountToken) !== false) mount(pod, o.clock);
    },
  };
}

async function find(
  o: { readonly reader: Reader; readonly clock: Clock },
  key: { readonly namespace: string; readonly name: string },
  signal: AbortSignal | undefined,
): Promise<ServiceAccount | undefined> {
  for (let attempt = 1; ; attempt++) {
    const found = await getOrUndefined(o.reader, SERVICE_ACCOUNTS, key);
    if (found || key.name !== 'default' || attempt === ATTEMPTS) return found as ServiceAccount | undefined;
    await sleep(o.clock, PAUSE_MS, signal);
  }
}

/** Adds the volume, and a mount wherever nothing else is mounted there. */
function mount(pod: MutableObject, clock: Clock): void {
  const containers = [...listOf(pod['initContainers']), ...listOf(pod['containers'])].filter(isObject) as MutableObject[];
  const without = containers.filter(c => !listOf(c['volumeMounts']).some(m => isObject(m) && m['mountPath'] === MOUNT_PATH));
  if (without.length === 0) return;
  const name = generateName('kube-api-access-', () => clock.random());
  for (const c of without) c['volumeMounts'] = [...listOf(c['volumeMounts']), { name, readOnly: true, mountPath: MOUNT_PATH }];
  pod['volumes'] = [...listOf(pod['volumes']), { name, projected: { sources: sources(), defaultMode: 0o644 } }];
}

const sources = (): unknown[] => [
  { serviceAccountToken: { expirationSeconds: EXPIRATION_SECONDS, path: 'token' } },
  { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
];
