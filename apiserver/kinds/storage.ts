// PersistentVolume, PersistentVolumeClaim and the kinds of storage.k8s.io.
import { compareQuantities, equal, formatQuantity, qualifiedName, signOfQuantity } from '../../kube/index.ts';
import {
  child,
  duplicate,
  forbiddenField,
  IMMUTABLE,
  index,
  invalidValue,
  mapKey,
  notSupported,
  oneOf,
  printableMap,
  required,
  subdomain,
  texts,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { changed, given } from './emptied.ts';
import { printGo } from './go-print.ts';
import { accessModes, claimSpec, VOLUME_MODES } from './pod/claim-spec.ts';
import { claimDefaults, resourceListDefaults, volumeSourceDefaults } from './pod/defaults.ts';
import { quantity, resourceQuantity } from './pod/resources.ts';
import { nodeSelector } from './pod/scheduling.ts';
import { driverName, INLINE_SOURCES } from './pod/volume-sources.ts';
import {
  ensure,
  entries,
  type Faults,
  has,
  inside,
  items,
  number,
  type Obj,
  optional,
  preset,
  presetText,
  strings,
  sub,
  text,
} from './read.ts';
import { jsonDiff } from './unified-diff.ts';

const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
];
const RECLAIM = ['Delete', 'Recycle', 'Retain'];

export const persistentVolume: KindDefinition = {
  scope: 'Cluster',
  status: true,
  deleteReply: 'object',
  // The reference checks a changed volume twice over.
  update: ['full', 'full', 'changes'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    presetText(spec, 'persistentVolumeReclaimPolicy', 'Retain');
    preset(spec, 'volumeMode', 'Filesystem');
    volumeSourceDefaults(spec);
    resourceListDefaults(inside(spec, 'capacity'));
    presetText(ensure(o, 'status'), 'phase', 'Pending');
  },
  prepareCreate(o) {
    const now = text(sub(o, 'metadata'), 'creationTimestamp');
    o['status'] = { phase: 'Pending', ...(now === '' ? {} : { lastPhaseTransitionTime: now }) };
  },
  spec: (faults, o) => volumeSpec(faults, sub(o, 'spec')),
  changes: volumeChanges,
  warnings: o => volumeWarnings(sub(o, 'spec')),
};

function volumeSpec(faults: Faults, spec: Obj): void {
  const modes = strings(spec, 'accessModes');
  if (modes.length === 0) faults.push(required('spec.accessModes'));
  accessModes(faults, 'spec.accessModes', modes);
  capacity(faults, spec);
  if (text(spec, 'persistentVolumeReclaimPolicy') !== '')
    oneOf(faults, 'spec.persistentVolumeReclaimPolicy', text(spec, 'persistentVolumeReclaimPolicy'), RECLAIM);
  const affinity = optional(spec, 'nodeAffinity');
  if (affinity) {
    const must = optional(affinity, 'required');
    if (must) nodeSelector(faults, 'spec.nodeAffinity.required', must);
    else faults.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  }
  volumeSource(faults, spec, affinity !== undefined);
  const className = text(spec, 'storageClassName');
  if (className !== '') subdomain(faults, 'spec.storageClassName', className);
  if (has(spec, 'volumeMode')) oneOf(faults, 'spec.volumeMode', text(spec, 'volumeMode'), VOLUME_MODES);
  if (has(spec, 'volumeAttributesClassName')) {
    const attributes = text(spec, 'volumeAttributesClassName');
    if (attributes === '') faults.push(required('spec.volumeAttributesClassName', 'an empty string is disallowed'));
    else subdomain(faults, 'spec.volumeAttributesClassName', attributes);
    if (!has(spec, 'csi')) faults.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
  }
}

function capacity(faults: Faults, spec: Obj): void {
  const list = sub(spec, 'capacity');
  if (Object.keys(list).length === 0) faults.push(required('spec.capacity'));
  if (!Object.hasOwn(list, 'storage') || Object.keys(list).length > 1)
    faults.push(notSupported('spec.capacity', printableMap(given(spec, 'capacity')), ['storage']));
  for (const [name, value] of entries(spec, 'capacity')) {
    const at = mapKey('spec.capacity', name);
    resourceQuantity(faults, at, name, value);
    if (signOfQuantity(quantity(value)) <= 0) faults.push(invalidValue(at, formatQuantity(quantity(value)), 'must be greater than zero'));
  }
}

