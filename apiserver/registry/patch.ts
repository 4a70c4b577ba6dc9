// PATCH: a change described by its difference. Without a resource version in the patch the server tries again when it loses a race.
import {
  type AnyObject,
  apiVersionOf,
  applyMergePatch,
  badRequest,
  builtinType,
  clone,
  conflict,
  goText,
  invalid,
  isObject,
  type MessageType,
  patchJson,
  patchMerge,
  patchStrategic,
  unsupportedMediaType,
} from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { RequestContext } from './context.ts';
import { metaRead } from './metadata.ts';
import { patchedText, touched } from './patched-text.ts';
import type { Plane } from './plane.ts';
import type { Served } from './served.ts';
import { modify, type Target } from './update.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface PatchRequest {
  readonly type: 'json' | 'merge' | 'strategic';
  readonly text: string;
  /** What the text says, where it was a value before. */
  readonly value?: unknown;
  readonly fieldValidation: FieldValidation;
  /** The patched object as its kind, with what a strict decoder would refuse; `fault` where it is none. */
  readonly decode: (result: MutableObject) => {
    readonly object: MutableObject;
    readonly notes: readonly string[];
    readonly fault?: string;
  };
}

export async function patch(p: Plane, s: Served, c: RequestContext, t: Target, r: PatchRequest): Promise<AnyObject> {
  let told = false;
  return modify(p, s, c, t, {
    make: old => {
      const { result, strict } = apply(s, old, r);
      if (!isObject(result)) throw badRequest('the patched object is no object');
      // Decoding a custom object takes out what a strict refusal must show.
      const seen = s.custom && r.fieldValidation === 'Strict' ? clone(result) : result;
      const { object, notes: met, fault } = r.decode(result as MutableObject);
      if (fault) throw patchFault(`${shown(s, seen, r)}: ${fault}`);
      const notes = s.custom ? met : inOrder(met, r.type);
      const faults = r.fieldValidation === 'Ignore' ? [] : [...strict, ...notes];
      if (faults.length > 0 && r.fieldValidation === 'Strict') {
        const told = `strict decoding error: ${faults.join(', ')}`;
        throw patchFault(notes.length > 0 ? `${shown(s, seen, r)}: ${told}` : `${JSON.stringify(told)}`);
      }
      if (!told) for (const text of faults) c.warn(text);
      told = true;
      checkIdentity(s, old, object);
      return object;
    },
  });
}

/** The reference sorts the texts of a strategic patch; of others it meets the fields of each object by name, so deeper ones first. */
function inOrder(notes: readonly string[], type: PatchRequest['type']): readonly string[] {
  if (notes.length < 2) return notes;
  const key = (note: string): string => (type === 'strategic' ? note : note.replaceAll('.', '\u0000').replaceAll('[', '\u0000['));
  return [...notes].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The patched object as text: fields in the order of the type, sorted where the patch has been or no type is known. */
function shown(s: Served, result: Record<string, unknown>, r: PatchRequest): string {
  return quoted(result, { ...r, of: s.custom ? undefined : builtinType(apiVersionOf(s.resource), s.resource.kind) });
}

type Quoted = Pick<PatchRequest, 'type' | 'text'> & { readonly of: MessageType | undefined };

/** A patched object that does not decode. */
export const undecodedPatch = (result: Record<string, unknown>, r: Quoted, fault: string): Error =>
  patchFault(`${quoted(result, r)}: ${fault}`);

function quoted(result: Record<string, unknown>, r: Quoted): string {
  // A strategic patch is quoted itself.
  if (r.type === 'strategic') return JSON.stringify(goText(JSON.parse(r.text)));
  return JSON.stringify(patchedText(result, touched(r), r.of));
}

function apply(s: Served, old: AnyObject, r: PatchRequest): { readonly result: unknown; readonly strict: readonly string[] } {
  const o = { fieldValidation: r.fieldValidation };
  if (r.type === 'json') return patchJson(old, r.text, o);
  // These two share what they do not touch with the document, and the result is changed later on.
  const copy = clone(old);
  if (r.type === 'merge')
    return r.value === undefined ? patchMerge(copy, r.text, o) : { result: applyMergePatch(copy, r.value), strict: [] };
  const type = s.custom ? undefined : builtinType(apiVersionOf(s.resource), s.resource.kind);
  if (!type) throw unsupportedPatch(['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']);
  return patchStrategic(copy, r.text, { type, ...o });
}

export const unsupportedPatch = (accepted: readonly string[]): Error =>
  unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`);

const patchFault = (told: string): Error =>
  invalid({ group: '', kind: '', name: '' }, [
    { reason: 'FieldValueInvalid', field: 'patch', body: `Invalid value: ${told}`, text: `patch: Invalid value: ${told}` },
  ]);

function checkIdentity(s: Served, old: AnyObject, object: MutableObject): void {
  const meta = metaRead(object);
  if (!meta.name) throw badRequest(`the name of the object (${old.metadata.name} based on URL) was undeterminable: name must be provided`);
  if (meta.name !== old.metadata.name)
    throw badRequest(`the name of the object (${meta.name ?? ''}) does not match the name on the URL (${old.metadata.name})`);
  if (meta.namespace !== old.metadata.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const locked = meta.resourceVersion;
  if (locked !== undefined && locked !== '' && locked !== old.metadata.resourceVersion)
    throw conflict({ ...s.resource, name: old.metadata.name ?? '' });
}

/** A copy that may be changed. */
export const mutable = (object: AnyObject): MutableObject => clone(object) as MutableObject;
