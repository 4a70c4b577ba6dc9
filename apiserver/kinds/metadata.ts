// The rules of metadata that all kinds share. A kind says how its names look and which of the two families it belongs to:
// kinds of the core family also refuse finalizers that are neither standard nor qualified.
import { equal, timestamp } from '../../kube/index.ts';
import { child, forbiddenField, IMMUTABLE, index, invalidValue, labels, notNegative, required, texts, tooLong } from './checks.ts';
import { dnsLabel, dnsLabel1035, dnsSubdomain, pathSegment, pathSegmentPrefix, qualifiedName } from './names.ts';
import { entries, type Faults, has, items, number, type Obj, optional, strings, sub, text } from './read.ts';

export type NameRule = 'subdomain' | 'label' | 'label1035' | 'segment' | 'none';

export interface MetadataRules {
  readonly name: NameRule;
  readonly scope: 'Namespaced' | 'Cluster';
  /** Finalizers without a domain must be standard ones. */
  readonly standardFinalizers: boolean;
  /** What else a name must be, asked once it looks right. */
  readonly exactName?: (name: string, object: Obj) => string[];
}

const MAX_ANNOTATIONS = 256 * 1024;
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);
const MAX_GENERATED_PREFIX = /-$/;

/** What is wrong with a name, or with the prefix of a name that will be generated. */
function nameFaults(rule: NameRule, name: string, prefix: boolean): string[] {
  if (rule === 'none') return [];
  if (rule === 'segment') return prefix ? pathSegmentPrefix(name) : pathSegment(name);
  const bare = prefix && name !== '-' ? name.replace(MAX_GENERATED_PREFIX, 'a') : name;
  return rule === 'label' ? dnsLabel(bare) : rule === 'label1035' ? dnsLabel1035(bare) : dnsSubdomain(bare);
}

/** Faults of a new object's metadata. */
export function metadata(faults: Faults, object: Obj, rules: MetadataRules): void {
  const meta = sub(object, 'metadata');
  identity(faults, object, rules);
  notNegative(faults, 'metadata.generation', number(meta, 'generation'));
  labels(faults, 'metadata.labels', meta, 'labels');
  annotations(faults, 'metadata.annotations', meta);
  ownerReferences(faults, meta);
  for (const f of strings(meta, 'finalizers')) finalizer(faults, 'metadata.finalizers', f);
  if (has(meta, 'finalizers')) finalizerConflict(faults, strings(meta, 'finalizers'));
  managedFields(faults, meta);
  if (rules.standardFinalizers) standardFinalizers(faults, meta);
}

function identity(faults: Faults, object: Obj, rules: MetadataRules): void {
  const meta = sub(object, 'metadata');
  const generateName = text(meta, 'generateName');
  if (generateName !== '') texts(faults, 'metadata.generateName', generateName, nameFaults(rules.name, generateName, true));
  const name = text(meta, 'name');
  if (name === '') faults.push(required('metadata.name', 'name or generateName is required'));
  else {
    const wrong = nameFaults(rules.name, name, false);
    texts(faults, 'metadata.name', name, wrong.length > 0 ? wrong : (rules.exactName?.(name, object) ?? []));
  }
  const namespace = text(meta, 'namespace');
  if (rules.scope === 'Cluster') {
    if (namespace !== '') faults.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  } else if (namespace === '') faults.push(required('metadata.namespace'));
  else texts(faults, 'metadata.namespace', namespace, dnsLabel(namespace));
}

/** Keys and total size of annotations. */
export function annotations(faults: Faults, path: string, meta: Obj): void {
  let size = 0;
  for (const [key, value] of entries(meta, 'annotations')) {
    texts(faults, path, key, qualifiedName(key.toLowerCase()));
    size += Buffer.byteLength(key) + (typeof value === 'string' ? Buffer.byteLength(value) : 0);
  }
  if (size > MAX_ANNOTATIONS) faults.push(tooLong(path, MAX_ANNOTATIONS));
}

function ownerReferences(faults: Faults, meta: Obj): void {
  const path = 'metadata.ownerReferences';
  let controller: string | undefined;
  for (const owner of items(meta, 'ownerReferences')) {
    ownerReference(faults, path, owner);
    if (owner['controller'] !== true) continue;
    const name = `${text(owner, 'kind')}/${text(owner, 'name')}`;
    if (controller === undefined) controller = name;
    else {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
      faults.push(invalidValue(path, printableOwners(items(meta, 'ownerReferences')), why));
    }
  }
}

const printableOwners = (owners: readonly Obj[]): unknown[] =>
  owners.map(o => ({
    apiVersion: text(o, 'apiVersion'),
    kind: text(o, 'kind'),
    name: text(o, 'name'),
    uid: text(o, 'uid'),
    ...(has(o, 'controller') ? { controller: o['controller'] } : {}),
    ...(has(o, 'blockOwnerDeletion') ? { blockOwnerDeletion: o['blockOwnerDeletion'] } : {}),
  }));

