// The cells of services, ingresses, endpoints and volumes.
import { at, isObject } from '../../kube/index.ts';
import {
  age,
  type Cells,
  items,
  type Json,
  labelText,
  NONE,
  name,
  number,
  quantityText,
  selectorText,
  someOf,
  text,
  UNKNOWN,
  UNSET,
  words,
} from './cells.ts';

/** Addresses a load balancer was given, each once, sorted. */
const balanced = (o: unknown): string =>
  [...new Set(items(o, 'status', 'loadBalancer', 'ingress').map(i => text(i, 'ip') || text(i, 'hostname')))]
    .filter(Boolean)
    .sort()
    .join(',');

function externalIP(service: unknown): string {
  const given = words(service, 'spec', 'externalIPs');
  switch (text(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return given.length > 0 ? given.join(',') : NONE;
    case 'LoadBalancer': {
      const lb = balanced(service);
      if (given.length > 0) return [...(lb ? [lb] : []), ...given].join(',');
      return lb || '<pending>';
    }
    case 'ExternalName':
      return text(service, 'spec', 'externalName');
    default:
      return UNKNOWN;
  }
}

const servicePorts = (service: unknown): string =>
  items(service, 'spec', 'ports')
    .map(p => `${number(p, 'port')}${number(p, 'nodePort') > 0 ? `:${number(p, 'nodePort')}` : ''}/${text(p, 'protocol')}`)
    .join(',') || NONE;

const SHOWN = 3;

function ingressHosts(ingress: unknown): string {
  const rules = items(ingress, 'spec', 'rules');
  const hosts = rules.map(r => text(r, 'host')).filter(Boolean);
  if (hosts.length === 0) return '*';
  return hosts.length > SHOWN ? `${hosts.slice(0, SHOWN).join(',')} + ${rules.length - SHOWN} more...` : hosts.join(',');
}

const hostPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

function endpointsText(endpoints: unknown): string {
  const all = items(endpoints, 'subsets').flatMap(subset => {
    const ips = items(subset, 'addresses').map(a => text(a, 'ip'));
    const ports = items(subset, 'ports');
    return ports.length === 0 ? ips : ports.flatMap(p => ips.map(ip => hostPort(ip, number(p, 'port'))));
  });
  return someOf(all, { max: SHOWN, none: items(endpoints, 'subsets').length > 0 ? '' : NONE });
}

const slicePort = (port: Json): string =>
  typeof port['port'] === 'number' ? String(port['port']) : typeof port['name'] === 'string' ? port['name'] : '*';

function classParameters(ingressClass: unknown): string {
  const p = at(ingressClass, 'spec', 'parameters');
  if (!isObject(p)) return NONE;
  const group = p['apiGroup'];
  return typeof group === 'string' ? `${text(p, 'kind')}.${group}/${text(p, 'name')}` : `${text(p, 'kind')}/${text(p, 'name')}`;
}

const MODES: readonly [string, string][] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];
const accessModes = (modes: readonly string[]): string =>
  MODES.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const storageClass = (o: unknown): string => text(o, 'metadata', 'annotations', CLASS_ANNOTATION) || text(o, 'spec', 'storageClassName');
const ending = (o: unknown, phase: string): string => (at(o, 'metadata', 'deletionTimestamp') ? 'Terminating' : phase);
const orUnset = (value: unknown): string => (value === undefined || value === null ? UNSET : String(value));

const volumeCells: Cells = (o, now) => {
  const claim = at(o, 'spec', 'claimRef');
  return [
    name(o),
    quantityText(at(o, 'spec', 'capacity', 'storage')),
    accessModes(words(o, 'spec', 'accessModes')),
    text(o, 'spec', 'persistentVolumeReclaimPolicy'),
    ending(o, text(o, 'status', 'phase')),
    isObject(claim) ? `${text(claim, 'namespace')}/${text(claim, 'name')}` : '',
    storageClass(o),
    orUnset(at(o, 'spec', 'volumeAttributesClassName')),
    text(o, 'status', 'reason'),
    age(o, now),
    orUnset(at(o, 'spec', 'volumeMode')),
  ];
};

const claimCells: Cells = (o, now) => {
  const bound = text(o, 'spec', 'volumeName') !== '';
  return [
    name(o),
    ending(o, text(o, 'status', 'phase')),
    text(o, 'spec', 'volumeName'),
    bound ? quantityText(at(o, 'status', 'capacity', 'storage')) : '',
    bound ? accessModes(words(o, 'status', 'accessModes')) : '',
    storageClass(o),
    orUnset(at(o, 'spec', 'volumeAttributesClassName')),
    age(o, now),
    orUnset(at(o, 'spec', 'volumeMode')),
  ];
};

