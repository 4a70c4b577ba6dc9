// The kinds of storage.k8s.io.
import { equal, qualifiedName } from '../../kube/index.ts';
import {
  child,
  duplicate,
  forbiddenField,
  IMMUTABLE,
  index,
  invalidValue,
  oneOf,
  printableMap,
  required,
  subdomain,
  texts,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { given } from './emptied.ts';
import { dnsSubdomain } from './names.ts';
import { deprecatedLabel, nodeSelectorWarnings } from './node-labels.ts';
import { resourceQuantity } from './pod/resources.ts';
import { driverName } from './pod/volume-sources.ts';
import { ensure, entries, type Faults, has, items, number, type Obj, preset, strings, sub, text } from './read.ts';

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
    else texts(faults, 'provisioner', provisioner.toLowerCase(), qualifiedName(provisioner.toLowerCase()));
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
  warnings: o =>
    items(o, 'allowedTopologies').flatMap((t, i) =>
      items(t, 'matchLabelExpressions').flatMap((e, j) => {
        const why = deprecatedLabel(text(e, 'key'));
        return why === undefined ? [] : [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${why}`];
      }),
    ),
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
    const name = text(sub(o, 'metadata'), 'name');
    if (dnsSubdomain(name).length === 0) driverName(faults, 'metadata.name', name);
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
  warnings: o => nodeSelectorWarnings('nodeTopology', sub(o, 'nodeTopology')),
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
    if (set.length === 0) faults.push(required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
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
  update: ['meta', 'changes', 'full'],
  spec(faults, o) {
    const driver = text(o, 'driverName');
    if (driver === '') faults.push(required('driverName'));
    else driverName(faults, 'driverName', driver);
    if (Object.keys(sub(o, 'parameters')).length === 0) faults.push(required('parameters', 'must contain at least one key/value pair'));
    else parameters(faults, o);
  },
  changes(faults, o, old) {
    if (text(o, 'driverName') !== text(old, 'driverName'))
      faults.push(forbiddenField('driverName', 'updates to driverName are forbidden.'));
    if (!equal(o['parameters'], old['parameters'])) faults.push(forbiddenField('parameters', 'updates to parameters are forbidden.'));
  },
};
