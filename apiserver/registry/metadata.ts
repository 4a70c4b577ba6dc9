// What every write does to metadata: the fields that belong to the server.
import { type AnyObject, equal, isObject, type ObjectMeta, timestamp } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { Plane } from './plane.ts';
import type { KindTraits } from './served.ts';

/** The metadata of an object under construction; made where it is absent. */
export function metaOf(object: MutableObject): MutableObject {
  if (!isObject(object['metadata'])) object['metadata'] = {};
  return object['metadata'] as MutableObject;
}

export const metaRead = (object: Readonly<MutableObject>): ObjectMeta =>
  (isObject(object['metadata']) ? object['metadata'] : {}) as ObjectMeta;

/** What the server sets on a new object, whatever the client sent. */
export function fillNew(p: Plane, object: MutableObject, traits: KindTraits): void {
  const meta = metaOf(object);
  meta['uid'] = p.clock.uuid();
  meta['creationTimestamp'] = timestamp(p.clock.now());
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'resourceVersion']) delete meta[field];
  if (traits.generation !== 'none') meta['generation'] = 1;
}

/** What an update may not change, taken from the stored object. */
export function keepSystemFields(object: MutableObject, old: AnyObject): void {
  const meta = metaOf(object);
  const { uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds } = old.metadata;
  const kept: Record<string, unknown> = { uid, creationTimestamp, generation };
  if (meta['deletionTimestamp'] === undefined || meta['deletionTimestamp'] === null) kept['deletionTimestamp'] = deletionTimestamp;
  if (meta['deletionGracePeriodSeconds'] === undefined || meta['deletionGracePeriodSeconds'] === null) {
    kept['deletionGracePeriodSeconds'] = deletionGracePeriodSeconds;
  }
  for (const [field, value] of Object.entries(kept)) {
    if (value === undefined) delete meta[field];
    else meta[field] = value;
  }
  delete meta['selfLink'];
}

/** Raises the generation where something that counts has changed. */
export function raiseGeneration(object: MutableObject, old: AnyObject, traits: KindTraits): void {
  if (traits.generation === 'none') return;
  const changed = traits.generation === 'spec' ? partsDiffer(object, old, NOT_SPEC) : partsDiffer(object, old, NOT_CONTENT);
  const also = traits.generationAlso && !equal(traits.generationAlso(object), traits.generationAlso(old));
  metaOf(object)['generation'] = (old.metadata.generation ?? 0) + (changed || also ? 1 : 0);
}

const NOT_SPEC = new Set(['apiVersion', 'kind', 'metadata', 'status']);
const NOT_CONTENT = new Set(['apiVersion', 'kind', 'metadata']);
const METADATA = new Set(['metadata']);

function partsDiffer(a: Readonly<MutableObject>, b: Readonly<MutableObject>, ignored: ReadonlySet<string>): boolean {
  for (const key in a) if (!ignored.has(key) && !equal(a[key], b[key])) return true;
  for (const key in b) if (!ignored.has(key) && a[key] === undefined && b[key] !== undefined) return true;
  return false;
}

/** Whether a write would change nothing: the times of managedFields do not count, nor does the resource version. */
export function isNoOp(object: Readonly<MutableObject>, old: AnyObject): boolean {
  if (metaRead(object).generation !== old.metadata.generation || partsDiffer(object, old, METADATA)) return false;
  const strip = (meta: ObjectMeta): unknown => ({
    ...meta,
    resourceVersion: undefined,
    managedFields: meta.managedFields?.map(e => ({ ...e, time: undefined })),
  });
  return equal(strip(metaRead(object)), strip(old.metadata));
}

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_BASE = 63 - SUFFIX_LENGTH;

/** A name from generateName: its first 58 characters and five random ones. */
export function generatedName(base: string, random: () => number): string {
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++) suffix += SUFFIX_LETTERS[Math.floor(random() * SUFFIX_LETTERS.length)];
  return base.slice(0, MAX_BASE) + suffix;
}
