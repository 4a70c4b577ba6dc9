// Every write to an existing object: read, change, check, compare-and-set; again when another write came in between.
// An update that changes nothing writes nothing; one that empties the finalizers of a terminating object deletes it.
import { type AnyObject, badRequest, conflict, type FieldError, field, invalid, notFound, plain500, timestamp } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { restoreMetadata } from '../apply/reset-fields.ts';
import { trackWrite } from '../apply/track.ts';
import type { Entry } from '../cache/index.ts';
import { ConflictError } from '../store/index.ts';
import type { RequestContext } from './context.ts';
import { create } from './create.ts';
import { isNoOp, keepSystemFields, metaOf, metaRead, raiseGeneration } from './metadata.ts';
import { mutatingAdmission, type Plane, validatingAdmission } from './plane.ts';
import { type KindTraits, readyView, type Served, storedForm, subjectOf } from './served.ts';
import { checkedEntry, toldKey } from './storage.ts';

const MAX_ATTEMPTS = 200;

export interface Target {
  readonly namespace: string;
  readonly name: string;
  /** '' for the object itself. */
  readonly subresource: string;
}

export interface Change {
  /** The new object, made from the present one (which must not be changed). Called again after each lost race. */
  make(old: AnyObject): Promise<MutableObject> | MutableObject;
  /** The ownership in the new object is already right (server-side apply). */
  readonly tracked?: boolean;
  /** Skips defaulting, admission and validation: for what the server itself does to metadata. */
  readonly internal?: boolean;
  /** Of an internal change: the subresource that a client would write it to; it is owned then like a client's. */
  readonly writes?: string;
}

export interface Written {
  readonly object: AnyObject;
  readonly created: boolean;
}

/** PUT. */
export async function update(p: Plane, s: Served, c: RequestContext, t: Target, body: MutableObject): Promise<Written> {
  checkIdentity(s, t, body);
  if (!s.collection.get(t.namespace, t.name) && s.traits.createOnUpdate && t.subresource === '') {
    return { object: await create(p, s, c, { namespace: t.namespace, object: body }), created: true };
  }
  const given = metaRead(body).resourceVersion ?? '';
  if (given !== '' && !/^\d+$/.test(given)) throw plain500(`strconv.ParseUint: parsing ${JSON.stringify(given)}: invalid syntax`);
  const locked = given !== '' && given !== '0';
  let first = true;
  const object = await modify(p, s, c, t, {
    make: old => {
      refuseOtherUid(s, c, t, { body, old });
      if (!locked && !s.traits.unconditionalUpdate) {
        throw invalid({ group: s.resource.group, kind: s.resource.plural, name: t.name }, [
          field.invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
        ]);
      }
      if (locked && given !== old.metadata.resourceVersion) throw conflict({ ...s.resource, name: t.name });
      const next = first ? body : structuredClone(body);
      first = false;
      return next;
    },
  });
  return { object, created: false };
}

function checkIdentity(s: Served, t: Target, body: MutableObject): void {
  const meta = metaOf(body);
  if (s.resource.scope === 'Namespaced') {
    if (meta['namespace'] === undefined || meta['namespace'] === null || meta['namespace'] === '') meta['namespace'] = t.namespace;
    if (meta['namespace'] !== t.namespace)
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (typeof meta['name'] !== 'string' || meta['name'] === '') {
    throw badRequest(`the name of the object (${t.name} based on URL) was undeterminable: name must be provided`);
  }
  if (meta['name'] !== t.name)
    throw badRequest(`the name of the object (${String(meta['name'])}) does not match the name on the URL (${t.name})`);
}

/** Applies a change until it is stored, refused, or found to change nothing. Returns the object as stored. */
export async function modify(p: Plane, s: Served, c: RequestContext, t: Target, change: Change): Promise<AnyObject> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    c.signal?.throwIfAborted();
    const entry = s.collection.get(t.namespace, t.name);
    if (!entry) throw notFound({ ...s.resource, name: t.name });
    const old = (await readyView(s, entry, c.signal)).object;
    const object = await change.make(old);
    try {
      return await settle(p, s, c, { ...t, entry, old, object, change });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      await error.settled;
    }
  }
  throw conflict({ ...s.resource, name: t.name });
}

interface Candidate extends Target {
  readonly entry: Entry;
  readonly old: AnyObject;
  readonly object: MutableObject;
  readonly change: Change;
}

