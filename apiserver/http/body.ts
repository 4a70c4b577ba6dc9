// Request bodies: JSON, YAML or protobuf, into the object a verb works on, with unknown and duplicate fields told or refused.
import {
  type AnyObject,
  apiVersionOf,
  badRequest,
  builtinType,
  decodeBody,
  decodeProtobuf,
  decodeTyped,
  decodeValue,
  isObject,
  MEDIA_TYPES,
  parseApiVersion,
  patchJson,
  patchMerge,
  patchStrategic,
  type Resource,
  scanJson,
  unsupportedMediaType,
  yamlToJson,
} from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { crdDecodeFault } from '../crd/decode-fault.ts';
import { type PatchRequest, undecodedPatch, unsupportedPatch } from '../registry/index.ts';
import type { WriteQuery } from './options.ts';
import type { Call } from './server-parts.ts';

const PROTOBUF = MEDIA_TYPES.protobuf;
const ACCEPTED: readonly string[] = [MEDIA_TYPES.json, MEDIA_TYPES.yaml, PROTOBUF];

/** The media type without parameters; JSON where none is named. */
export function mediaType(header: string | undefined): string {
  const type = (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type === '' ? 'application/json' : type;
}

type Kind = Pick<Resource, 'group' | 'version' | 'kind'>;

/** The object of a create or update; `kind` where the body is of another kind than the resource. */
export function decodeWrite(c: Call, w: WriteQuery, kind: Kind = c.s.resource): MutableObject {
  const type = mediaType(c.x.request.headers['content-type']);
  const expected = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  const accepted = builtinType(expected.apiVersion, expected.kind) ? ACCEPTED : ACCEPTED.slice(0, 2);
  if (!accepted.includes(type))
    throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${ACCEPTED.join(', ')}`);
  const { object, notes } = decodeBody(c.x.body, type, expected);
  // Schemas inside lists and alternatives have decoders of their own.
  const fault = isCrd(kind) ? crdDecodeFault(object) : undefined;
  if (fault) throw fault;
  c.x.audit?.request(object);
  const own = kind === c.s.resource && c.s.custom;
  tellFaults(c, w, {
    kind: expected,
    notes: own
      ? [...notes.filter(n => !INSIDE_METADATA.test(n)), ...c.s.prune(object), ...notes.filter(n => INSIDE_METADATA.test(n))]
      : notes,
  });
  return object;
}

const isCrd = (kind: Kind): boolean => kind.group === 'apiextensions.k8s.io' && kind.kind === 'CustomResourceDefinition';

const INSIDE_METADATA = /^unknown field "metadata\./;

/** Strict: refused; Warn: told; Ignore: dropped. */
function tellFaults(
  c: Call,
  w: WriteQuery,
  o: { readonly kind: { apiVersion: string; kind: string }; readonly notes: readonly string[] },
): void {
  if (o.notes.length === 0 || w.fieldValidation === 'Ignore') return;
  const { apiVersion, kind } = o.kind;
  if (w.fieldValidation === 'Strict') {
    const version = parseApiVersion(apiVersion).version;
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${o.notes.join(', ')}`);
  }
  for (const note of o.notes) for (const line of note.replace(/^yaml: unmarshal errors:\n {2}/, '').split('\n  ')) c.x.warnings.add(line);
}

/** The body of DELETE, if it has one. */
export function decodeOptions(c: Call): unknown {
  if (c.x.body.length === 0) return undefined;
  const type = mediaType(c.x.request.headers['content-type']);
  if (type === PROTOBUF) return decodeProtobuf(c.x.body, { apiVersion: apiVersionOf(c.s.resource), kind: 'DeleteOptions' }).object;
  const text = type === MEDIA_TYPES.yaml ? yamlOf(c.x.body) : c.x.body.toString();
  const scanned = scanJson(text);
  if ('fault' in scanned) throw badRequest(`couldn't get version/kind; json parse error: ${scanned.fault}`);
  if (!isObject(scanned.value)) throw badRequest(`couldn't get version/kind; json parse error: json: cannot unmarshal into a struct`);
  const { kind, apiVersion } = scanned.value;
  if (typeof kind === 'string' && kind !== '' && kind !== 'DeleteOptions') {
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? '')} in scheme ${JSON.stringify(OPTIONS_SCHEME)}`,
    );
  }
  const options = builtinType('v1', 'DeleteOptions');
  if (!options) return scanned.value;
  const typed = decodeTyped(text, options);
  if (typed.fault) throw badRequest(typed.fault);
  return typed.object;
}

const OPTIONS_SCHEME = 'k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27';

function yamlOf(body: Buffer): string {
  try {
    return yamlToJson(body.toString()).json;
  } catch (error) {
    throw badRequest((error as Error).message, error);
  }
}

const PATCH_TYPES: ReadonlyMap<string, PatchRequest['type']> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
]);

export function decodePatch(c: Call, w: WriteQuery, header: string): PatchRequest {
  const type = PATCH_TYPES.get(mediaType(header || '?'));
  if (!type) throw unsupportedMediaType('415: Unsupported Media Type', true);
  if (type === 'strategic' && c.s.custom)
    throw unsupportedPatch(['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']);
  const untyped = type !== 'strategic' && !c.s.custom;
  return {
    type,
    text: c.x.body.toString(),
    fieldValidation: w.fieldValidation,
    decode: result => (untyped && !result['apiVersion'] && result['kind'] ? decodeUntyped(result) : decodePatched(c, result)),
  };
}

/** Without its version a patched object is decoded as something that has a kind alone. */
function decodeUntyped(result: MutableObject): ReturnType<PatchRequest['decode']> {
  const { kind, ...unknown } = result;
  const notes = Object.keys(unknown).filter(name => name !== 'apiVersion');
  return { object: { kind, metadata: {} }, notes: notes.sort().map(name => `unknown field ${JSON.stringify(name)}`) };
}

function decodePatched(c: Call, result: MutableObject): ReturnType<PatchRequest['decode']> {
  const done = decodeValue(result, { apiVersion: apiVersionOf(c.s.resource), kind: c.s.resource.kind });
  return c.s.custom && !done.fault ? { object: done.object, notes: [...c.s.prune(done.object), ...done.notes] } : done;
}

/** How a PUT or PATCH body of the scale subresource becomes the new Scale. */
export function scaleChange(c: Call, w: WriteQuery, verb: 'update' | 'patch'): (present: AnyObject) => MutableObject {
  if (verb === 'update') {
    const scale = decodeWrite(c, w, { group: 'autoscaling', version: 'v1', kind: 'Scale' });
    return () => scale;
  }
  const type = PATCH_TYPES.get(mediaType(c.x.request.headers['content-type'] || '?'));
  const text = c.x.body.toString();
  if (!type) throw unsupportedMediaType('415: Unsupported Media Type', true);
  return present => {
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale' };
    const shape = builtinType(scale.apiVersion, scale.kind);
    const { result, strict } =
      type === 'json'
        ? patchJson(present, text, w)
        : type === 'strategic' && shape
          ? patchStrategic(present, text, { type: shape, fieldValidation: w.fieldValidation })
          : patchMerge(present, text, w);
    if (!isObject(result)) throw badRequest('the patched scale is no object');
    const { object, notes, fault } = decodeValue(result, scale);
    if (fault) throw undecodedPatch(result, { type, text, of: shape }, fault);
    tellFaults(c, w, { kind: scale, notes: [...strict, ...notes] });
    return object;
  };
}
