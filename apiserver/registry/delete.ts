// DELETE: gone at once, or marked as terminating while finalizers or grace keep it.
import { type AnyObject, clone, type DeleteOptions, isStatusError, notFound, StatusError, timestamp } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { Entry } from '../cache/index.ts';
import { ConflictError } from '../store/index.ts';
import type { RequestContext } from './context.ts';
import { list } from './list.ts';
import type { ListQuery } from './list-query.ts';
import { metaOf } from './metadata.ts';
import { mutatingAdmission, type Plane, validatingAdmission } from './plane.ts';
import { readyView, type Served, storedForm } from './served.ts';
import { entryFrom } from './storage.ts';
import { readyToVanish, type Target } from './update.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

export type Deletion = Pick<DeleteOptions, 'gracePeriodSeconds' | 'propagationPolicy' | 'preconditions'>;

/** An item of a collection that is deleted: admission is not told its name. */
type Unnamed = { readonly unnamed?: boolean };

export interface Deleted {
  /** The last state (gone), or the state that stays. */
  readonly object: AnyObject;
  readonly gone: boolean;
}

/** Deletes one object; throws NotFound, or Conflict where a precondition fails. */
export async function remove(p: Plane, s: Served, c: RequestContext, t: Target, o: Deletion & Unnamed): Promise<Deleted> {
  if (o.propagationPolicy === undefined && s.traits.orphansByDefault) c.warn(s.traits.orphansByDefault);
  for (;;) {
    c.signal?.throwIfAborted();
    const entry = s.collection.get(t.namespace, t.name);
    if (!entry) throw notFound({ ...s.resource, name: t.name });
    const old = (await readyView(s, entry, c.signal)).object;
    checkPreconditions(s, old, o);
    await admit(p, s, c, o.unnamed ? { ...t, name: '' } : t, old);
    try {
      return await step(p, s, c, { entry, old, o });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      await error.settled;
    }
  }
}

function checkPreconditions(s: Served, old: AnyObject, o: Deletion): void {
  const { uid, resourceVersion } = o.preconditions ?? {};
  const group = s.traits.faultGroup ?? s.resource.group;
  const refuse = (why: string): StatusError =>
    new StatusError({
      code: 409,
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on ${group ? `${s.resource.kind}.${group}` : s.resource.kind} "${old.metadata.name}": ${why}`,
      details: { name: old.metadata.name ?? '', ...(group ? { group } : {}), kind: s.resource.kind },
    });
  if (uid && uid !== old.metadata.uid) {
    throw refuse(
      `the UID in the precondition (${uid}) does not match the UID in record (${old.metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    throw refuse(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${old.metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

async function admit(p: Plane, s: Served, c: RequestContext, t: Target, old: AnyObject): Promise<void> {
  const attributes = {
    operation: 'DELETE' as const,
    resource: s.resource,
    subresource: '',
    namespace: t.namespace,
    name: t.name,
    oldObject: old,
    options: c.options,
    user: c.user,
    dryRun: c.dryRun,
    warn: (text: string) => c.warn(text),
    annotate: c.annotate,
  };
  await mutatingAdmission(p, attributes, c.signal);
  await validatingAdmission(p, attributes, c.signal);
}

interface Step {
  readonly entry: Entry;
  readonly old: AnyObject;
  readonly o: Deletion;
}

async function step(p: Plane, s: Served, c: RequestContext, w: Step): Promise<Deleted> {
  const { old, entry } = w;
  const object = clone(old) as MutableObject;
  const finalizers = finalizersFor(s, w);
  const grace = graceFor(s, w);
  const meta = metaOf(object);
  if (finalizers.length > 0) meta['finalizers'] = finalizers;
  else delete meta['finalizers'];
  const marked = { ...old, metadata: { ...old.metadata, finalizers, deletionTimestamp: 'now', deletionGracePeriodSeconds: grace } };
  if (readyToVanish(marked as AnyObject, s.traits)) {
    if (s.traits.graceSeconds) mark(p, s, object, old, grace);
    if (!c.dryRun) meta['resourceVersion'] = String(await p.cache.commit([{ key: entry.key, expect: entry.revision }]));
    return { object: object as AnyObject, gone: true };
  }
  const changed = mark(p, s, object, old, grace) || finalizers.length !== (old.metadata.finalizers ?? []).length;
  if (!changed || c.dryRun) return { object: object as AnyObject, gone: false };
  const stored = await storedForm(s, object as AnyObject, c.signal);
  await p.cache.commit([{ key: entry.key, expect: entry.revision, make: r => entryFrom(entry.key, stored, r) }]);
  const now = s.collection.get(entry.namespace, entry.name);
  return { object: now ? (await readyView(s, now, c.signal)).object : (object as AnyObject), gone: false };
}

/** Sets the stamps of a terminating object; false when they are already there and no shorter grace was asked for. */
function mark(p: Plane, s: Served, object: MutableObject, old: AnyObject, grace: number): boolean {
  const meta = metaOf(object);
  const now = p.clock.now();
  if (old.metadata.deletionTimestamp === undefined) {
    if (old.metadata.generation && !s.traits.finalizerOnDelete) meta['generation'] = old.metadata.generation + 1;
    s.traits.onTerminate?.(object);
  } else if ((old.metadata.deletionGracePeriodSeconds ?? 0) <= grace) {
    return false;
  }
  meta['deletionTimestamp'] = timestamp(now + grace * 1000);
  if (!s.traits.finalizerOnDelete && !s.traits.holds) meta['deletionGracePeriodSeconds'] = grace;
  return true;
}

function graceFor(s: Served, w: Step): number {
  const preset = s.traits.graceSeconds?.(w.old) ?? 0;
  if (preset === 0) return 0;
  const asked = w.o.gracePeriodSeconds;
  return asked === undefined ? preset : asked < 0 ? 1 : asked;
}

function finalizersFor(s: Served, w: Step): string[] {
  const present = [...(w.old.metadata.finalizers ?? [])];
  if (w.old.metadata.deletionTimestamp !== undefined || s.traits.uncollected) return present;
  const policy = w.o.propagationPolicy ?? presetPolicy(s, present);
  const others = present.filter(f => f !== FOREGROUND && f !== ORPHAN);
  const own = s.traits.finalizerOnDelete;
  if (own && !others.includes(own)) others.push(own);
  if (policy === 'Foreground') return [...others, FOREGROUND];
  if (policy === 'Orphan') return [...others, ORPHAN];
  return others;
}

function presetPolicy(s: Served, present: readonly string[]): Deletion['propagationPolicy'] {
  if (present.includes(ORPHAN)) return 'Orphan';
  if (present.includes(FOREGROUND)) return 'Foreground';
  if (s.traits.orphansByDefault === undefined) return undefined;
  return 'Orphan';
}

/** DELETE of a collection: the objects as listed, each deleted on its own; what vanished meanwhile does not matter. */
export async function removeCollection(
  p: Plane,
  s: Served,
  c: RequestContext,
  q: ListQuery,
  o: Deletion,
): Promise<Awaited<ReturnType<typeof list>>> {
  if (o.propagationPolicy === undefined && s.traits.orphansByDefault) c.warn(s.traits.orphansByDefault);
  const found = await list(p, s, q, c);
  for (const entry of found.entries) {
    try {
      await remove(p, s, c, { namespace: entry.namespace, name: entry.name, subresource: '' }, { ...o, unnamed: true });
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
  return found;
}