async function settle(p: Plane, s: Served, c: RequestContext, w: Candidate): Promise<AnyObject> {
  const { old, object } = w;
  if (!w.change.internal) await check(p, s, c, w);
  else {
    keepSystemFields(object, old);
    if (w.change.writes !== undefined) await track(p, s, c, { ...w, subresource: w.change.writes, given: undefined });
  }
  const meta = metaOf(object);
  meta['resourceVersion'] = old.metadata.resourceVersion;
  if (isNoOp(object, old)) return old;
  if (c.dryRun) return object as AnyObject;
  if (readyToVanish(object as AnyObject, s.traits) && !readyToVanish(old, s.traits)) {
    await p.cache.commit([{ key: w.entry.key, expect: w.entry.revision }]);
    return object as AnyObject;
  }
  const stored = await storedForm(s, object as AnyObject, c.signal);
  const { key } = w.entry;
  const revision = await p.cache.commit([
    { key, expect: w.entry.revision, make: revision => checkedEntry(key, stored, { revision, old: w.entry }) },
  ]);
  const now = s.collection.get(w.namespace, w.name);
  if (now?.revision === revision) return (await readyView(s, now, c.signal)).object;
  const resourceVersion = String(revision);
  if (s.ready) return { ...object, metadata: { ...metaOf(object), resourceVersion } } as AnyObject;
  return s.fromStored({ ...stored, metadata: { ...stored.metadata, resourceVersion } });
}

/** A terminating object that nothing keeps is gone: no finalizers, no grace left. */
export function readyToVanish(object: AnyObject, traits: KindTraits): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata;
  return deletionTimestamp !== undefined && (finalizers ?? []).length === 0 && !deletionGracePeriodSeconds && !traits.holds?.(object);
}

async function check(p: Plane, s: Served, c: RequestContext, w: Candidate): Promise<void> {
  const { old, object, subresource } = w;
  s.traits.tidy?.(object, text => c.warn(text));
  const { managedFields } = metaRead(object);
  s.rules.defaults(object);
  if (!w.change.tracked) await track(p, s, c, { ...w, given: managedFields });
  const changedStamps = systemFaults(s, object, old);
  keepSystemFields(object, old);
  const attributes = {
    operation: 'UPDATE' as const,
    resource: s.resource,
    subresource,
    namespace: w.namespace,
    name: w.name,
    object,
    oldObject: old,
    options: c.options,
    user: c.user,
    dryRun: c.dryRun,
    warn: (text: string) => c.warn(text),
    annotate: c.annotate,
  };
  await mutatingAdmission(p, attributes, c.signal);
  s.rules.prepareUpdate?.(object, old, subresource);
  if (subresource === 'status') restoreMetadata(s, object, old);
  if (subresource !== 'status') raiseGeneration(object, old, s.traits);
  const errors = [...changedStamps, ...s.rules.validateUpdate(object, old, subresource)];
  if (errors.length > 0) throw invalid(subjectOf(s, w.name), errors);
  metaOf(object)['resourceVersion'] = old.metadata.resourceVersion;
  await validatingAdmission(p, attributes, c.signal);
  for (const text of s.rules.warnings?.(object, old) ?? []) c.warn(text);
}

async function track(p: Plane, s: Served, c: RequestContext, w: Candidate & { readonly given: unknown }): Promise<void> {
  const now = timestamp(p.clock.now());
  const { old, object, given, subresource } = w;
  await trackWrite(s, { live: old, updated: s.rules.sent?.(object) ?? object, given, manager: c.fieldManager, subresource, now });
}

/** Changes of what only the server sets. Metadata of most built-in kinds is looked at twice, and told twice. */
function systemFaults(s: Served, object: MutableObject, old: AnyObject): FieldError[] {
  const meta = metaOf(object);
  const errors: FieldError[] = [];
  for (const name of ['uid', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    const given = meta[name];
    if (given === undefined || given === null || given === '' || given === old.metadata[name]) continue;
    errors.push(field.invalidValue(`metadata.${name}`, given, 'field is immutable'));
    meta[name] = old.metadata[name];
  }
  return s.custom || s.traits.metadataOnce ? errors : [...errors, ...errors];
}

function refuseOtherUid(
  s: Served,
  c: RequestContext,
  t: Target,
  { body, old }: { readonly body: MutableObject; readonly old: AnyObject },
): void {
  const { uid } = metaRead(body);
  if (uid === undefined || uid === null || uid === '' || uid === old.metadata.uid) return;
  throw conflict({ ...s.resource, name: t.name }, uidMismatch(toldKey(s, c, t), uid, old.metadata.uid ?? ''));
}

/** A precondition that the store itself refuses. */
export const uidMismatch = (key: string, given: string, stored: string): string =>
  `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${given}, UID in object meta: ${stored}`;