function volumeSource(faults: Faults, spec: Obj, affine: boolean): void {
  let seen = false;
  for (const key of SOURCES) {
    const source = optional(spec, key);
    if (!source) continue;
    if (seen) {
      faults.push(forbiddenField(`spec.${key}`, 'may not specify more than 1 volume type'));
      continue;
    }
    seen = true;
    const at = `spec.${key}`;
    if (key === 'csi') csiVolume(faults, at, source);
    else INLINE_SOURCES[key]?.(faults, at, source);
    if (key === 'hostPath' && text(source, 'path') === '/' && text(spec, 'persistentVolumeReclaimPolicy') === 'Recycle')
      faults.push(forbiddenField('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
    if (key === 'local' && !affine) faults.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  if (!seen) faults.push(required('spec', 'must specify a volume type'));
}

const SECRETS = [
  'controllerPublishSecretRef',
  'nodeStageSecretRef',
  'nodePublishSecretRef',
  'controllerExpandSecretRef',
  'nodeExpandSecretRef',
];

function csiVolume(faults: Faults, at: string, s: Obj): void {
  driverName(faults, child(at, 'driver'), text(s, 'driver'));
  if (text(s, 'volumeHandle') === '') faults.push(required(child(at, 'volumeHandle')));
  for (const key of SECRETS) {
    const ref = optional(s, key);
    if (!ref) continue;
    for (const part of ['name', 'namespace']) if (text(ref, part) === '') faults.push(required(child(child(at, key), part)));
  }
}

const sourceOf = (spec: Obj): Obj => Object.fromEntries(SOURCES.filter(key => has(spec, key)).map(key => [key, spec[key]]));

function volumeChanges(faults: Faults, o: Obj, old: Obj): void {
  const [spec, was] = [sub(o, 'spec'), sub(old, 'spec')];
  if (!equal(sourceOf(spec), sourceOf(was))) {
    const diff = jsonDiff(printGo('PersistentVolumeSource', was), printGo('PersistentVolumeSource', spec));
    faults.push(forbiddenField('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${diff}`));
  }
  if (!equal(spec['volumeMode'] ?? null, was['volumeMode'] ?? null))
    faults.push(invalidValue('volumeMode', spec['volumeMode'] ?? null, IMMUTABLE));
  if (has(was, 'nodeAffinity') && !equal(spec['nodeAffinity'], was['nodeAffinity'])) {
    const now = optional(spec, 'nodeAffinity');
    const shown = now ? printGo('VolumeNodeAffinity', now) : null;
    faults.push(invalidValue('nodeAffinity', shown, 'field is immutable, except for updating from beta label to GA'));
  }
}

function volumeWarnings(spec: Obj): string[] {
  const out: string[] = [];
  if (text(spec, 'persistentVolumeReclaimPolicy') === 'Recycle')
    out.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    );
  const deprecated: Record<string, string> = {
    photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
    scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
    storageos: 'deprecated in v1.22, non-functional in v1.25+',
    glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
    rbd: 'deprecated in v1.28, non-functional in v1.31+',
    cephfs: 'deprecated in v1.28, non-functional in v1.31+',
    flocker: 'deprecated in v1.22, non-functional in v1.25+',
    quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  };
  for (const [key, message] of Object.entries(deprecated)) if (has(spec, key)) out.push(`spec.${key}: ${message}`);
  return out;
}

export const persistentVolumeClaim: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  deleteReply: 'object',
  update: ['full', 'meta', 'changes'],
  defaults(o) {
    presetText(ensure(o, 'status'), 'phase', 'Pending');
    const spec = ensure(o, 'spec');
    claimDefaults(spec);
  },
  prepareCreate(o) {
    o['status'] = { phase: 'Pending' };
    dataSources(ensure(o, 'spec'));
  },
  prepareUpdate(o, old) {
    if (!has(sub(old, 'spec'), 'dataSourceRef')) dataSources(ensure(o, 'spec'));
    else keepDataSource(ensure(o, 'spec'), sub(old, 'spec'));
  },
  spec: (faults, o) => claimSpec(faults, 'spec', sub(o, 'spec')),
  changes: claimChanges,
};

/** The two spellings of where data comes from are one, unless the reference crosses namespaces. */
function dataSources(spec: Record<string, unknown>): void {
  dropForeignSource(spec);
  const one = optional(spec, 'dataSource');
  const ref = optional(spec, 'dataSourceRef');
  if (ref && text(ref, 'namespace') !== '') return;
  if (one && !ref) spec['dataSourceRef'] = { ...one };
  else if (ref && !one) {
    const { namespace: _namespace, ...rest } = ref;
    spec['dataSource'] = rest;
  }
}

/** dataSource names claims and snapshots only; anything else is not kept. */
function dropForeignSource(spec: Record<string, unknown>): void {
  const source = optional(spec, 'dataSource');
  if (!source) return;
  const group = text(source, 'apiGroup');
  const claim = text(source, 'kind') === 'PersistentVolumeClaim' && group === '';
  const snapshot = text(source, 'kind') === 'VolumeSnapshot' && group === 'snapshot.storage.k8s.io';
  if (!claim && !snapshot) delete spec['dataSource'];
  else if (group === '') spec['dataSource'] = { ...source, apiGroup: null };
}

function keepDataSource(spec: Record<string, unknown>, was: Obj): void {
  if (has(spec, 'dataSource') && !has(spec, 'dataSourceRef') && equal(spec['dataSource'], was['dataSource']))
    spec['dataSourceRef'] = structuredClone(was['dataSourceRef']);
}

function claimChanges(faults: Faults, o: Obj, old: Obj): void {
  const spec = sub(o, 'spec');
  // The volume's name may be set once.
  const named = text(sub(old, 'spec'), 'volumeName') === '';
  const was = named ? changed(sub(old, 'spec'), { volumeName: spec['volumeName'] }) : sub(old, 'spec');
  const bound = text(sub(old, 'status'), 'phase') === 'Bound';
  const munged = changed(spec, {});
  if (!has(was, 'storageClassName') && has(spec, 'storageClassName')) munged['storageClassName'] = was['storageClassName'];
  if (bound) {
    munged['resources'] = was['resources'];
    munged['volumeAttributesClassName'] = was['volumeAttributesClassName'];
  }
  if (!equal(munged, was)) {
    const diff = jsonDiff(printGo('PersistentVolumeClaimSpec', was), printGo('PersistentVolumeClaimSpec', munged));
    faults.push(
      forbiddenField(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${diff}`,
      ),
    );
  }
  storageShrinks(faults, spec, was, old);
  if (!equal(spec['volumeMode'] ?? null, was['volumeMode'] ?? null))
    faults.push(invalidValue('volumeMode', spec['volumeMode'] ?? null, IMMUTABLE));
}

function storageShrinks(faults: Faults, spec: Obj, was: Obj, old: Obj): void {
  const [now, before] = [sub(sub(spec, 'resources'), 'requests')['storage'], sub(sub(was, 'resources'), 'requests')['storage']];
  const held = sub(sub(old, 'status'), 'capacity')['storage'];
  const [a, b] = [quantity(now ?? '0'), quantity(before ?? '0')];
  if (compareQuantities(a, b) < 0 && compareQuantities(a, quantity(held ?? '0')) <= 0)
    faults.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'));
}

export const storageClass: KindDefinition = {
  scope: 'Cluster',
  deleteReply: 'object',
  update: ['full', 'meta', 'changes'],
  defaults(o) {
    preset(o, 'reclaimPolicy', 'Delete');
    preset(o, 'volumeBindingMode', 'Immediate');
  },
  spec(faults, o) {
    const provisioner = text(o, 'provisioner');
    if (provisioner === '') faults.push(required('provisioner'));
    else texts(faults, 'provisioner', provisioner, qualifiedName(provisioner.toLowerCase()));
    parameters(faults, o);
    if (has(o, 'reclaimPolicy') && text(o, 'reclaimPolicy') !== '')
      oneOf(faults, 'reclaimPolicy', text(o, 'reclaimPolicy'), ['Delete', 'Retain']);
    const mode = text(o, 'volumeBindingMode');
    if (!has(o, 'volumeBindingMode')) faults.push(required('volumeBindingMode'));
    else oneOf(faults, 'volumeBindingMode', mode, ['Immediate', 'WaitForFirstConsumer']);
    allowedTopologies(faults, o);
  },
  changes(faults, o, old) {
    if (!equal(o['parameters'] ?? {}, old['parameters'] ?? {}))
      faults.push(invalidValue('parameters', printableMap(given(o, 'parameters')), IMMUTABLE));
    for (const key of ['provisioner', 'reclaimPolicy', 'volumeBindingMode'])
      if (!equal(o[key] ?? '', old[key] ?? '')) faults.push(invalidValue(key, o[key] ?? (key === 'provisioner' ? '' : null), IMMUTABLE));
  },
};

function parameters(faults: Faults, o: Obj): void {
  const list = entries(o, 'parameters');
  let size = 0;
  for (const [key, value] of list) {
    if (key === '') faults.push(invalidValue('parameters', key, 'field can not be empty.'));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > 256 * 1024) faults.push(invalidValue('parameters', '', 'Too long: may not be more than 262144 bytes'));
  if (list.length > 512) faults.push(invalidValue('parameters', '', 'Too many'));
}

function allowedTopologies(faults: Faults, o: Obj): void {
  const seen: unknown[] = [];
  items(o, 'allowedTopologies').forEach((t, i) => {
    const at = index('allowedTopologies', i);
    const path = child(at, 'matchLabelExpressions');
    const keys = new Set<string>();
    const shown: Record<string, string[]> = {};
    items(t, 'matchLabelExpressions').forEach((e, j) => {
      const own = index(path, j);
      const values = strings(e, 'values');
      if (values.length === 0) faults.push(required(child(own, 'values')));
      const unique = new Set<string>();
      values.forEach((v, n) => {
        if (unique.has(v)) faults.push(duplicate(index(child(own, 'values'), n), v));
        unique.add(v);
      });
      texts(faults, child(own, 'key'), text(e, 'key'), qualifiedName(text(e, 'key')));
      if (keys.has(text(e, 'key'))) faults.push(duplicate(child(own, 'key'), text(e, 'key')));
      keys.add(text(e, 'key'));
      shown[text(e, 'key')] = [...unique].sort();
    });
    if (keys.size === 0 || seen.some(s => equal(s, shown))) faults.push(duplicate(path, ''));
    seen.push(shown);
  });
}

export const csiDriver: KindDefinition = {
  scope: 'Cluster',
  deleteReply: 'object',
  unconditionalUpdate: false,
  update: ['meta', 'changes', 'spec'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    preset(spec, 'attachRequired', true);
    preset(spec, 'podInfoOnMount', false);
    preset(spec, 'storageCapacity', false);
    preset(spec, 'fsGroupPolicy', 'ReadWriteOnceWithFSType');
    if (!has(spec, 'volumeLifecycleModes')) spec['volumeLifecycleModes'] = ['Persistent'];
    preset(spec, 'requiresRepublish', false);
    preset(spec, 'seLinuxMount', false);
    // Behind a gate that is off by default.
    delete spec['preventPodSchedulingIfMissing'];
  },
  spec(faults, o) {
    driverName(faults, 'metadata.name', text(sub(o, 'metadata'), 'name'));
    const spec = sub(o, 'spec');
    if (has(spec, 'fsGroupPolicy'))
      oneOf(faults, 'spec.fsGroupPolicy', text(spec, 'fsGroupPolicy'), ['File', 'None', 'ReadWriteOnceWithFSType']);
    strings(spec, 'volumeLifecycleModes').forEach(mode => {
      oneOf(faults, 'spec.volumeLifecycleModes', mode, ['Ephemeral', 'Persistent']);
    });
    const audiences = new Set<string>();
    items(spec, 'tokenRequests').forEach((t, i) => {
      const at = index('spec.tokenRequests', i);
      if (audiences.has(text(t, 'audience'))) faults.push(duplicate(child(at, 'audience'), text(t, 'audience')));
      audiences.add(text(t, 'audience'));
      if (has(t, 'expirationSeconds') && number(t, 'expirationSeconds') < 600)
        faults.push(
          invalidValue(child(at, 'expirationSeconds'), number(t, 'expirationSeconds'), 'may not specify a duration less than 10 minutes'),
        );
    });
  },
  changes(faults, o, old) {
    for (const key of ['attachRequired', 'volumeLifecycleModes'])
      if (!equal(sub(o, 'spec')[key], sub(old, 'spec')[key]))
        faults.push(invalidValue(`spec.${key}`, sub(o, 'spec')[key] ?? null, IMMUTABLE));
  },
};

export const csiNode: KindDefinition = {
  scope: 'Cluster',
  deleteReply: 'object',
  unconditionalUpdate: false,
  update: ['meta', 'full'],
  spec(faults, o) {
    const names = new Set<string>();
    items(sub(o, 'spec'), 'drivers').forEach((d, i) => {
      const at = index('spec.drivers', i);
      driverName(faults, child(at, 'name'), text(d, 'name'));
      if (text(d, 'nodeID') === '') faults.push(required(child(at, 'nodeID')));
      if (names.has(text(d, 'name'))) faults.push(duplicate(child(at, 'name'), text(d, 'name')));
      names.add(text(d, 'name'));
      for (const key of strings(d, 'topologyKeys')) {
        if (key === '') faults.push(required(at));
        else texts(faults, child(at, 'topologyKeys'), key, qualifiedName(key));
      }
    });
  },
};

export const csiStorageCapacity: KindDefinition = {
  scope: 'Namespaced',
  unconditionalUpdate: false,
  update: ['meta', 'changes'],
  spec(faults, o) {
    subdomain(faults, 'storageClassName', text(o, 'storageClassName'));
    for (const key of ['capacity', 'maximumVolumeSize']) if (has(o, key)) resourceQuantity(faults, key, 'storage', o[key]);
  },
  changes(faults, o, old) {
    if (!equal(o['nodeTopology'], old['nodeTopology'])) faults.push(invalidValue('nodeTopology', o['nodeTopology'] ?? null, IMMUTABLE));
    if (text(o, 'storageClassName') !== text(old, 'storageClassName'))
      faults.push(invalidValue('storageClassName', text(o, 'storageClassName'), IMMUTABLE));
  },
};

export const volumeAttachment: KindDefinition = {
  scope: 'Cluster',
  status: true,
  deleteReply: 'object',
  unconditionalUpdate: false,
  update: ['full', 'changes'],
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const attacher = text(spec, 'attacher');
    if (attacher === '') faults.push(required('spec.attacher'));
    else driverName(faults, 'spec.attacher', attacher);
    const source = sub(spec, 'source');
    const set = ['persistentVolumeName', 'inlineVolumeSpec'].filter(key => has(source, key));
    if (set.length === 0) faults.push(required('spec.source', 'must specify one of inlineVolumeSpec and persistentVolumeName'));
    if (set.length > 1) faults.push(forbiddenField('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
    if (has(source, 'persistentVolumeName')) {
      const name = text(source, 'persistentVolumeName');
      if (name === '') faults.push(required('spec.source.persistentVolumeName'));
      else subdomain(faults, 'spec.source.persistentVolumeName', name);
    }
    subdomain(faults, 'spec.nodeName', text(spec, 'nodeName'));
  },
  changes(faults, o, old) {
    if (!equal(o['spec'], old['spec'])) faults.push(invalidValue('spec', o['spec'], IMMUTABLE));
  },
};

export const volumeAttributesClass: KindDefinition = {
  scope: 'Cluster',
  deleteReply: 'object',
  update: ['meta', 'changes'],
  spec(faults, o) {
    const driver = text(o, 'driverName');
    if (driver === '') faults.push(required('driverName'));
    else driverName(faults, 'driverName', driver);
    if (Object.keys(sub(o, 'parameters')).length === 0) faults.push(required('parameters', 'must contain at least one key/value pair'));
    else parameters(faults, o);
  },
  changes(faults, o, old) {
    if (text(o, 'driverName') !== text(old, 'driverName')) faults.push(invalidValue('driverName', text(o, 'driverName'), IMMUTABLE));
    if (!equal(o['parameters'], old['parameters']))
      faults.push(invalidValue('parameters', printableMap(given(o, 'parameters')), IMMUTABLE));
  },
};