function audiences(driver: unknown): string {
  const requests = at(driver, 'spec', 'tokenRequests') ?? at(driver, 'spec', 'serviceAccountTokenInSecrets');
  if (requests === undefined || requests === null) return UNSET;
  return items(driver, 'spec', 'tokenRequests')
    .map(t => text(t, 'audience'))
    .join(',');
}

const DEFAULT_CLASS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

function className(o: Parameters<Cells>[0]): string {
  const standard = DEFAULT_CLASS.some(a => text(o, 'metadata', 'annotations', a) === 'true');
  return standard ? `${name(o)} (default)` : name(o);
}

export const networkCells: Readonly<Record<string, Cells>> = {
  'v1 Service': (o, now) => [
    name(o),
    text(o, 'spec', 'type'),
    at(o, 'spec', 'clusterIPs', 0) === undefined ? NONE : text(o, 'spec', 'clusterIPs', 0),
    externalIP(o),
    servicePorts(o),
    age(o, now),
    labelText(at(o, 'spec', 'selector')),
  ],
  'v1 Endpoints': (o, now) => [name(o), endpointsText(o), age(o, now)],
  'discovery.k8s.io/v1 EndpointSlice': (o, now) => [
    name(o),
    text(o, 'addressType'),
    someOf(items(o, 'ports').map(slicePort), { max: SHOWN, none: UNSET }),
    someOf(
      items(o, 'endpoints').flatMap(e => words(e, 'addresses')),
      { max: SHOWN, none: UNSET },
    ),
    age(o, now),
  ],
  'networking.k8s.io/v1 Ingress': (o, now) => [
    name(o),
    at(o, 'spec', 'ingressClassName') === undefined ? NONE : text(o, 'spec', 'ingressClassName'),
    ingressHosts(o),
    balanced(o),
    items(o, 'spec', 'tls').length > 0 ? '80, 443' : '80',
    age(o, now),
  ],
  'networking.k8s.io/v1 IngressClass': (o, now) => [name(o), text(o, 'spec', 'controller'), classParameters(o), age(o, now)],
  'networking.k8s.io/v1 NetworkPolicy': (o, now) => [name(o), selectorText(at(o, 'spec', 'podSelector') ?? {}), age(o, now)],
  'networking.k8s.io/v1 IPAddress': o => {
    const p = at(o, 'spec', 'parentRef');
    const path = [text(p, 'group'), text(p, 'resource'), text(p, 'namespace'), text(p, 'name')];
    return [name(o), path.filter(Boolean).join('/')];
  },
  'networking.k8s.io/v1 ServiceCIDR': (o, now) => [name(o), words(o, 'spec', 'cidrs').join(','), age(o, now)],
  'v1 PersistentVolume': volumeCells,
  'v1 PersistentVolumeClaim': claimCells,
  'storage.k8s.io/v1 StorageClass': (o, now) => [
    className(o),
    text(o, 'provisioner'),
    at(o, 'reclaimPolicy') === undefined ? 'Delete' : text(o, 'reclaimPolicy'),
    at(o, 'volumeBindingMode') === undefined ? 'Immediate' : text(o, 'volumeBindingMode'),
    at(o, 'allowVolumeExpansion') === true,
    age(o, now),
  ],
  'storage.k8s.io/v1 CSINode': (o, now) => [name(o), items(o, 'spec', 'drivers').length, age(o, now)],
  'storage.k8s.io/v1 CSIDriver': (o, now) => [
    name(o),
    at(o, 'spec', 'attachRequired') !== false,
    at(o, 'spec', 'podInfoOnMount') === true,
    at(o, 'spec', 'storageCapacity') === true,
    audiences(o),
    at(o, 'spec', 'requiresRepublish') === true,
    at(o, 'spec', 'volumeLifecycleModes') === undefined ? 'Persistent' : words(o, 'spec', 'volumeLifecycleModes').join(',') || NONE,
    age(o, now),
  ],
  'storage.k8s.io/v1 VolumeAttachment': (o, now) => [
    name(o),
    text(o, 'spec', 'attacher'),
    text(o, 'spec', 'source', 'persistentVolumeName'),
    text(o, 'spec', 'nodeName'),
    at(o, 'status', 'attached') === true,
    age(o, now),
  ],
  'storage.k8s.io/v1 VolumeAttributesClass': (o, now) => [className(o), text(o, 'driverName'), age(o, now)],
};
