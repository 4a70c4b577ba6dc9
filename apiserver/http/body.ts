// Request bodies: JSON, YAML or protobuf, into the object a verb works on, with unknown and duplicate fields told or refused.
import { parse as parseYaml } from 'yaml';
import {
  type AnyObject,
  apiVersionOf,
  badRequest,
  builtinType,
  decodeProtobuf,
  isObject,
  patchJson,
  patchMerge,
  type Resource,
  unsupportedMediaType,
} from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { type PatchRequest, unsupportedPatch } from '../registry/index.ts';
import type { WriteQuery } from './options.ts';
import type { Call } from './resource.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const ACCEPTED = ['application/json', 'application/yaml', PROTOBUF];

/** The media type without parameters; JSON where none is named. */
export function mediaType(header: string | undefined): string {
  const type = (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type === '' ? 'application/json' : type;
}

type Kind = Pick<Resource, 'group' | 'version' | 'kind'>;

/** The object of a create or update; `kind` where the body is of another kind than the resource. */
export function decodeWrite(c: Call, w: WriteQuery, kind: Kind = c.s.resource): MutableObject {
  const type = mediaType(c.x.request.headers['content-type']);
  if (!ACCEPTED.includes(type)) {
    throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${ACCEPTED.join(', ')}`);
  }
  const expected = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  if (type === PROTOBUF) {
    if (!builtinType(expected.apiVersion, expected.kind)) {
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml`,
      );
    }
    return checked(decodeProtobuf(c.x.body, expected).object, expected);
  }
  const object = checked(parseText(c.x.body, type), expected);
  if (kind === c.s.resource) tellFaults(c, w, c.s.prune(object));
  return object;
}

/** Strict: refused; Warn: told; Ignore: dropped. */
function tellFaults(c: Call, w: WriteQuery, faults: readonly string[]): void {
  if (faults.length === 0 || w.fieldValidation === 'Ignore') return;
  if (w.fieldValidation === 'Strict') throw badRequest(`strict decoding error: ${faults.join(', ')}`);
  for (const text of faults) c.x.warnings.add(text);
}

function parseText(body: Buffer, type: string): unknown {
  const text = body.toString();
  try {
    return type === 'application/json' ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    throw badRequest((error as Error).message, error);
  }
}

function checked(value: unknown, expected: { apiVersion: string; kind: string }): MutableObject {
  if (!isObject(value)) throw badRequest(`couldn't get version/kind; json parse error: the body is no object`);
  const { apiVersion, kind } = value;
  if (kind === undefined || kind === '') value['kind'] = expected.kind;
  if (apiVersion === undefined || apiVersion === '') value['apiVersion'] = expected.apiVersion;
  if (value['kind'] !== expected.kind || value['apiVersion'] !== expected.apiVersion) {
    throw badRequest(
      `${String(value['kind'])} in version "${String(value['apiVersion']).split('/').at(-1)}" cannot be handled as a ${expected.kind}: no kind "${String(value['kind'])}" is registered for version "${String(value['apiVersion'])}" in scheme`,
    );
  }
  return value;
}

/** The body of DELETE, if it has one. */
export function decodeOptions(c: Call): unknown {
  if (c.x.body.length === 0) return undefined;
  const type = mediaType(c.x.request.headers['content-type']);
  if (type === PROTOBUF) return decodeProtobuf(c.x.body, { apiVersion: apiVersionOf(c.s.resource), kind: 'DeleteOptions' }).object;
  return parseText(c.x.body, type);
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
  return { type, text: c.x.body.toString(), fieldValidation: w.fieldValidation, unknownFields: object => c.s.prune(object) };
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
    const { result } = type === 'json' ? patchJson(present, text, w) : patchMerge(present, text, w);
    if (!isObject(result)) throw badRequest('the patched scale is no object');
    return result;
  };
}
