// The addresses behind a Service: its pods as EndpointSlices, and as Endpoints for older clients.
import {
  equal,
  fromInformer,
  getOrUndefined,
  isStatusError,
  labelSelector,
  parseKey,
  type Runnable,
  type Source,
  timestamp,
} from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import {
  ENDPOINTS,
  type EndpointSlice,
  type Endpoints,
  PODS,
  type Pod,
  SERVICES,
  type Service,
  type ServicePort,
  SLICES,
} from '../kinds.ts';
import { ownedBy } from '../owners.ts';
import { hasEnded, isReady, isTerminating } from '../workloads/pod-state.ts';
import { deleteObject } from '../writing.ts';

const SLICE_MAX = 100;
const SERVICE_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER = 'endpointslice-controller.k8s.io';
/** When what a slice says last changed. */
const CHANGED = 'endpoints.kubernetes.io/last-change-trigger-time';
const HEADLESS = 'service.kubernetes.io/headless';

export function endpointsController(c: MemberContext): Runnable {
  const services = c.informer(SERVICES);
  return loop(c, {
    name: 'endpoints',
    sources: [
      fromInformer(services),
      fromInformer(c.informer(PODS), {
        keys: ({ object, old }) =>
          c
            .children(SERVICES)
            .in(object.metadata.namespace ?? '')
            .filter(s => selects(s, object) || (old !== undefined && selects(s, old)))
            .map(s => `${s.metadata.namespace}/${s.metadata.name}`),
      }),
      serviceOf(c),
    ],
    async reconcile(key, signal) {
      const service = await getOrUndefined(c.client, SERVICES, parseKey(key), { signal });
      // Endpoints have no owner: they go with the Service of their name.
      if (!service) await deleteEndpoints(c, parseKey(key));
      if (!service || service.metadata.deletionTimestamp || !hasSelector(service)) return {};
      const { namespace = '' } = service.metadata;
      const pods = c
        .children(PODS)
        .in(namespace)
        .filter(pod => selects(service, pod) && pod.status?.podIP && !hasEnded(pod));
      await syncSlices(c, service, pods);
      await syncEndpoints(c, service, pods);
      return {};
    },
  });
}

/** A slice that somebody deleted or changed is made right again. */
function serviceOf(c: MemberContext): Source {
  return fromInformer(c.informer(SLICES), {
    when: change => change.object.metadata.labels?.[MANAGED_BY] === CONTROLLER,
    keys: ({ object }) => [`${object.metadata.namespace}/${object.metadata.labels?.[SERVICE_LABEL]}`],
  });
}

const hasSelector = (s: Service): boolean => Object.keys(s.spec.selector ?? {}).length > 0 && s.spec.type !== 'ExternalName';

const selects = (s: Service, pod: Pod): boolean =>
  hasSelector(s) && labelSelector({ matchLabels: s.spec.selector ?? {} }).matches(pod.metadata.labels ?? {});

/** The number a pod answers on for a port of a Service; undefined where it has no port of that name. */
function targetOf(port: ServicePort, pod: Pod): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  const found = pod.spec.containers
    .flatMap(x => x.ports ?? [])
    .find(p => p.name === target && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'));
  return found?.containerPort;
}

interface Group {
  readonly ports: readonly Readonly<Record<string, unknown>>[];
  readonly pods: Pod[];
}

/** Pods that answer on the same numbers. */
function groups(service: Service, pods: readonly Pod[]): Group[] {
  const found = new Map<string, Group>();
  for (const pod of [...pods].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))) {
    const ports = (service.spec.ports ?? []).flatMap(p => {
      const port = targetOf(p, pod);
      const protocol = p.protocol ?? 'TCP';
      return port === undefined ? [] : [{ name: p.name ?? '', port, protocol, ...(p.appProtocol ? { appProtocol: p.appProtocol } : {}) }];
    });
    const key = JSON.stringify(ports);
    const group: Group = found.get(key) ?? { ports, pods: [] };
    found.set(key, group);
    group.pods.push(pod);
  }
  return [...found.values()];
}

