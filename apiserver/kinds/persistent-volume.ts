// PersistentVolume: one source, which stays what it is.
import { equal, formatQuantity, signOfQuantity } from '../../kube/index.ts';
import {
  child,
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
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { given } from './emptied.ts';
import { printGo } from './go-print.ts';
import { nodeTermWarnings } from './node-labels.ts';
import { accessModes, VOLUME_MODES } from './pod/claim-spec.ts';
import { resourceListDefaults, volumeSourceDefaults } from './pod/defaults.ts';
import { quantity, resourceQuantity } from './pod/resources.ts';
import { nodeSelector } from './pod/scheduling.ts';
import { driverName, INLINE_SOURCES } from './pod/volume-sources.ts';
import { ensure, entries, type Faults, has, inside, items, type Obj, optional, preset, presetText, strings, sub, text } from './read.ts';
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
  warnings: volumeWarnings,
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

const ANNOTATIONS = {
  'volume.beta.kubernetes.io/storage-class': 'deprecated since v1.8; use "storageClassName" attribute instead',
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
};

/** By field, with the field's name as warnings write it. */
const DEPRECATED = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const;

function volumeWarnings(o: Obj): string[] {
  const spec = sub(o, 'spec');
  const given = sub(sub(o, 'metadata'), 'annotations');
  const out: string[] = [];
  for (const [key, why] of Object.entries(ANNOTATIONS)) if (Object.hasOwn(given, key)) out.push(`metadata.annotations[${key}]: ${why}`);
  if (text(spec, 'persistentVolumeReclaimPolicy') === 'Recycle')
    out.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    );
  const terms = 'spec.nodeAffinity.required.nodeSelectorTerms';
  items(sub(sub(spec, 'nodeAffinity'), 'required'), 'nodeSelectorTerms').forEach((t, i) => {
    out.push(...nodeTermWarnings(index(terms, i), t));
  });
  for (const [key, shown, why] of DEPRECATED) if (has(spec, key)) out.push(`spec.${shown}: ${why}`);
  return out;
}
