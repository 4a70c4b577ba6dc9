// Encodes a built-in kind's JSON object as its own message: fields by number, maps by key, fields without a pointer even when zero.
import { isObject, listOf } from '../json.ts';
import { literalAt, NumberLiteral } from '../number-literals.ts';
import { getOwn } from '../patch/own-key.ts';
import { type FieldType, type MessageType, messageType } from '../types.ts';
import { presenceOf } from './presence.ts';
import { specialForm } from './special-forms.ts';
import { WireWriter } from './wire.ts';

/** The bytes of the message. Fields the type does not have are left out. */
export function encodeMessage(object: Readonly<Record<string, unknown>>, type: MessageType): Uint8Array {
  const writer = new WireWriter();
  const presence = presenceOf(type.name);
  for (const field of orderedFields(type)) {
    const always = presence.plain.has(field.name) || presence.shown.has(field.name);
    if (field.inline) writeInline(writer, { object, field, always });
    else writeField(writer, { value: literalAt(object, field.name, getOwn(object, field.name)), field, always });
  }
  return writer.finish();
}

const ordered = new WeakMap<MessageType, readonly FieldType[]>();

function orderedFields(type: MessageType): readonly FieldType[] {
  let fields = ordered.get(type);
  if (!fields) {
    fields = [...type.fields.values()].filter(f => f.number > 0).sort((a, b) => a.number - b.number);
    ordered.set(type, fields);
  }
  return fields;
}

function writeInline(
  writer: WireWriter,
  o: { readonly object: Readonly<Record<string, unknown>>; readonly field: FieldType; readonly always: boolean },
): void {
  const inner = o.field.message ? messageType(o.field.message) : undefined;
  if (!inner) return;
  const present = [...inner.fields.values()].some(f => Object.hasOwn(o.object, f.name));
  if (o.always || present) writer.chunk(o.field.number, encodeMessage(o.object, inner));
}

function writeField(writer: WireWriter, o: { readonly value: unknown; readonly field: FieldType; readonly always: boolean }): void {
  const { value, field } = o;
  if (field.shape === 'list') {
    for (const item of listOf(value)) writeValue(writer, field, item);
  } else if (field.shape === 'map') {
    if (isObject(value)) writeMap(writer, field, value);
  } else if (o.always || (value !== null && value !== undefined)) writeValue(writer, field, value);
}

function writeMap(writer: WireWriter, field: FieldType, map: Readonly<Record<string, unknown>>): void {
  const entries = Object.entries(map).map(([key, value]) => [Buffer.from(key), value] as const);
  for (const [key, value] of entries.sort(([a], [b]) => Buffer.compare(a, b))) {
    const entry = new WireWriter().chunk(1, key);
    writeValue(entry, { ...field, number: 2, shape: 'single' }, value);
    writer.chunk(field.number, entry.finish());
  }
}

function writeValue(writer: WireWriter, field: FieldType, value: unknown): void {
  const { number } = field;
  if (field.message) {
    writer.chunk(number, encodeValue(value, field.message));
    return;
  }
  switch (field.scalar) {
    case 'string':
      writer.chunk(number, Buffer.from(typeof value === 'string' ? value : ''));
      break;
    case 'bytes':
      writer.chunk(number, Buffer.from(typeof value === 'string' ? value : '', 'base64'));
      break;
    case 'double':
      writer.tag(number, 1).double(Number(value ?? 0));
      break;
    case 'bool':
      writer.tag(number, 0).varint(value === true ? 1 : 0);
      break;
    default:
      writer.tag(number, 0).varint(integerOf(value));
  }
}

const MAX_INT64 = 2n ** 63n - 1n;

/** A JSON number cannot hold the largest 64-bit integers: what has been rounded past them means the largest. */
function integerOf(value: unknown): bigint {
  if (value instanceof NumberLiteral && value.exact !== undefined) return value.exact;
  const integer = BigInt(Math.trunc(Number(value ?? 0)) || 0);
  return integer > MAX_INT64 ? MAX_INT64 : integer;
}

function encodeValue(value: unknown, message: string): Uint8Array {
  const form = specialForm(message);
  if (form) return encodeMessage(form.fromJson(value), form.type);
  const type = messageType(message);
  return type ? encodeMessage(isObject(value) ? value : {}, type) : new Uint8Array();
}