function ownerReference(faults: Faults, path: string, owner: Obj): void {
  const apiVersion = text(owner, 'apiVersion');
  if (apiVersion === '' || apiVersion.endsWith('/') || apiVersion.split('/').length > 2)
    faults.push(invalidValue(child(path, 'apiVersion'), apiVersion, 'version must not be empty'));
  for (const key of ['kind', 'name', 'uid']) {
    if (text(owner, key) === '') faults.push(invalidValue(child(path, key), '', 'must not be empty'));
  }
  if (text(owner, 'kind') === 'Event' && apiVersion === 'v1')
    faults.push(invalidValue(path, printableOwners([owner])[0], '/v1, Kind=Event is disallowed from being an owner'));
}

function finalizer(faults: Faults, path: string, name: string): void {
  texts(faults, path, name, qualifiedName(name));
}

function finalizerConflict(faults: Faults, names: readonly string[]): void {
  if (names.includes('orphan') && names.includes('foregroundDeletion'))
    faults.push(invalidValue('metadata.finalizers', names, 'finalizer orphan and foregroundDeletion cannot be both set'));
}

function standardFinalizers(faults: Faults, meta: Obj): void {
  strings(meta, 'finalizers').forEach((name, i) => {
    if (!name.includes('/') && !STANDARD_FINALIZERS.has(name))
      faults.push(
        invalidValue(index('metadata.finalizers', i), name, 'name is neither a standard finalizer name nor is it fully qualified'),
      );
  });
}

function managedFields(faults: Faults, meta: Obj): void {
  items(meta, 'managedFields').forEach((entry, i) => {
    const path = index('metadata.managedFields', i);
    const operation = text(entry, 'operation');
    if (operation !== 'Apply' && operation !== 'Update')
      faults.push(invalidValue(child(path, 'operation'), operation, 'must be `Apply` or `Update`'));
    const type = text(entry, 'fieldsType');
    if (type !== '' && type !== 'FieldsV1') faults.push(invalidValue(child(path, 'fieldsType'), type, 'must be `FieldsV1`'));
    if (Buffer.byteLength(text(entry, 'manager')) > 128) faults.push(tooLong(child(path, 'manager'), 128));
  });
}

/** Faults of a changed object's metadata, against the stored one. */
export function metadataUpdate(faults: Faults, object: Obj, old: Obj): void {
  const meta = sub(object, 'metadata');
  const was = sub(old, 'metadata');
  if (has(was, 'deletionTimestamp')) newFinalizers(faults, meta, was);
  if (number(meta, 'generation') < number(was, 'generation'))
    faults.push(invalidValue('metadata.generation', number(meta, 'generation'), 'must not be decremented'));
  for (const key of ['name', 'namespace', 'uid'])
    if (text(meta, key) !== text(was, key)) faults.push(invalidValue(`metadata.${key}`, text(meta, key), IMMUTABLE));
  for (const key of ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'])
    if (!sameTime(meta[key], was[key])) faults.push(invalidValue(`metadata.${key}`, meta[key], IMMUTABLE));
  labels(faults, 'metadata.labels', meta, 'labels');
  annotations(faults, 'metadata.annotations', meta);
  ownerReferences(faults, meta);
  managedFields(faults, meta);
}

function sameTime(a: unknown, b: unknown): boolean {
  if ((a ?? undefined) === (b ?? undefined)) return true;
  return typeof a === 'string' && typeof b === 'string' && timestampOf(a) === timestampOf(b);
}

function timestampOf(value: string): string {
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? value : timestamp(ms);
}

function newFinalizers(faults: Faults, meta: Obj, was: Obj): void {
  const before = new Set(strings(was, 'finalizers'));
  const added = strings(meta, 'finalizers').filter(f => !before.has(f));
  if (added.length === 0) return;
  const shown = `[]string{${added.map(f => JSON.stringify(f)).join(', ')}}`;
  faults.push(
    forbiddenField('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`),
  );
}

/** Finalizers of the core family on update. */
export function finalizersUpdate(faults: Faults, object: Obj): void {
  standardFinalizers(faults, sub(object, 'metadata'));
}

const DUPLICATE_OWNERS =
  '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ';

/** Drops owner references that repeat another one, in place; answers the warning to give. */
export function dropDuplicateOwners(object: Record<string, unknown>): string | undefined {
  const meta = optional(object, 'metadata') as Record<string, unknown> | undefined;
  const owners = meta ? items(meta, 'ownerReferences') : [];
  if (!meta || owners.length < 2) return undefined;
  const kept: Obj[] = [];
  const uids = new Set<string>();
  for (const owner of owners) {
    if (kept.some(k => equal(k, owner))) uids.add(text(owner, 'uid'));
    else kept.push(owner);
  }
  if (uids.size === 0) return undefined;
  meta['ownerReferences'] = kept;
  return DUPLICATE_OWNERS + [...uids].join(', ');
}
