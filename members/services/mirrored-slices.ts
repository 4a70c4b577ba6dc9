// Endpoints that somebody wrote for a Service without a selector, told as EndpointSlices.
import { isIP } from 'node:net';
import { equal, fromInformer, getOrUndefined, objectOf, parseKey, type Runnable } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { ENDPOINTS, type EndpointSlice, type Endpoints, SERVICES, SLICES } from '../kinds.ts';
import { ownedBy } from '../owners.ts';
import { deleteObject } from '../writing.ts';

const SERVICE_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** What is said of the Endpoints alone. */
const NOT_MIRRORED = new Set(['endpoints.kubernetes.io/last-change-trigger-time', 'kubectl.kubernetes.io/last-applied-configuration']);

type Fields = Readonly<Record<string, unknown>>;
type Mirrored = Pick<EndpointSlice, 'addressType' | 'endpoints' | 'ports'>;
type Growing = Omit<Mirrored, 'endpoints'> & { readonly endpoints: Fields[] };

export function mirroringController(c: MemberContext): Runnable {
  return loop(c, {
    name: 'endpointslice-mirroring',
    sources: [
      fromInformer(c.informer(ENDPOINTS)),
      fromInformer(c.informer(SERVICES)),
      fromInformer(c.informer(SLICES), {
        when: change => change.object.metadata.labels?.[MANAGED_BY] === CONTROLLER,
        keys: ({ object }) => [`${object.metadata.namespace}/${object.metadata.labels?.[SERVICE_LABEL]}`],
      }),
    ],
    async reconcile(key, signal) {
      const at = parseKey(key);
      const present = c
        .children(SLICES)
        .in(at.namespace ?? '')
        .filter(s => s.metadata.labels?.[SERVICE_LABEL] === at.name && s.metadata.labels[MANAGED_BY] === CONTROLLER);
      const endpoints = await getOrUndefined(c.client, ENDPOINTS, at, { signal });
      const service = endpoints && isWritten(endpoints) ? await getOrUndefined(c.client, SERVICES, at, { signal }) : undefined;
      const wanted = endpoints && service && service.spec.selector === undefined ? mirrored(endpoints) : [];
      const spare = [...present];
      for (const slice of wanted) {
        const like = spare.findIndex(s => s.addressType === slice.addressType && equal(s.ports ?? [], slice.ports ?? []));
        const [same] = like < 0 ? [] : spare.splice(like, 1);
        if (endpoints) await writeSlice(c, endpoints, same, slice);
      }
      for (const surplus of spare) await deleteObject(c.client, SLICES, surplus);
      return {};
    },
  });
}

/** Neither left out by its label nor the lock of an election. */
function isWritten({ metadata }: Endpoints): boolean {
  return !metadata.deletionTimestamp && metadata.labels?.[SKIP] !== 'true' && metadata.annotations?.[LEADER] === undefined;
}

/** One slice for each set of ports and family of addresses. */
function mirrored(endpoints: Endpoints): Mirrored[] {
  const found = new Map<string, Growing>();
  for (const subset of endpoints.subsets ?? []) {
    const ports = fieldsOf(subset['ports']).map(p => ({ ...p, name: p['name'] ?? '', protocol: p['protocol'] ?? 'TCP' }));
    for (const [list, ready] of [[subset['addresses'], true] as const, [subset['notReadyAddresses'], false] as const])
      for (const address of fieldsOf(list)) {
        const family = isIP(String(address['ip']));
        if (family === 0) continue;
        const addressType = `IPv${family}`;
        const key = JSON.stringify([addressType, ports]);
        const slice: Growing = found.get(key) ?? { addressType, ports, endpoints: [] };
        found.set(key, slice);
        slice.endpoints.push(endpointOf(address, ready));
      }
  }
  return [...found.values()];
}

function endpointOf({ ip, ...rest }: Fields, ready: boolean): Fields {
  return { addresses: [ip], conditions: { ready }, ...rest };
}

const fieldsOf = (list: unknown): Fields[] => (Array.isArray(list) ? list.map(objectOf) : []);

async function writeSlice(c: MemberContext, from: Endpoints, present: EndpointSlice | undefined, wanted: Mirrored): Promise<void> {
  const { namespace = '', name = '' } = from.metadata;
  const labels = { ...from.metadata.labels, [SERVICE_LABEL]: name, [MANAGED_BY]: CONTROLLER };
  const annotations = Object.fromEntries(Object.entries(from.metadata.annotations ?? {}).filter(([k]) => !NOT_MIRRORED.has(k)));
  if (!present) {
    const metadata = { generateName: `${name}-`, namespace, labels, annotations, ownerReferences: [ownedBy(from)] };
    await c.client.create(SLICES, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...wanted });
    return;
  }
  const { metadata } = present;
  if (equal(present.endpoints ?? [], wanted.endpoints) && equal(metadata.labels, labels) && equal(metadata.annotations ?? {}, annotations))
    return;
  await c.client.update(SLICES, { ...present, ...wanted, metadata: { ...metadata, labels, annotations } });
}
