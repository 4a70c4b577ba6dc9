// The server's entry to strategic merge: text in, patched object out, faults as Status.
import { isObject } from '../json.ts';
import { badRequest, plain500, StatusError } from '../status-error.ts';
import type { MessageType } from '../types.ts';
import { checkDecodes } from './decode-check.ts';
import { goText } from './go-text.ts';
import type { Patched } from './json-patch.ts';
import { scanJson, typeWord } from './json-scan.ts';
import { StrategicFault } from './strategic-fault.ts';
import { strategicMerge as merge } from './strategic-merge.ts';

/** Applies the text of a strategic merge patch to an object of that type; 422 when the result does not decode into it. */
export function patchStrategic(
  original: Readonly<Record<string, unknown>>,
  text: string,
  o: { readonly type: MessageType; readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict' },
): Patched {
  const scanned = scanJson(text);
  if ('fault' in scanned) throw badRequest(scanned.fault);
  const patch = scanned.value ?? {};
  if (!isObject(patch)) throw badRequest(`json: cannot unmarshal ${typeWord(patch)} into Go value of type map[string]interface {}`);
  const result = strategicMerge(original, patch, o.type);
  const fault = checkDecodes(result, o.type);
  if (fault) throw undecodable(patch, fault);
  return { result, strict: o.fieldValidation === 'Ignore' ? [] : scanned.duplicates.map(path => `duplicate field "${path}"`) };
}

/** Merges parsed documents; faults are StatusErrors with the recorded codes. The result is not checked against the type. */
export function strategicMerge(
  original: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
  type: MessageType,
): Record<string, unknown> {
  try {
    return merge(original, patch, type);
  } catch (error) {
    if (!(error instanceof StrategicFault)) throw error;
    if (error.code === 400) throw badRequest(error.message);
    if (error.code === 500) throw plain500(error.message);
    throw new StatusError({
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
      details: {},
    });
  }
}

/** The patch is quoted, not what came of it. */
function undecodable(patch: unknown, fault: string): StatusError {
  const body = `Invalid value: ${JSON.stringify(goText(patch))}: ${fault}`;
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: ` "" is invalid: patch: ${body}`,
    details: { causes: [{ reason: 'FieldValueInvalid', message: body, field: 'patch' }] },
  });
}