function endpointOf(service: Service, pod: Pod): Readonly<Record<string, unknown>> {
  const terminating = isTerminating(pod);
  const serving = isReady(pod);
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  return {
    addresses: [pod.status?.podIP],
    conditions: { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {}),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

type Wanted = Pick<EndpointSlice, 'endpoints' | 'ports'>;

async function syncSlices(c: MemberContext, service: Service, pods: readonly Pod[]): Promise<void> {
  const { name = '' } = service.metadata;
  const present = c
    .children(SLICES)
    .of(service.metadata.uid)
    .filter(slice => slice.metadata.labels?.[SERVICE_LABEL] === name && slice.metadata.labels[MANAGED_BY] === CONTROLLER);
  const wanted: Wanted[] = groups(service, pods).flatMap(g =>
    chunks(g.pods).map(p => ({ ports: g.ports, endpoints: p.map(pod => endpointOf(service, pod)) })),
  );
  if (wanted.length === 0) wanted.push({ endpoints: [], ports: [] });
  for (const [i, slice] of wanted.entries()) await writeSlice(c, service, present[i], slice);
  for (const surplus of present.slice(wanted.length)) await deleteObject(c.client, SLICES, surplus);
}

function chunks(pods: readonly Pod[]): (readonly Pod[])[] {
  return Array.from({ length: Math.ceil(pods.length / SLICE_MAX) }, (_, i) => pods.slice(i * SLICE_MAX, (i + 1) * SLICE_MAX));
}

async function writeSlice(c: MemberContext, service: Service, present: EndpointSlice | undefined, wanted: Wanted): Promise<void> {
  const { namespace = '', name = '', labels: own } = service.metadata;
  const headless = service.spec.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
  const labels = { ...own, [SERVICE_LABEL]: name, [MANAGED_BY]: CONTROLLER, ...headless };
  if (present) {
    if (
      equal(present.endpoints ?? [], wanted.endpoints) &&
      equal(present.ports ?? [], wanted.ports) &&
      equal(present.metadata.labels, labels)
    )
      return;
    const annotations = { ...present.metadata.annotations, [CHANGED]: timestamp(c.clock.now()) };
    await c.client.update(SLICES, { ...present, metadata: { ...present.metadata, labels, annotations }, ...wanted });
    return;
  }
  await c.client.create(SLICES, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels,
      annotations: { [CHANGED]: timestamp(c.clock.now()) },
      ownerReferences: [ownedBy(service)],
    },
    addressType: 'IPv4',
    ...wanted,
  });
}

async function syncEndpoints(c: MemberContext, service: Service, pods: readonly Pod[]): Promise<void> {
  const { namespace = '', name = '', labels = {} } = service.metadata;
  const live = pods.filter(pod => !isTerminating(pod));
  const subsets = groups(service, live).map(g => {
    const ready = g.pods.filter(pod => service.spec.publishNotReadyAddresses === true || isReady(pod));
    const rest = g.pods.filter(pod => !ready.includes(pod));
    return {
      ...(ready.length > 0 ? { addresses: ready.map(addressOf) } : {}),
      ...(rest.length > 0 ? { notReadyAddresses: rest.map(addressOf) } : {}),
      ports: g.ports,
    };
  });
  const wanted: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace, labels, annotations: { [CHANGED]: timestamp(c.clock.now()) } },
    ...(subsets.length > 0 ? { subsets } : {}),
  };
  const present = await getOrUndefined(c.client, ENDPOINTS, { namespace, name });
  if (present && equal(present.subsets ?? [], subsets) && equal(present.metadata.labels ?? {}, labels)) return;
  if (present)
    return void (await c.client.update(ENDPOINTS, {
      ...wanted,
      metadata: { ...present.metadata, labels, annotations: { ...present.metadata.annotations, ...wanted.metadata.annotations } },
    }));
  try {
    await c.client.create(ENDPOINTS, wanted);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

async function deleteEndpoints(c: MemberContext, at: { readonly namespace?: string; readonly name: string }): Promise<void> {
  const left = await getOrUndefined(c.client, ENDPOINTS, at);
  if (left) await deleteObject(c.client, ENDPOINTS, left);
}

function addressOf(pod: Pod): Record<string, unknown> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const node = pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {};
  return { ip: pod.status?.podIP, ...node, targetRef: { kind: 'Pod', namespace, name, uid } };
}
