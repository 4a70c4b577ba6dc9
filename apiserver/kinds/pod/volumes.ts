// Rules of volumes in a pod: one source each, with the rules of that source.
import { configMapKey, dns1123Label, formatQuantity, signOfQuantity } from '../../../kube/index.ts';
import { child, duplicate, forbiddenField, index, invalidValue, notSupported, required, texts } from '../checks.ts';
import { type Faults, has, items, number, type Obj, optional, sub, text } from '../read.ts';
import { claimSpec } from './claim-spec.ts';
import { resourceFieldRef } from './container.ts';
import { fieldPathFaults } from './field-ref.ts';
import { localDescending, noBacksteps } from './local-path.ts';
import { quantity } from './resources.ts';
import { INLINE_SOURCES, type SourceCheck } from './volume-sources.ts';

const MODE = 'must be a number between 0 and 0777 (octal), both inclusive';

/** Checks spec.volumes; answers the sound ones by name. */
export function volumes(faults: Faults, path: string, spec: Obj): ReadonlyMap<string, Obj> {
  const sound = new Map<string, Obj>();
  items(spec, 'volumes').forEach((v, i) => {
    const at = index(path, i);
    const own: Faults = [];
    const name = text(v, 'name');
    volumeSource(own, at, v);
    if (name === '') own.push(required(child(at, 'name')));
    else texts(own, child(at, 'name'), name, dns1123Label(name));
    if (sound.has(name)) own.push(duplicate(child(at, 'name'), name));
    if (own.length === 0) sound.set(name, v);
    else faults.push(...own);
  });
  return sound;
}

const POD_SOURCES: Readonly<Record<string, SourceCheck>> = {
  emptyDir: emptyDir,
  gitRepo: gitRepo,
  secret: (f, at, s) => {
    if (text(s, 'secretName') === '') f.push(required(child(at, 'secretName')));
    keyItems(f, at, s, 'secret default mode');
  },
  configMap: (f, at, s) => {
    if (text(s, 'name') === '') f.push(required(child(at, 'name')));
    keyItems(f, at, s, 'configMap default mode');
  },
  persistentVolumeClaim: (f, at, s) => {
    if (text(s, 'claimName') === '') f.push(required(child(at, 'claimName')));
  },
  downwardAPI: (f, at, s) => {
    mode(f, child(at, 'defaultMode'), s, 'defaultMode');
    downwardItems(f, at, s);
  },
  ephemeral: ephemeral,
  image: (f, at, s) => {
    if (text(s, 'reference') === '' && at.startsWith('spec.volumes')) f.push(required(child(at, 'reference')));
    const policy = text(s, 'pullPolicy');
    if (!['Always', 'IfNotPresent', 'Never'].includes(policy))
      f.push(notSupported(child(at, 'pullPolicy'), policy, ['Always', 'IfNotPresent', 'Never']));
  },
};

const ORDER = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
];

function volumeSource(faults: Faults, at: string, v: Obj): void {
  let seen = false;
  for (const key of ORDER) {
    const source = optional(v, key);
    if (!source) continue;
    if (seen) {
      // So the reference spells it here.
      faults.push(forbiddenField(child(at, key === 'downwardAPI' ? 'downwarAPI' : key), 'may not specify more than 1 volume type'));
      continue;
    }
    seen = true;
    if (key === 'projected') projected(faults, child(at, key), source);
    else (POD_SOURCES[key] ?? INLINE_SOURCES[key])?.(faults, child(at, key), source);
  }
  if (!seen) faults.push(required(at, 'must specify a volume type'));
}

function emptyDir(faults: Faults, at: string, s: Obj): void {
  if (!has(s, 'sizeLimit')) return;
  const size = quantity(s['sizeLimit']);
  if (signOfQuantity(size) < 0) faults.push(forbiddenField(child(at, 'sizeLimit'), 'SizeLimit field must be a valid resource quantity'));
  if (signOfQuantity(size) < 0) faults.push(invalidValue(child(at, 'sizeLimit'), formatQuantity(size), 'must be positive'));
}

function gitRepo(faults: Faults, at: string, s: Obj): void {
  if (text(s, 'repository') === '') faults.push(required(child(at, 'repository')));
  localDescending(faults, child(at, 'directory'), text(s, 'directory'));
}

function mode(faults: Faults, path: string, s: Obj, key: string): void {
  if (!has(s, key)) return;
  const n = number(s, key);
  if (n < 0 || n > 0o777) faults.push(invalidValue(path, n, MODE));
}

function keyItems(faults: Faults, at: string, s: Obj, _what: string): void {
  mode(faults, child(at, 'defaultMode'), s, 'defaultMode');
  items(s, 'items').forEach((item, i) => {
    keyToPath(faults, index(child(at, 'items'), i), item);
  });
}

function keyToPath(faults: Faults, at: string, item: Obj): void {
  const key = text(item, 'key');
  if (key === '') faults.push(required(child(at, 'key')));
  else texts(faults, child(at, 'key'), key, configMapKey(key));
  const path = text(item, 'path');
  if (path === '') faults.push(required(child(at, 'path')));
  else localNonReserved(faults, child(at, 'path'), path);
  mode(faults, child(at, 'mode'), item, 'mode');
}

