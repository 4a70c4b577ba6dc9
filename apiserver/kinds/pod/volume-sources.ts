// Rules of the volume sources that pods and PersistentVolumes share.
import { dns1123Subdomain } from '../../../kube/index.ts';
import { child, invalidValue, notSupported, required, texts, tooLong } from '../checks.ts';
import { type Faults, has, number, type Obj, optional, strings, text } from '../read.ts';
import { noBacksteps } from './local-path.ts';

export type SourceCheck = (faults: Faults, path: string, source: Obj) => void;

const need =
  (...keys: readonly string[]): SourceCheck =>
  (faults, at, s) => {
    for (const key of keys) if (text(s, key) === '') faults.push(required(child(at, key)));
  };

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

function hostPath(faults: Faults, at: string, s: Obj): void {
  const path = text(s, 'path');
  if (path === '') {
    faults.push(required(child(at, 'path')));
    return;
  }
  noBacksteps(faults, child(at, 'path'), path);
  const type = text(s, 'type');
  if (has(s, 'type') && !HOST_PATH_TYPES.includes(type)) faults.push(notSupported(child(at, 'type'), type, HOST_PATH_TYPES));
}

function nfs(faults: Faults, at: string, s: Obj): void {
  if (text(s, 'server') === '') faults.push(required(child(at, 'server')));
  const path = text(s, 'path');
  if (path === '') faults.push(required(child(at, 'path')));
  if (!path.startsWith('/')) faults.push(invalidValue(child(at, 'path'), path, 'must be an absolute path'));
}

function partition(faults: Faults, at: string, s: Obj): void {
  const n = number(s, 'partition');
  if (n < 0 || n > 255) faults.push(invalidValue(child(at, 'partition'), n, 'must be between 0 and 255, inclusive'));
}

const IQN = /^iqn\.\d{4}-\d{2}\.([a-z0-9]([-a-z0-9]*[a-z0-9])?)(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:[^:]+)*$/;

function iscsi(faults: Faults, at: string, s: Obj): void {
  if (text(s, 'targetPortal') === '') faults.push(required(child(at, 'targetPortal')));
  const iqn = text(s, 'iqn');
  if (iqn === '') faults.push(required(child(at, 'iqn')));
  else if (!/^(iqn|eui|naa)/.test(iqn))
    faults.push(invalidValue(child(at, 'iqn'), iqn, 'must be valid format starting with iqn, eui, or naa'));
  else if (
    (iqn.startsWith('iqn') && !IQN.test(iqn)) ||
    (iqn.startsWith('eui') && !/^eui\.[a-f0-9A-F]{16}$/.test(iqn)) ||
    (iqn.startsWith('naa') && !/^naa\.[a-f0-9A-F]{32}$/.test(iqn))
  )
    faults.push(invalidValue(child(at, 'iqn'), iqn, 'must be valid format'));
  const lun = number(s, 'lun');
  if (lun < 0 || lun > 255) faults.push(invalidValue(child(at, 'lun'), lun, 'must be between 0 and 255, inclusive'));
  const chap = s['chapAuthDiscovery'] === true || s['chapAuthSession'] === true;
  if (chap && !has(s, 'secretRef')) faults.push(required(child(at, 'secretRef')));
  if (has(s, 'initiatorName') && !IQN.test(text(s, 'initiatorName')))
    faults.push(invalidValue(child(at, 'initiatorname'), text(s, 'initiatorName'), 'must be valid format'));
}

function fc(faults: Faults, at: string, s: Obj): void {
  const names = strings(s, 'targetWWNs');
  const ids = strings(s, 'wwids');
  if (names.length === 0 && ids.length === 0)
    faults.push(required(child(at, 'targetWWNs'), 'must specify either targetWWNs or wwids, but not both'));
  if (names.length > 0 && ids.length > 0)
    faults.push(invalidValue(child(at, 'targetWWNs'), names, 'targetWWNs and wwids can not be specified simultaneously'));
  if (names.length === 0) return;
  if (!has(s, 'lun')) faults.push(required(child(at, 'lun'), 'lun is required if targetWWNs is specified'));
  else if (number(s, 'lun') < 0 || number(s, 'lun') > 255)
    faults.push(invalidValue(child(at, 'lun'), number(s, 'lun'), 'must be between 0 and 255, inclusive'));
}

function quobyte(faults: Faults, at: string, s: Obj): void {
  const registry = text(s, 'registry');
  if (registry === '') faults.push(required(child(at, 'registry'), 'must be a host:port pair or multiple pairs separated by commas'));
  else if (registry.length >= 65536) faults.push(invalidValue(child(at, 'registry'), registry, 'must not be longer than 65535 characters'));
  else if (registry.split(',').some(pair => !/^[^:]+:\d+$/.test(pair)))
    faults.push(invalidValue(child(at, 'registry'), registry, 'must be a host:port pair or multiple pairs separated by commas'));
  if (text(s, 'volume') === '') faults.push(required(child(at, 'volume')));
}

