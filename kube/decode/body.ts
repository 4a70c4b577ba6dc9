// The body of a write, in JSON, YAML or protobuf, as the object it stands for. Built-in kinds are decoded into their type, custom
// ones as they are (metadata excepted); fields unknown to the type and keys given twice are told, for the caller to refuse or warn of.

import * as field from '../field-error.ts';
import { clone, isObject } from '../json.ts';
import { MAY_HOLD_LITERALS, noteLiterals } from '../number-literals.ts';
import { scanJson, typeWord } from '../patch/json-scan.ts';
import { decodeProtobuf } from '../protobuf/index.ts';
import { parseApiVersion } from '../resource.ts';
import { badRequest, invalid } from '../status-error.ts';
import { builtinType, type MessageType, messageType } from '../types.ts';
import { jsonText } from './json-text.ts';
import { isPlainlyTyped } from './plain-typed.ts';
import { decodeTyped, type Typed } from './typed.ts';
import { utf8Fault } from './utf8-fault.ts';
import { type Converted, YamlFault, yamlToJson } from './yaml-text.ts';

export interface Expected {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface Decoded {
  readonly object: Record<string, unknown>;
  /** What a strict decoder refuses, in its words. Of YAML with repeated keys the first one has many lines. */
  readonly notes: readonly string[];
}

export const MEDIA_TYPES = { json: 'application/json', yaml: 'application/yaml', protobuf: 'application/vnd.kubernetes.protobuf' };

const SHOWN_BYTES = 30;
const SCHEME = 'pkg/api/legacyscheme/scheme.go:30';
const AGGREGATOR_SCHEME = 'k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:28';

/** Where the reference knows the kinds of a group from. */
const schemeOf = (o: Expected): string => (o.apiVersion.startsWith('apiregistration.k8s.io/') ? AGGREGATOR_SCHEME : SCHEME);

/** The object of a body of a built-in or custom kind; throws BadRequest in the reference's words. */
export function decodeBody(bytes: Uint8Array, mediaType: string, expected: Expected): Decoded {
  if (mediaType === MEDIA_TYPES.protobuf) return { object: decodeProtobuf(bytes, expected).object, notes: [] };
  const unrecognized = (why: string): never => {
    throw badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summary(bytes)})`);
  };
  const body = mediaType === MEDIA_TYPES.yaml ? converted(bytes, unrecognized) : { json: jsonText(bytes), duplicates: [] };
  const scanned = scanJson(body.json);
  if ('fault' in scanned) return unrecognized(`couldn't get version/kind; json parse error: ${scanned.fault}`);
  const found = typeMetaOf(scanned.value, expected, unrecognized);
  const refuse = (why: string): never => {
    const { version } = parseApiVersion(found.apiVersion);
    throw badRequest(`${found.kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: ${why}`);
  };
  const notes = body.duplicates.length > 0 ? [`yaml: unmarshal errors:\n  ${body.duplicates.join('\n  ')}`] : [];
  const type = builtinType(found.apiVersion, found.kind);
  if (found.kind !== expected.kind || found.apiVersion !== expected.apiVersion)
    mismatch(found, { expected, name: nameIn(scanned.value) }, refuse);
  if (!type)
    return custom(
      { value: scanned.value as Record<string, unknown>, json: body.json, notes: [...notes, ...repeated(scanned.duplicates)] },
      found,
      refuse,
    );
  const plain = notes.length === 0 && scanned.duplicates.length === 0 && scanned.plainNumbers;
  if (plain && isPlainlyTyped(scanned.value, type))
    return { object: { ...(scanned.value as Record<string, unknown>), kind: found.kind, apiVersion: found.apiVersion }, notes };
  const typed = decodeTyped(scanned.value === null ? '{}' : body.json, type);
  if (typed.fault) return refuse(typed.fault);
  return { object: { ...typed.object, kind: found.kind, apiVersion: found.apiVersion }, notes: [...notes, ...typed.notes] };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

const repeated = (paths: readonly string[]): string[] => [...new Set(paths)].map(path => `duplicate field ${JSON.stringify(path)}`);

function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const more = bytes.length > SHOWN_BYTES ? ' ...' : '';
  const head = Buffer.from(bytes.subarray(0, SHOWN_BYTES));
  return `${bytes[0] === 0x7b ? head.toString('utf8') : head.toString('hex')}${more}`;
}

function converted(bytes: Uint8Array, refuse: (why: string) => never): Converted {
  const broken = utf8Fault(bytes);
  if (broken) return refuse(`yaml: ${broken}`);
  try {
    return yamlToJson(text(bytes));
  } catch (error) {
    if (error instanceof YamlFault) return refuse(error.message);
    throw error;
  }
}

const TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function typeMetaOf(value: unknown, expected: Expected, refuse: (why: string) => never): Expected {
  const fault = (what: string): never => refuse(`couldn't get version/kind; json parse error: json: cannot unmarshal ${what}`);
  if (value !== null && !isObject(value)) return fault(`${typeWord(value)} into Go value of type ${TYPE_META}`);
  const read = (key: 'apiVersion' | 'kind'): string => {
    const given = value && Object.hasOwn(value, key) ? value[key] : undefined;
    if (given === undefined || given === null) return '';
    return typeof given === 'string' ? given : fault(`${typeWord(given)} into Go struct field .${key} of type string`);
  };
  const apiVersion = read('apiVersion');
  const kind = read('kind');
  if (apiVersion.split('/').length > 2) return refuse(`unexpected GroupVersion string: ${apiVersion}`);
  if (value === null || !builtinType(expected.apiVersion, expected.kind)) missing({ value, kind, apiVersion, expected }, refuse);
  return { apiVersion: apiVersion || expected.apiVersion, kind: kind || expected.kind };
}