function localNonReserved(faults: Faults, path: string, target: string): void {
  localDescending(faults, path, target);
  if (target.startsWith('..') && !target.startsWith('../')) faults.push(invalidValue(path, target, "must not start with '..'"));
}

const FILE_RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

function downwardItems(faults: Faults, at: string, s: Obj): void {
  for (const file of items(s, 'items')) {
    const path = text(file, 'path');
    if (path === '') faults.push(required(child(at, 'path')));
    else localNonReserved(faults, child(at, 'path'), path);
    const field = optional(file, 'fieldRef');
    const resource = optional(file, 'resourceFieldRef');
    if (field) {
      fieldPathFaults(faults, child(at, 'fieldRef'), field, 'file');
      if (resource) faults.push(invalidValue(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    } else if (resource) {
      if (text(resource, 'containerName') === '') faults.push(required(child(child(at, 'resourceFieldRef'), 'containerName')));
      else resourceFieldRef(faults, child(at, 'resourceFieldRef'), resource, FILE_RESOURCES);
    } else faults.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
    mode(faults, child(at, 'mode'), file, 'mode');
  }
}

function ephemeral(faults: Faults, at: string, s: Obj): void {
  const template = optional(s, 'volumeClaimTemplate');
  if (!template) faults.push(required(child(at, 'volumeClaimTemplate')));
  else claimSpec(faults, child(child(at, 'volumeClaimTemplate'), 'spec'), sub(template, 'spec'));
}

function projected(faults: Faults, at: string, s: Obj): void {
  mode(faults, child(at, 'defaultMode'), s, 'defaultMode');
  const paths = new Set<string>();
  items(s, 'sources').forEach((source, i) => {
    projectedSource(faults, { at, source: index(child(at, 'sources'), i), paths }, source);
  });
}

interface Projection {
  readonly at: string;
  readonly source: string;
  readonly paths: Set<string>;
}

const PROJECTIONS = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle', 'podCertificate'];

function projectedSource(faults: Faults, p: Projection, source: Obj): void {
  const set = PROJECTIONS.filter(key => has(source, key));
  set.slice(1).forEach(key => {
    faults.push(forbiddenField(child(p.source, key), 'may not specify more than 1 volume type'));
  });
  const key = set[0];
  if (key === undefined) return;
  const o = sub(source, key);
  const at = child(p.source, key);
  if (key === 'secret' || key === 'configMap') {
    if (text(o, 'name') === '') faults.push(required(child(at, 'name')));
    items(o, 'items').forEach((item, i) => {
      keyToPath(faults, index(child(at, 'items'), i), item);
      conflict(faults, p, text(item, 'path'));
    });
  } else if (key === 'downwardAPI') {
    downwardItems(faults, at, o);
    for (const item of items(o, 'items')) conflict(faults, p, text(item, 'path'));
  } else if (key === 'serviceAccountToken') token(faults, p, o);
  else if (key === 'clusterTrustBundle') trustBundle(faults, p, o);
  else podCertificate(faults, at, o);
}

function conflict(faults: Faults, p: Projection, path: string): void {
  if (path === '') return;
  if (p.paths.has(path)) faults.push(invalidValue(p.at, path, 'conflicting duplicate paths'));
  else p.paths.add(path);
}

function token(faults: Faults, p: Projection, o: Obj): void {
  const at = child(p.source, 'serviceAccountToken');
  const seconds = number(o, 'expirationSeconds');
  if (seconds < 600) faults.push(invalidValue(child(at, 'expirationSeconds'), seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32)
    faults.push(invalidValue(child(at, 'expirationSeconds'), seconds, 'may not specify a duration larger than 2^32 seconds'));
  const path = text(o, 'path');
  if (path === '') faults.push(required(child(p.at, 'path')));
  else {
    localNonReserved(faults, child(p.at, 'path'), path);
    conflict(faults, p, path);
  }
}

function trustBundle(faults: Faults, p: Projection, o: Obj): void {
  const at = child(p.source, 'clusterTrustBundle');
  if (has(o, 'name') === has(o, 'signerName')) {
    const why = has(o, 'name') ? 'only one of name and signerName may be used' : 'either name or signerName must be specified';
    faults.push(has(o, 'name') ? invalidValue(at, null, why) : required(at, why));
  }
  const path = text(o, 'path');
  if (path === '') faults.push(required(child(at, 'path')));
  else {
    localNonReserved(faults, child(at, 'path'), path);
    conflict(faults, p, path);
  }
}

const KEY_TYPES = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096'];

function podCertificate(faults: Faults, at: string, o: Obj): void {
  if (text(o, 'signerName') === '') faults.push(required(child(at, 'signerName')));
  const type = text(o, 'keyType');
  if (!KEY_TYPES.includes(type)) faults.push(notSupported(child(at, 'keyType'), type, KEY_TYPES));
  for (const key of ['credentialBundlePath', 'keyPath', 'certificateChainPath']) noBacksteps(faults, child(at, key), text(o, key));
}
