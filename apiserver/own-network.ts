// What a new API server tells of its network: the range of its Services, and its own address behind the Service `kubernetes`
// (shared reference: fresh objects). The range is made once; the address is kept as it is now.
import {
  type AnyObject,
  apiVersionOf,
  at,
  type Client,
  equal,
  getOrUndefined,
  keyOf,
  type Resource,
  resource,
  timestamp,
} from '../kube/index.ts';
import { ensure } from './bootstrap.ts';

export interface OwnNetwork {
  /** `10.96.0.0/12`. */
  readonly serviceRange: string;
  /** Where others reach this server, IPv4, not of the loopback range; absent where they cannot. */
  readonly address?: string;
  readonly port: number;
  /** Milliseconds. */
  readonly now: number;
}

const RANGES = resource({ group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', plural: 'servicecidrs', scope: 'Cluster' });
const ENDPOINTS = resource({ group: '', version: 'v1', kind: 'Endpoints', plural: 'endpoints', scope: 'Namespaced' });
const SLICES = resource({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
});
const SERVICE = { namespace: 'default', name: 'kubernetes' };

export async function ensureOwnNetwork(client: Client, o: OwnNetwork): Promise<void> {
  await ensureServiceRange(client, o);
  const { address, port } = o;
  if (address === undefined) return;
  const ports = [{ name: 'https', protocol: 'TCP', port }];
  await keep(client, ENDPOINTS, {
    metadata: { ...SERVICE, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: address }], ports }],
  });
  await keep(client, SLICES, {
    metadata: { ...SERVICE, labels: { 'kubernetes.io/service-name': SERVICE.name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports,
  });
}

async function ensureServiceRange(client: Client, { serviceRange, now }: OwnNetwork): Promise<void> {
  const range = typed(RANGES, { metadata: { name: SERVICE.name }, spec: { cidrs: [serviceRange] } });
  await ensure(client, RANGES, range);
  const present = await getOrUndefined(client, RANGES, keyOf(range));
  if (!present || at(present, 'status', 'conditions')) return;
  const message = 'Kubernetes default Service CIDR is ready';
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: timestamp(now), reason: '', message }];
  await client.update(RANGES, { ...present, status: { conditions } }, { subresource: 'status' });
}

/** Makes the object, or makes what is there say the same; labels of others stay. */
async function keep(client: Client, r: Resource<AnyObject>, fields: Wanted): Promise<void> {
  const wanted = typed(r, fields);
  const present = await getOrUndefined(client, r, keyOf(wanted));
  if (!present) return ensure(client, r, wanted);
  const { metadata, ...content } = fields;
  if (Object.entries(content).every(([key, value]) => equal(present[key], value))) return;
  await client.update(r, {
    ...present,
    ...content,
    metadata: { ...present.metadata, labels: { ...present.metadata.labels, ...metadata.labels } },
  });
}

interface Wanted extends Readonly<Record<string, unknown>> {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
}

const typed = (r: Resource<AnyObject>, object: object): AnyObject =>
  ({ apiVersion: apiVersionOf(r), kind: r.kind, ...object }) as unknown as AnyObject;
