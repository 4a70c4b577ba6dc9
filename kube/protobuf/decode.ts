// Decodes a built-in kind's own message into the JSON object the server would show. Unknown fields are skipped, a repeated scalar or
// map key counts the last time, a repeated message merges.
import { noteInteger } from '../number-literals.ts';
import { setOwn } from '../patch/own-key.ts';
import { type FieldType, type MessageType, messageType } from '../types.ts';
import { goFieldName } from './go-names.ts';
import { isZero, presenceOf, zeroOf } from './presence.ts';
import { type Plain, specialForm } from './special-forms.ts';
import { WireFault, WireReader } from './wire.ts';

const text = new TextDecoder();
const MAX_DEPTH = 1_000;

/** The fields of the message, with the zero values that JSON shows. Throws a WireFault. */
export function decodeMessage(bytes: Uint8Array, type: MessageType, depth = 0): Plain {
  const object: Plain = {};
  readInto(object, { bytes, type, depth, name: lastOf(type.name) });
  fillShown(object, type);
  return object;
}

interface Reading {
  readonly bytes: Uint8Array;
  readonly type: MessageType;
  readonly depth: number;
  readonly name: string;
}

const lastOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
const byNumber = new WeakMap<MessageType, ReadonlyMap<number, FieldType>>();

function fieldsByNumber(type: MessageType): ReadonlyMap<number, FieldType> {
  let fields = byNumber.get(type);
  if (!fields) {
    fields = new Map([...type.fields.values()].filter(f => f.number > 0).map(f => [f.number, f]));
    byNumber.set(type, fields);
  }
  return fields;
}

function readInto(object: Plain, r: Reading): void {
  if (r.depth > MAX_DEPTH) throw new WireFault('message is nested too deeply');
  const reader = new WireReader(r.bytes);
  const fields = fieldsByNumber(r.type);
  for (let tag = reader.tag(r.name); tag; tag = reader.tag(r.name)) {
    const field = fields.get(tag.number);
    if (!field) reader.skip(tag.start);
    else readField(object, { reader, field, wireType: tag.wireType, depth: r.depth });
  }
}

interface FieldReading {
  readonly reader: WireReader;
  readonly field: FieldType;
  readonly wireType: number;
  readonly depth: number;
}

function readField(object: Plain, r: FieldReading): void {
  const { field, reader, wireType } = r;
  const packed = field.shape === 'list' && !field.message && wireType === 2 && wireTypeOf(field) !== 2;
  if (!packed && wireType !== wireTypeOf(field)) throw new WireFault(`proto: wrong wireType = ${wireType} for field ${goFieldName(field)}`);
  if (field.inline && field.message) {
    const inner = messageType(field.message);
    if (inner) readInto(object, { bytes: reader.chunk(), type: inner, depth: r.depth + 1, name: lastOf(inner.name) });
  } else if (field.shape === 'map') readEntry(object, r);
  else if (packed) readPacked(object, r);
  else if (field.shape === 'list') listAt(object, field.name).push(readValue(r, undefined));
  else if (field.scalar === 'int64') object[field.name] = readLong(object, r);
  else object[field.name] = readValue(r, object[field.name]);
}

function wireTypeOf(field: FieldType): number {
  if (field.shape === 'map' || field.message || field.scalar === 'string' || field.scalar === 'bytes') return 2;
  return field.scalar === 'double' ? 1 : 0;
}

function listAt(object: Plain, name: string): unknown[] {
  const list = object[name];
  if (Array.isArray(list)) return list as unknown[];
  const fresh: unknown[] = [];
  object[name] = fresh;
  return fresh;
}

/** Like the reference's decoder, both of these may read past the end they are given, up to the end of the message around it. */
function readPacked(object: Plain, r: FieldReading): void {
  const { reader } = r;
  const end = reader.chunkEnd();
  const list = listAt(object, r.field.name);
  while (reader.at < end) list.push(readScalar(reader, r.field));
}

/** A map's entry: a message of key (1) and value (2). */
function readEntry(object: Plain, r: FieldReading): void {
  const { field, reader } = r;
  object[field.name] ??= {};
  const map = object[field.name] as Plain;
  const end = reader.chunkEnd();
  let key = '';
  let value: unknown;
  while (reader.at < end) {
    const start = reader.at;
    const number = Number(BigInt.asIntN(32, reader.varint() >> 3n));
    if (number === 1) key = text.decode(reader.chunk());
    else if (number === 2) value = readValue(r, undefined);
    else reader.skip(start, end);
  }
  reader.at = end;
  setOwn(
    map,
    key,
    value ?? (field.message ? decodeValue(new Uint8Array(), field.message, r.depth) : zeroOf({ ...field, shape: 'single' })),
  );
}

function readValue(r: FieldReading, earlier: unknown): unknown {
  const { message } = r.field;
  if (!message) return readScalar(r.reader, r.field);
  const bytes = r.reader.chunk();
  const type = messageType(message);
  if (earlier === undefined || earlier === null || typeof earlier !== 'object' || specialForm(message) || !type)
    return decodeValue(bytes, message, r.depth + 1);
  readInto(earlier as Plain, { bytes, type, depth: r.depth + 1, name: lastOf(type.name) });
  return earlier;
}

const WIRE_NAMES = new Map([
  ['Time', 'Timestamp'],
  ['MicroTime', 'Timestamp'],
]);

function decodeValue(bytes: Uint8Array, message: string, depth: number): unknown {
  const type = messageType(message);
  if (!type) throw new WireFault(`unknown message ${message}`);
  const form = specialForm(message);
  if (!form) return decodeMessage(bytes, type, depth);
  const plain: Plain = {};
  readInto(plain, { bytes, type, depth, name: WIRE_NAMES.get(lastOf(message)) ?? lastOf(message) });
  return form.toJson(plain);
}

function readLong(object: Plain, r: FieldReading): number {
  const long = BigInt.asIntN(64, r.reader.varint());
  if (long > Number.MAX_SAFE_INTEGER || long < Number.MIN_SAFE_INTEGER) noteInteger(object, r.field.name, long);
  return Number(long);
}

function readScalar(reader: WireReader, field: FieldType): unknown {
  switch (field.scalar) {
    case 'string':
      return text.decode(reader.chunk());
    case 'bytes':
      return Buffer.from(reader.chunk()).toString('base64');
    case 'double':
      return reader.double();
    case 'bool':
      return reader.varint() !== 0n;
    case 'int32':
      return Number(BigInt.asIntN(32, reader.varint()));
    default:
      return Number(BigInt.asIntN(64, reader.varint()));
  }
}

/** Takes out zeros that JSON hides and puts in those that it shows. */
function fillShown(object: Plain, type: MessageType): void {
  const { plain, shown, shownWhenAbsent } = presenceOf(type.name);
  for (const field of type.fields.values()) {
    const { name } = field;
    if (field.inline) {
      const inner = field.message && plain.has(name) ? messageType(field.message) : undefined;
      if (inner) fillShown(object, inner);
    } else if (plain.has(name)) {
      if (field.shape === 'single' && isZero(object[name])) delete object[name];
    } else if (shown.has(name)) object[name] ??= zeroOf(field);
    else if (shownWhenAbsent.has(name)) object[name] ??= null;
  }
}