/** Custom objects must say what they are. */
function missing(o: { value: unknown; kind: string; apiVersion: string; expected: Expected }, refuse: (why: string) => never): void {
  const { value, kind, apiVersion, expected } = o;
  if (value === null) return;
  if (kind === '') refuse(`Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  if (apiVersion === '')
    throw badRequest(`the API version in the data () does not match the expected API version (${expected.apiVersion})`);
}

/** A patched object as its kind; `fault` where it is none. The notes are those of a strict decoder. */
export function decodeValue(value: Readonly<Record<string, unknown>>, expected: Expected): Decoded & { readonly fault?: string } {
  const found = { apiVersion: textOr(value['apiVersion'], expected.apiVersion), kind: textOr(value['kind'], expected.kind) };
  const other = found.kind !== expected.kind || found.apiVersion !== expected.apiVersion;
  if (other) {
    const fault = `no kind ${JSON.stringify(found.kind)} is registered for version ${JSON.stringify(found.apiVersion)} in scheme ${JSON.stringify(schemeOf(expected))}`;
    return { object: { ...value }, notes: [], fault };
  }
  const type = builtinType(expected.apiVersion, expected.kind);
  if (type) {
    const typed = typedValue(value, type);
    return { ...typed, object: { ...typed.object, ...found } };
  }
  let fault = '';
  const refuse = (why: string): never => {
    fault ||= why;
    throw new Refused();
  };
  try {
    return custom({ value: { ...value }, json: '', notes: [] }, found, refuse);
  } catch (error) {
    if (error instanceof Refused) return { object: { ...value }, notes: [], fault };
    throw error;
  }
}

class Refused extends Error {}

/** A value that holds no text of its own, decoded into new objects. */
function typedValue(value: unknown, type: MessageType): Typed {
  if (isObject(value) && isPlainlyTyped(value, type)) return { object: clone(value), notes: [] };
  return decodeTyped(JSON.stringify(value), type);
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' && value !== '' ? value : otherwise);

function mismatch(found: Expected, o: { readonly expected: Expected; readonly name: string }, refuse: (why: string) => never): never {
  const { expected, name } = o;
  const group = parseApiVersion(expected.apiVersion).group.split('.')[0] || 'core';
  const known = builtinType(found.apiVersion, found.kind);
  const [own, other] = [parseApiVersion(expected.apiVersion), parseApiVersion(found.apiVersion)];
  if (known && own.group === other.group && found.kind === expected.kind)
    throw badRequest(`the API version in the data (${found.apiVersion}) does not match the expected API version (${expected.apiVersion})`);
  if (!builtinType(expected.apiVersion, expected.kind) && found.apiVersion === expected.apiVersion)
    throw invalid({ group: parseApiVersion(found.apiVersion).group, kind: found.kind, name }, [
      field.invalidValue('kind', found.kind, `must be ${expected.kind}`),
    ]);
  if (!builtinType(expected.apiVersion, expected.kind))
    throw badRequest(`the API version in the data (${found.apiVersion}) does not match the expected API version (${expected.apiVersion})`);
  if (!known && !/List$/.test(found.kind))
    return refuse(
      `no kind ${JSON.stringify(found.kind)} is registered for version ${JSON.stringify(found.apiVersion)} in scheme ${JSON.stringify(schemeOf(expected))}`,
    );
  return refuse(
    `converting (${parseApiVersion(found.apiVersion).version}.${found.kind}) to (${group}.${expected.kind}): unknown conversion`,
  );
}

function nameIn(value: unknown): string {
  const name = isObject(value) && isObject(value['metadata']) ? value['metadata']['name'] : '';
  return typeof name === 'string' ? name : '';
}

/** Objects of custom kinds: any fields, but metadata as every object has it. */
function custom(
  o: { value: Record<string, unknown>; json: string; notes: string[] },
  found: Expected,
  refuse: (why: string) => never,
): Decoded {
  const endless = endlessNumber(o.json);
  if (endless) refuse(`json: cannot unmarshal number ${endless} into Go value of type float64`);
  const object: Record<string, unknown> = { ...o.value, ...found };
  if (MAY_HOLD_LITERALS.test(o.json)) noteLiterals(o.json, object);
  const notes = [...o.notes];
  const type = messageType('apimachinery.pkg.apis.meta.v1.ObjectMeta');
  if (type && object['metadata'] !== undefined && object['metadata'] !== null) {
    const typed = typedValue(object['metadata'], type);
    if (typed.fault) refuse(typed.fault);
    object['metadata'] = typed.object;
    notes.push(...typed.notes.map(note => note.replace('field "', 'field "metadata.')));
  }
  return { object, notes };
}

/** A number that no double holds. */
function endlessNumber(json: string): string | undefined {
  if (!/[eE]\+?\d{3}|\d{309}/.test(json)) return undefined;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g))
    if (!token.startsWith('"') && !Number.isFinite(Number(token))) return token;
  return undefined;
}
