// Rules of what a PersistentVolumeClaim asks for; templates in pods and StatefulSets follow them too.
import { equal, formatQuantity, signOfQuantity } from '../../../kube/index.ts';
import { child, forbiddenField, invalidValue, label, labelSelector, mapKey, notSupported, oneOf, required, subdomain } from '../checks.ts';
import { type Faults, has, type Obj, optional, strings, sub, text } from '../read.ts';
import { quantity, resourceQuantity } from './resources.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

/** Access modes: known ones, and ReadWriteOncePod alone. */
export function accessModes(faults: Faults, path: string, modes: readonly string[]): void {
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) faults.push(notSupported(path, mode, ACCESS_MODES));
  if (modes.includes('ReadWriteOncePod') && modes.some(m => m !== 'ReadWriteOncePod') && modes.every(m => ACCESS_MODES.includes(m)))
    faults.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'));
}

/** PersistentVolumeClaimSpec */
export function claimSpec(faults: Faults, path: string, spec: Obj): void {
  const modes = strings(spec, 'accessModes');
  if (modes.length === 0) faults.push(required(child(path, 'accessModes'), 'at least 1 access mode is required'));
  labelSelector(faults, child(path, 'selector'), optional(spec, 'selector'));
  accessModes(faults, child(path, 'accessModes'), modes);
  storageRequest(faults, child(path, 'resources'), sub(spec, 'resources'));
  const className = text(spec, 'storageClassName');
  if (className !== '') subdomain(faults, child(path, 'storageClassName'), className);
  if (has(spec, 'volumeMode')) oneOf(faults, child(path, 'volumeMode'), text(spec, 'volumeMode'), VOLUME_MODES);
  dataSource(faults, child(path, 'dataSource'), optional(spec, 'dataSource'));
  dataSourceRef(faults, child(path, 'dataSourceRef'), optional(spec, 'dataSourceRef'));
  sourcesAgree(faults, path, spec);
  const attributes = text(spec, 'volumeAttributesClassName');
  if (attributes !== '') subdomain(faults, child(path, 'volumeAttributesClassName'), attributes);
}

function storageRequest(faults: Faults, path: string, resources: Obj): void {
  const requests = sub(resources, 'requests');
  if (!Object.hasOwn(requests, 'storage')) {
    faults.push(required(mapKey(path, 'storage')));
    return;
  }
  const at = mapKey(child(path, 'requests'), 'storage');
  resourceQuantity(faults, at, 'storage', requests['storage']);
  const storage = quantity(requests['storage']);
  if (signOfQuantity(storage) <= 0) faults.push(invalidValue(at, formatQuantity(storage), 'must be greater than zero'));
}

function dataSource(faults: Faults, path: string, source: Obj | undefined): void {
  if (!source) return;
  if (text(source, 'name') === '') faults.push(required(child(path, 'name')));
  if (text(source, 'kind') === '') faults.push(required(child(path, 'kind')));
  const group = text(source, 'apiGroup');
  if (group === '' && text(source, 'kind') !== 'PersistentVolumeClaim') faults.push(invalidValue(path, text(source, 'kind'), ''));
  if (group !== '') subdomain(faults, child(path, 'apiGroup'), group);
}

function dataSourceRef(faults: Faults, path: string, source: Obj | undefined): void {
  if (!source) return;
  dataSource(faults, path, source);
  const namespace = text(source, 'namespace');
  if (namespace !== '') label(faults, child(path, 'namespace'), namespace);
}

function sourcesAgree(faults: Faults, path: string, spec: Obj): void {
  const a = optional(spec, 'dataSource');
  const b = optional(spec, 'dataSourceRef');
  if (!a || !b || text(b, 'namespace') !== '') return;
  const plain = (o: Obj): unknown => ({ apiGroup: o['apiGroup'] ?? null, kind: text(o, 'kind'), name: text(o, 'name') });
  if (!equal(plain(a), plain(b))) faults.push(invalidValue(path, {}, 'must match dataSourceRef'));
}