const DISK_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';
const MANAGED_URI = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const CACHING = ['None', 'ReadOnly', 'ReadWrite'];
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared'];

function azureDisk(faults: Faults, at: string, s: Obj): void {
  if (text(s, 'diskName') === '') faults.push(required(child(at, 'diskName')));
  const uri = text(s, 'diskURI');
  if (uri === '') faults.push(required(child(at, 'diskURI')));
  if (has(s, 'cachingMode') && !CACHING.includes(text(s, 'cachingMode')))
    faults.push(notSupported(child(at, 'cachingMode'), text(s, 'cachingMode'), CACHING));
  const kind = text(s, 'kind');
  if (has(s, 'kind') && !DISK_KINDS.includes(kind)) faults.push(notSupported(child(at, 'kind'), kind, DISK_KINDS));
  if (kind === 'Managed' && !uri.startsWith('/subscriptions')) faults.push(notSupported(child(at, 'diskURI'), uri, [MANAGED_URI]));
  if (kind !== 'Managed' && !uri.startsWith('https')) faults.push(notSupported(child(at, 'diskURI'), uri, [DISK_URI]));
}

function flocker(faults: Faults, at: string, s: Obj): void {
  const name = text(s, 'datasetName');
  const id = text(s, 'datasetUUID');
  if (name === '' && id === '') faults.push(required(at, 'one of datasetName and datasetUUID is required'));
  if (name !== '' && id !== '')
    faults.push(invalidValue(at, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  if (name.startsWith('/') || name.includes('/')) faults.push(invalidValue(child(at, 'datasetName'), name, "must not contain '/'"));
}

function portworx(faults: Faults, at: string, s: Obj): void {
  if (text(s, 'volumeID') === '') faults.push(required(child(at, 'volumeID')));
}

function cephfs(faults: Faults, at: string, s: Obj): void {
  if (strings(s, 'monitors').length === 0) faults.push(required(child(at, 'monitors')));
}

function rbd(faults: Faults, at: string, s: Obj): void {
  cephfs(faults, at, s);
  if (text(s, 'image') === '') faults.push(required(child(at, 'image')));
}

function csi(faults: Faults, at: string, s: Obj): void {
  driverName(faults, child(at, 'driver'), text(s, 'driver'));
  const secret = optional(s, 'nodePublishSecretRef');
  if (!secret) return;
  const path = child(child(at, 'nodePublishSecretRef'), 'name');
  if (text(secret, 'name') === '') faults.push(required(path));
}

/** Name of a CSI driver. */
export function driverName(faults: Faults, path: string, name: string): void {
  if (name === '') {
    faults.push(required(path));
    return;
  }
  if (name.length > 63) faults.push(tooLong(path, 63));
  const lower = name.toLowerCase();
  texts(faults, path, lower, dns1123Subdomain(lower));
}

/** Rules by source; those that pods alone have lie with the pod's volumes. */
export const INLINE_SOURCES: Readonly<Record<string, SourceCheck>> = {
  hostPath,
  nfs,
  iscsi,
  fc,
  quobyte,
  azureDisk,
  flocker,
  cephfs,
  rbd,
  csi,
  gcePersistentDisk: (f, at, s) => {
    need('pdName')(f, at, s);
    partition(f, at, s);
  },
  awsElasticBlockStore: (f, at, s) => {
    need('volumeID')(f, at, s);
    partition(f, at, s);
  },
  glusterfs: need('endpoints', 'path'),
  cinder: (f, at, s) => {
    need('volumeID')(f, at, s);
    const secret = optional(s, 'secretRef');
    if (secret && text(secret, 'name') === '') f.push(required(child(child(at, 'secretRef'), 'name')));
  },
  flexVolume: (f, at, s) => {
    need('driver')(f, at, s);
    for (const key of Object.keys(optional(s, 'options') ?? {}))
      if (key.startsWith('kubernetes.io/')) f.push(invalidValue(child(at, 'options'), key, `"${key}" is reserved for internal use`));
  },
  azureFile: need('secretName', 'shareName'),
  vsphereVolume: need('volumePath'),
  photonPersistentDisk: need('pdID'),
  portworxVolume: portworx,
  storageos: (f, at, s) => {
    if (text(s, 'volumeNamespace') !== '' && text(s, 'volumeName') === '') f.push(required(child(at, 'volumeName')));
  },
  scaleIO: (f, at, s) => {
    need('gateway', 'system', 'volumeName')(f, at, s);
  },
  local: (f, at, s) => {
    const path = text(s, 'path');
    if (path === '') f.push(required(child(at, 'path')));
    else noBacksteps(f, child(at, 'path'), path);
  },
};
