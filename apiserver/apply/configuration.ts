// Server-side apply: a configuration is laid over the live object, what its manager gave up goes, and whoever owns a field that
// changes must agree or be overruled.
import {
  type AnyObject,
  appliedSet,
  badRequest,
  clone,
  decodeValue,
  equal,
  isObject,
  merge,
  parseApiVersion,
  plain500,
  shapeFaults,
  stringOf,
} from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { OwnedKind } from '../registry/served.ts';
import { applyConflict } from './conflict.ts';
import { keepAnnotation, unexcused } from './last-applied.ts';
import { entriesOf, identityOf, type Managed, type Manager, managedOf } from './managed.ts';
import { changes, changesByVersion, conflictsOf, reconcile, takeFrom } from './owners.ts';
import { prune } from './prune.ts';
import { type ResetFields, resetFields } from './reset-fields.ts';
import { trackWrite } from './track.ts';
import { type FieldVersions, fieldVersions, type Plain, unmanaged } from './versions.ts';

export interface Configuration {
  /** undefined where the object is to be created. */
  readonly live: AnyObject | undefined;
  readonly config: Plain;
  readonly manager: string;
  readonly subresource: string;
  readonly force: boolean;
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

const BEFORE_FIRST = 'before-first-apply';

/** The object to be stored, managedFields included; throws what the reference refuses. */
export async function applyConfiguration(s: OwnedKind, c: Configuration): Promise<MutableObject> {
  const versions = fieldVersions(s);
  checkKind(versions, c.config);
  checkManagedFields(c.config);
  const schema = s.fieldSchema();
  const faults = shapeFaults(schema, c.config);
  if (faults) throw plain500(`failed to create typed patch object (${describe(c.config)}): ${faults}`);
  const live: Plain = c.live ? unmanaged(c.live) : s.blank();
  const applied = await settled({ versions, c, live, reset: resetFields(s, c.subresource), managed: await managedBefore(s, c) });
  const { managed, id, object } = applied;
  const entry = managed.get(id);
  if (object && entry) managed.set(id, { ...entry, time: c.now });
  const result = object ? decoded(versions, object, c.config) : (clone(live) as MutableObject);
  const metadata = isObject(result['metadata']) ? result['metadata'] : {};
  result['metadata'] = metadata;
  const entries = entriesOf(managed.values());
  if (entries.length > 0) metadata['managedFields'] = entries;
  keepAnnotation(c.manager, result, c.config);
  return result;
}

function checkKind({ own, served }: FieldVersions, config: Plain): void {
  const apiVersion = stringOf(config['apiVersion']);
  const kind = stringOf(config['kind']);
  if (apiVersion !== own || kind !== served.resource.kind) throw badRequest(`invalid object type: ${shownKind(apiVersion, kind)}`);
}

function shownKind(apiVersion: string, kind: string): string {
  // What is no group and version stands for none, and its kind for nothing.
  if (apiVersion.split('/').length > 2) return '/, Kind=';
  const { group, version } = parseApiVersion(apiVersion);
  return `${group}/${version}, Kind=${kind}`;
}

function checkManagedFields(config: Plain): void {
  const { metadata } = config;
  if (isObject(metadata) && Array.isArray(metadata['managedFields'])) throw badRequest('metadata.managedFields must be nil');
}

function describe(config: Plain): string {
  const metadata = isObject(config['metadata']) ? config['metadata'] : {};
  const where = `${stringOf(metadata['namespace'])}/${stringOf(metadata['name'])}`;
  return `${where}; ${shownKind(stringOf(config['apiVersion']), stringOf(config['kind']))}`;
}

/** The managers of the live object. What is there before anybody is tracked belongs to one of its own. */
async function managedBefore(s: OwnedKind, c: Configuration): Promise<Managed> {
  const managed = managedOf(c.live?.metadata.managedFields);
  if (!c.live || managed.size > 0) return managed;
  const untracked = { ...c.live, metadata: { ...c.live.metadata, managedFields: undefined } } as MutableObject;
  await trackWrite(s, {
    live: undefined,
    updated: untracked,
    given: undefined,
    manager: BEFORE_FIRST,
    subresource: c.subresource,
    now: c.now,
  });
  return managedOf((untracked['metadata'] as { managedFields?: unknown }).managedFields);
}

interface Applying {
  readonly versions: FieldVersions;
  readonly c: Configuration;
  readonly live: Plain;
  readonly reset: ResetFields;
  readonly managed: Managed;
}

interface Settled {
  readonly managed: Managed;
  /** Identity of the applier. */
  readonly id: string;
  /** undefined where nothing changes. */
  readonly object: Plain | undefined;
}

/** Merges, prunes, and settles who owns what; a lost field of another manager is a conflict unless forced. */
async function settled({ versions, c, live, reset, managed }: Applying): Promise<Settled> {
  const schema = versions.served.fieldSchema();
  reconcile(managed, versions);
  const self: Omit<Manager, 'fields'> = { ...c, operation: 'Apply', apiVersion: versions.own, time: undefined };
  const id = identityOf(self);
  const last = managed.get(id);
  const time = last?.time;
  const merged = merge(schema, live as MutableObject, c.config as MutableObject);
  const asApplied = reset.keep(appliedSet(schema.complete ?? schema, c.config, reset));
  managed.set(id, { ...self, time, fields: asApplied });
  const object = await prune(versions, merged, managed, last);
  managed.set(id, { ...self, time, fields: reset.keep(appliedSet(schema, c.config, reset)) });
  const step = { versions, old: live, next: object, reset };
  const byVersion = await changesByVersion(step, managed, changes(schema, step));
  const conflicts = c.force ? [] : conflictsOf(managed, byVersion, id);
  const standing = conflicts.length > 0 ? unexcused(conflicts, { manager: c.manager, live, schema }) : conflicts;
  if (standing.length > 0) throw applyConflict(standing);
  takeFrom(managed, byVersion, id);
  return { managed, id, object: equal(live, object) ? undefined : object };
}

/** The object as its kind. */
function decoded({ own, served }: FieldVersions, object: Plain, config: Plain): MutableObject {
  const { kind } = served.resource;
  if (served.custom) return clone(object) as MutableObject;
  const done = decodeValue(object, { apiVersion: own, kind });
  if (done.fault) {
    const what = shownKind(own, kind);
    const why = done.fault.startsWith('illegal base64') ? `error decoding from json: ${done.fault}` : done.fault;
    throw plain500(
      `failed to convert new object (${describe(config)}) to proper version: unable to convert unstructured object to ${what}: ${why}`,
    );
  }
  return done.object;
}
