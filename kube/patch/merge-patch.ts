// JSON Merge Patch (RFC 7386) as the server applies it: null deletes, objects merge, everything else replaces; nulls inside new
// values are dropped, except below a list that takes an object's place. The document given is never changed.
import { clone, isObject } from '../json.ts';
import { badRequest, plain500 } from '../status-error.ts';
import type { Patched } from './json-patch.ts';
import { scanJson, typeWord } from './json-scan.ts';
import { getOwn, setOwn } from './own-key.ts';

/** Applies the text of a merge patch; 400 for a text that is none. */
export function patchMerge(doc: unknown, text: string, o: { readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict' }): Patched {
  const checked = o.fieldValidation !== 'Ignore';
  const scanned = scanJson(text);
  if (checked) {
    const fault = 'fault' in scanned ? scanned.fault : shapeFault(scanned.value, text);
    if (fault) throw badRequest(`error decoding patch: ${fault}`);
  }
  if ('fault' in scanned) throw badRequest('Invalid JSON Patch');
  const strict = checked ? scanned.duplicates.map(path => `duplicate field "${path}"`) : [];
  return { result: applyMergePatch(doc, scanned.value), strict };
}

function shapeFault(patch: unknown, text: string): string | undefined {
  if (patch !== null && !isObject(patch)) return `json: cannot unmarshal ${typeWord(patch)} into Go value of type map[string]interface {}`;
  const huge = hasInfinity(patch) ? /-?\d[\d.]*[eE]\+?\d+/.exec(text)?.[0] : undefined;
  return huge ? `json: cannot unmarshal number ${huge} into Go value of type float64` : undefined;
}

function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity);
}

/** Merges a parsed patch into a copy of the document; 400 for a patch that is neither object nor list. */
export function applyMergePatch(doc: unknown, patch: unknown): unknown {
  if (doc === null) throw plain500('Invalid JSON Document');
  if (typeof patch !== 'object' || patch === null) throw badRequest('Invalid JSON Patch');
  if (!isObject(patch) || !isObject(doc)) return withoutNulls(patch);
  return mergeObjects(doc, patch);
}

function mergeObjects(doc: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...doc };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else setOwn(merged, key, mergeValue(getOwn(merged, key), value));
  }
  return merged;
}

function mergeValue(current: unknown, value: unknown): unknown {
  if (!isObject(current)) return withoutNulls(value);
  return isObject(value) ? mergeObjects(current, value) : clone(value);
}

/** A copy without the keys that are null; null items of lists stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== null) setOwn(kept, key, withoutNulls(item));
  return kept;
}
