// Protobuf bodies of the built-in kinds: the envelope `k8s\0` + Unknown, and the kind's own message inside.
// Faults are 400 BadRequest in the words of the specification §2.2.

import { parseApiVersion } from '../resource.ts';
import { badRequest, plain500 } from '../status-error.ts';
import { builtinType } from '../types.ts';
import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import { goQuoted } from './go-quote.ts';
import { WireFault, WireReader, WireWriter } from './wire.ts';

export { zeroObject } from './presence.ts';

const PREFIX = Uint8Array.from([0x6b, 0x38, 0x73, 0x00]);
const SHOWN_BYTES = 30;

export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface DecodedProtobuf {
  /** With apiVersion and kind. */
  readonly object: Record<string, unknown>;
  readonly typeMeta: TypeMeta;
}

/** Is this body a protobuf envelope? */
function isProtobuf(bytes: Uint8Array): boolean {
  return bytes.length >= PREFIX.length && PREFIX.every((byte, i) => bytes[i] === byte);
}

/** The object in a protobuf body; `expected` comes from the URL and fills what the envelope leaves out. */
export function decodeProtobuf(bytes: Uint8Array, expected: TypeMeta): DecodedProtobuf {
  const envelope = openEnvelope(bytes, expected.kind);
  const found = { apiVersion: textOr(envelope.apiVersion, expected.apiVersion), kind: textOr(envelope.kind, expected.kind) };
  const refuse = (why: string): never => {
    throw badRequest(`${found.kind} in version "${versionText(envelope, found)}" cannot be handled as a ${expected.kind}: ${why}`);
  };
  const type = builtinType(found.apiVersion, found.kind);
  if (!type) {
    const kind = goQuoted(envelope.kind?.length ? envelope.kind : Buffer.from(expected.kind));
    const version = goQuoted(envelope.apiVersion?.length ? envelope.apiVersion : Buffer.from(expected.apiVersion));
    return refuse(`no kind ${kind} is registered for version ${version} in scheme "pkg/api/legacyscheme/scheme.go:30"`);
  }
  if (found.kind !== expected.kind) refuse(conversionFault(found, expected));
  try {
    return { object: { kind: found.kind, apiVersion: found.apiVersion, ...decodeMessage(envelope.raw, type) }, typeMeta: found };
  } catch (error) {
    if (error instanceof WireFault) return refuse(error.message);
    throw error;
  }
}

function versionText(envelope: Envelope, found: TypeMeta): string {
  const bytes = envelope.apiVersion;
  if (!bytes?.length) return parseApiVersion(found.apiVersion).version;
  const slash = bytes.lastIndexOf(0x2f);
  return goQuoted(bytes.subarray(slash + 1)).slice(1, -1);
}

function conversionFault(found: TypeMeta, expected: TypeMeta): string {
  const group = parseApiVersion(expected.apiVersion).group.split('.')[0] || 'core';
  return `converting (${parseApiVersion(found.apiVersion).version}.${found.kind}) to (${group}.${expected.kind}): unknown conversion`;
}

const textOr = (bytes: Uint8Array | undefined, otherwise: string): string =>
  bytes?.length ? Buffer.from(bytes).toString('utf8') : otherwise;

interface Envelope {
  readonly apiVersion: Uint8Array | undefined;
  readonly kind: Uint8Array | undefined;
  readonly raw: Uint8Array;
}

function openEnvelope(bytes: Uint8Array, kind: string): Envelope {
  const refuse = (why: string): never => {
    const head = Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString(bytes[0] === 0x7b ? 'utf8' : 'hex');
    const shown = bytes.length === 0 ? '<empty>' : bytes.length > SHOWN_BYTES ? `${head} ...` : head;
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${shown})`);
  };
  if (bytes.length === 0) return refuse('empty data');
  if (!isProtobuf(bytes)) return refuse(`provided data does not appear to be a protobuf message, expected prefix [${PREFIX.join(' ')}]`);
  try {
    return readEnvelope(new WireReader(bytes, PREFIX.length));
  } catch (error) {
    if (error instanceof WireFault) return refuse(error.message);
    throw error;
  }
}

const UNKNOWN_FIELDS = ['', 'TypeMeta', 'Raw', 'ContentEncoding', 'ContentType'];
const TYPE_META_FIELDS = ['', 'APIVersion', 'Kind'];

function readEnvelope(reader: WireReader): Envelope {
  const parts = readChunks(reader, 'Unknown', UNKNOWN_FIELDS);
  const meta = readChunks(new WireReader(parts[1] ?? new Uint8Array()), 'TypeMeta', TYPE_META_FIELDS);
  return { apiVersion: meta[1], kind: meta[2], raw: parts[2] ?? new Uint8Array() };
}

/** The last content of each length-delimited field, by number. */
function readChunks(reader: WireReader, message: string, names: readonly string[]): (Uint8Array | undefined)[] {
  const chunks: (Uint8Array | undefined)[] = [];
  for (let tag = reader.tag(message); tag; tag = reader.tag(message)) {
    const name = names[tag.number];
    if (!name) reader.skip(tag.start);
    else if (tag.wireType !== 2) throw new WireFault(`proto: wrong wireType = ${tag.wireType} for field ${name}`);
    else chunks[tag.number] = reader.chunk();
  }
  return chunks;
}

/** The protobuf body of an object of a built-in kind; map keys are sorted, so equal objects give equal bytes. */
export function encodeProtobuf(object: Readonly<Record<string, unknown>> & TypeMeta): Uint8Array {
  const type = builtinType(object.apiVersion, object.kind);
  if (!type) throw plain500(`no protobuf form for ${object.apiVersion}, Kind=${object.kind}`);
  const meta = new WireWriter().chunk(1, Buffer.from(object.apiVersion)).chunk(2, Buffer.from(object.kind)).finish();
  const unknown = new WireWriter().chunk(1, meta).chunk(2, encodeMessage(object, type));
  return new WireWriter().raw(PREFIX).raw(unknown.chunk(3, new Uint8Array()).chunk(4, new Uint8Array()).finish()).finish();
}
