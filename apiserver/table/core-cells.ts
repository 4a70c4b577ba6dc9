// The cells of the core group's small kinds, of nodes and events.
import { at, isObject, objectOf } from '../../kube/index.ts';
import { age, type Cells, items, NONE, name, number, orNone, quantityText, since, text, UNKNOWN } from './cells.ts';
import { podCells } from './pod-cells.ts';

function nodeStatus(node: unknown): string {
  const ready = items(node, 'status', 'conditions').findLast(c => c['type'] === 'Ready');
  const status = [ready ? (ready['status'] === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (at(node, 'spec', 'unschedulable') === true) status.push('SchedulingDisabled');
  return status.join(',');
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function nodeRoles(node: unknown): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(objectOf(at(node, 'metadata', 'labels')))) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(String(value));
  }
  return orNone([...roles].sort().join(','));
}

function nodeAddress(node: unknown, type: string): string {
  const found = items(node, 'status', 'addresses').find(a => a['type'] === type);
  return found ? text(found, 'address') : NONE;
}

function kernel(node: unknown): string {
  const version = text(node, 'status', 'nodeInfo', 'kernelVersion') || UNKNOWN;
  const architecture = text(node, 'status', 'nodeInfo', 'architecture');
  return architecture ? `${version} (${architecture})` : version;
}

const eventSource = (component: string, instance: string): string => (instance === '' ? component : `${component}, ${instance}`);

/** Both kinds of event; the names of the fields differ. */
function eventCells(o: {
  readonly about: string;
  readonly count: string;
  readonly first: string;
  readonly last: string;
  readonly source: string;
  readonly message: string;
}): Cells {
  return (event, now) => {
    const given = (field: string): unknown => at(event, field);
    const first = given(o.first) ? since(given(o.first), now) : since(given('eventTime'), now);
    const series = given('series');
    const last = isObject(series) ? since(series['lastObservedTime'], now) : given(o.last) ? since(given(o.last), now) : first;
    const count = isObject(series) ? number(series, 'count') : number(event, o.count) || 1;
    const kind = text(event, o.about, 'kind').toLowerCase();
    const about = text(event, o.about, 'name');
    const component =
      text(event, o.source, 'component') || text(event, o.about === 'regarding' ? 'reportingController' : 'reportingComponent');
    return [
      last,
      text(event, 'type'),
      text(event, 'reason'),
      about ? `${kind}/${about}` : kind,
      text(event, o.about, 'fieldPath'),
      eventSource(component, text(event, o.source, 'host') || text(event, 'reportingInstance')),
      text(event, o.message).trim(),
      first,
      count,
      name(event),
    ];
  };
}

function quotaText(quota: unknown, limits: boolean): string {
  const hard = objectOf(at(quota, 'status', 'hard'));
  const used = objectOf(at(quota, 'status', 'used'));
  return Object.keys(hard)
    .filter(key => key.startsWith('limits') === limits)
    .sort()
    .map(key => `${key}: ${quantityText(used[key])}/${quantityText(hard[key])}`)
    .join(', ');
}

const size = (value: unknown): number => Object.keys(objectOf(value)).length;

export const coreCells: Readonly<Record<string, Cells>> = {
  'v1 Pod': podCells,
  'v1 ConfigMap': (o, now) => [name(o), size(o['data']) + size(o['binaryData']), age(o, now)],
  'v1 Secret': (o, now) => [name(o), text(o, 'type'), size({ ...objectOf(o['data']), ...objectOf(o['stringData']) }), age(o, now)],
  'v1 ServiceAccount': (o, now) => [name(o), age(o, now)],
  'v1 Namespace': (o, now) => [name(o), text(o, 'status', 'phase'), age(o, now)],
  'v1 Node': (o, now) => [
    name(o),
    nodeStatus(o),
    nodeRoles(o),
    age(o, now),
    text(o, 'status', 'nodeInfo', 'kubeletVersion'),
    nodeAddress(o, 'InternalIP'),
    nodeAddress(o, 'ExternalIP'),
    text(o, 'status', 'nodeInfo', 'osImage') || UNKNOWN,
    kernel(o),
    text(o, 'status', 'nodeInfo', 'containerRuntimeVersion') || UNKNOWN,
  ],
  'v1 Event': eventCells({
    about: 'involvedObject',
    count: 'count',
    first: 'firstTimestamp',
    last: 'lastTimestamp',
    source: 'source',
    message: 'message',
  }),
  'events.k8s.io/v1 Event': eventCells({
    about: 'regarding',
    count: 'deprecatedCount',
    first: 'deprecatedFirstTimestamp',
    last: 'deprecatedLastTimestamp',
    source: 'deprecatedSource',
    message: 'note',
  }),
  'v1 ResourceQuota': (o, now) => [name(o), quotaText(o, false), quotaText(o, true), age(o, now)],
  'v1 ComponentStatus': o => {
    const healthy = items(o, 'conditions').find(c => c['type'] === 'Healthy');
    const status = healthy?.['status'] === 'True' ? 'Healthy' : healthy?.['status'] === 'False' ? 'Unhealthy' : 'Unknown';
    return [name(o), status, text(healthy, 'message'), text(healthy, 'error')];
  },
  'certificates.k8s.io/v1 CertificateSigningRequest': (o, now) => {
    const seconds = at(o, 'spec', 'expirationSeconds');
    const types = new Set(items(o, 'status', 'conditions').map(c => c['type']));
    let state = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending';
    if (types.has('Failed')) state += ',Failed';
    if (text(o, 'status', 'certificate') !== '') state += ',Issued';
    const duration = typeof seconds === 'number' ? since(new Date(now - seconds * 1000).toISOString(), now) : NONE;
    return [name(o), age(o, now), orNone(text(o, 'spec', 'signerName')), text(o, 'spec', 'username'), duration, state];
  },
  'resource.k8s.io/v1 ResourceClaim': (o, now) => [name(o), claimState(o), age(o, now)],
  'resource.k8s.io/v1 ResourceClaimTemplate': (o, now) => [name(o), age(o, now)],
  'resource.k8s.io/v1 DeviceClass': (o, now) => [name(o), age(o, now)],
};

function claimState(claim: unknown): string {
  const states: string[] = [];
  if (at(claim, 'metadata', 'deletionTimestamp')) states.push('deleted');
  if (!at(claim, 'status', 'allocation')) {
    if (!at(claim, 'metadata', 'deletionTimestamp')) states.push('pending');
  } else {
    states.push('allocated');
    if (items(claim, 'status', 'reservedFor').length > 0) states.push('reserved');
  }
  return states.join(',');
}
