// POST: defaults, admission, validation, then one durable write.
import { type AnyObject, alreadyExists, badRequest, clone, field, invalid, plain500, timestamp } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { trackWrite } from '../apply/track.ts';
import { ConflictError } from '../store/index.ts';
import type { RequestContext } from './context.ts';
import { fillNew, generatedName, metaOf } from './metadata.ts';
import { mutatingAdmission, type Plane, validatingAdmission } from './plane.ts';
import { readyView, type Served, storedForm, subjectOf } from './served.ts';
import { checkedEntry, storageKey } from './storage.ts';

const GENERATE_ATTEMPTS = 8;

export interface NewObject {
  readonly namespace: string;
  /** Consumed: the caller does not use it again. */
  readonly object: MutableObject;
  /** The name the path asks for: server-side apply and create-on-update. */
  readonly name?: string;
  /** The ownership of server-side apply, already in the object. */
  readonly tracked?: boolean;
}

export async function create(p: Plane, s: Served, c: RequestContext, o: NewObject): Promise<AnyObject> {
  const { object } = o;
  const meta = metaOf(object);
  checkNamespace(s, o.namespace, meta);
  if (s.resource.scope === 'Namespaced') meta['namespace'] = o.namespace;
  if (s.answer) return s.answer(c, object, o.namespace);
  const given = meta['resourceVersion'];
  const versioned = typeof given === 'string' && /^[1-9]\d*$/.test(given) && !c.dryRun;
  delete meta['resourceVersion'];
  s.traits.tidy?.(object, text => c.warn(text));
  const { managedFields } = meta;
  s.rules.defaults(object);
  const attributes = {
    operation: 'CREATE' as const,
    resource: s.resource,
    subresource: '',
    namespace: s.resource.scope === 'Namespaced' ? o.namespace : '',
    name: typeof meta['name'] === 'string' ? meta['name'] : '',
    object,
    options: c.options,
    user: c.user,
    dryRun: c.dryRun,
    warn: (text: string) => c.warn(text),
    annotate: c.annotate,
  };
  if (!o.tracked) {
    const tracking = trackWrite(s, {
      live: undefined,
      updated: s.rules.sent?.(object) ?? object,
      given: managedFields,
      manager: c.fieldManager,
      subresource: '',
      now: timestamp(p.clock.now()),
    });
    if (tracking) await tracking;
  }
  await mutatingAdmission(p, attributes, c.signal);
  const made = await named(p, s, c, object, async () => {
    fillNew(p, object, s.traits);
    s.rules.prepareCreate?.(object);
    const errors = s.rules.validate(object);
    if (errors.length > 0) throw invalid(subjectOf(s, nameOf(object)), errors);
    await validatingAdmission(p, { ...attributes, name: nameOf(object) }, c.signal);
    for (const text of s.rules.warnings?.(object) ?? []) c.warn(text);
    if (versioned) throw plain500('resourceVersion should not be set on objects to be created');
  });
  return c.dryRun && typeof given === 'string' && given !== '' ? withVersion(made, given) : made;
}

/** What is not stored keeps the version that came with it. */
const withVersion = (object: AnyObject, resourceVersion: string): AnyObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion },
});

const nameOf = (object: MutableObject): string => {
  const { name } = metaOf(object);
  return typeof name === 'string' ? name : '';
};

function checkNamespace(s: Served, namespace: string, meta: MutableObject): void {
  const given = meta['namespace'];
  if (s.resource.scope === 'Cluster') {
    delete meta['namespace'];
    return;
  }
  if (typeof given === 'string' && given !== '' && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** Stores under the given name, or under generated ones until one is free: the object is prepared anew for each. */
async function named(p: Plane, s: Served, c: RequestContext, object: MutableObject, prepare: () => Promise<void>): Promise<AnyObject> {
  const meta = metaOf(object);
  const base = typeof meta['generateName'] === 'string' ? meta['generateName'] : '';
  const generate = nameOf(object) === '' && base !== '';
  if (!generate && nameOf(object) === '' && s.traits.randomNameWhenAbsent) meta['name'] = p.clock.uuid();
  const nameless = generate ? clone(object) : object;
  for (let attempt = 1; ; attempt++) {
    if (attempt > 1) Object.assign(object, clone(nameless));
    if (generate) metaOf(object)['name'] = generatedName(base, () => p.clock.random());
    await prepare();
    // After the check, which names every other fault of the object as well.
    if (nameOf(object) === '') throw invalid(subjectOf(s, ''), [field.required('metadata.name', 'name or generateName is required')]);
    s.rules.settle?.(object);
    try {
      return await store(p, s, c, object);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      await error.settled;
      if (generate && attempt < GENERATE_ATTEMPTS) continue;
      throw taken(s, object, base);
    }
  }
}

async function store(p: Plane, s: Served, c: RequestContext, object: MutableObject): Promise<AnyObject> {
  const meta = metaOf(object);
  const namespace = typeof meta['namespace'] === 'string' ? meta['namespace'] : '';
  const key = storageKey(s, namespace, nameOf(object));
  if (c.dryRun) {
    if (s.collection.get(namespace, nameOf(object))) throw new ConflictError(key, 0);
    return object as AnyObject;
  }
  const stored = await storedForm(s, object as AnyObject, c.signal);
  await p.cache.commit([{ key, expect: 0, make: revision => checkedEntry(key, stored, { revision }) }]);
  const entry = s.collection.get(namespace, nameOf(object));
  if (entry && entry.object.metadata.uid === meta['uid']) return (await readyView(s, entry, c.signal)).object;
  return s.ready ? (object as AnyObject) : s.fromStored(stored);
}

function taken(s: Served, object: MutableObject, base: string): Error {
  const subject = { ...s.resource, name: nameOf(object) };
  if (base !== '') {
    const about = `${s.resource.group ? `${s.resource.plural}.${s.resource.group}` : s.resource.plural} "${subject.name}"`;
    return alreadyExists(subject, {
      message: `${about} already exists, the server was not able to generate a unique name for the object`,
      retryAfterSeconds: 1,
    });
  }
  const meta = metaOf(object);
  const existing = s.collection.get(typeof meta['namespace'] === 'string' ? meta['namespace'] : '', subject.name);
  const error = alreadyExists(subject);
  return existing?.object.metadata.deletionTimestamp
    ? alreadyExists(subject, { message: `object is being deleted: ${error.message}` })
    : error;
}
