// Decodes JSON into a built-in type the way the reference does: names by case, unknown and repeated fields noted in the order met,
// the first value of a wrong type told with its struct and path, members of repeated objects merged. A fault inside a value
// with a decoder of its own (times, quantities, IntOrString) ends decoding at once and wins over faults met before.
import { setOwn } from '../patch/own-key.ts';
import { parseQuantity } from '../quantity.ts';
import { type FieldType, jsonForm, type MessageType, messageType } from '../types.ts';
import { elementWord, fieldWord, messageWord, structName } from './go-type.ts';
import { JsonCursor, unescaped } from './json-cursor.ts';
import { canonicalDuration, canonicalMicroTime, canonicalTime, DecodeError } from './scalar.ts';

const MAX_NOTES = 100;
const INT32 = 2n ** 31n;
const INT64 = 2n ** 63n;

export interface Typed {
  readonly object: Record<string, unknown>;
  /** `unknown field "spec.foo"`, `duplicate field "spec.bar"`, in the order met. */
  readonly notes: readonly string[];
  /** The first value that does not fit its type. */
  readonly fault?: string;
}

class Abrupt extends Error {}

/** Decodes a well-formed JSON object. */
export function decodeTyped(text: string, type: MessageType): Typed {
  const decoder = new TypedDecoder(text);
  const done = decoder.decode(type);
  return { object: done, notes: [...decoder.notes], ...(decoder.fault === undefined ? {} : { fault: decoder.fault }) };
}

/** A field of a type as its JSON has it; `through` names the embedded structs that lie between: `RuleWithOperations.Rule.`. */
export interface FlatField extends FieldType {
  readonly declaredBy: string;
  readonly through: string;
}

const flat = new Map<string, ReadonlyMap<string, FlatField>>();

/** The fields of a type by JSON name, those of inline messages among them. */
export function fieldsByName(type: MessageType): ReadonlyMap<string, FlatField> {
  const key = type.fields.has('apiVersion') ? `${type.name} root` : type.name;
  const known = flat.get(key);
  if (known) return known;
  const fields = new Map<string, FlatField>();
  for (const field of type.fields.values()) {
    const inner = field.inline && field.message ? messageType(field.message) : undefined;
    const embedded = inner ? `${structName(inner.name)}.` : '';
    if (inner) for (const [name, f] of fieldsByName(inner)) fields.set(name, { ...f, through: `${embedded}${f.through}` });
    else fields.set(field.name, { ...field, declaredBy: type.name, through: '' });
  }
  flat.set(key, fields);
  return fields;
}

/** Messages that are any JSON, or decide by the token what they are. */
export const isRaw = (message: string): boolean => /\.(JSON|JSONSchemaPropsOr\w+)$/.test(message);

interface Place {
  readonly owner: string;
  /** Names of fields only. */
  readonly field: string;
  /** With indexes and keys. */
  readonly path: string;
}

class TypedDecoder {
  readonly notes = new Set<string>();
  fault: string | undefined;
  readonly #cursor: JsonCursor;

  constructor(text: string) {
    this.#cursor = new JsonCursor(text);
  }

  decode(type: MessageType): Record<string, unknown> {
    const object = {};
    try {
      if (this.#cursor.peek() === '{') this.#struct(object, type, { owner: '', field: '', path: '' });
      else this.#wrong(this.#cursor.raw(), messageWord(type.name), { owner: '', field: '', path: '' });
    } catch (error) {
      if (!(error instanceof Abrupt)) throw error;
      this.fault = error.message;
    }
    return object;
  }

  #struct(into: Record<string, unknown>, type: MessageType, at: Place): void {
    const fields = fieldsByName(type);
    const owner = structName(type.name);
    const seen = new Set<string>();
    this.#cursor.pass();
    while (this.#cursor.more('}')) {
      const key = this.#cursor.string();
      this.#cursor.pass();
      const path = at.path ? `${at.path}.${key}` : key;
      const field = fields.get(key);
      if (!field) {
        this.#note(`unknown field ${JSON.stringify(path)}`);
        this.#cursor.raw();
        continue;
      }
      if (seen.has(key)) this.#note(`duplicate field ${JSON.stringify(path)}`);
      seen.add(key);
      const value = this.#field(field, into[key], { owner, field: `${at.field && `${at.field}.`}${field.through}${key}`, path });
      if (value !== undefined) into[key] = value;
    }
  }

  #field(field: FlatField, before: unknown, at: Place): unknown {
    const c = this.#cursor.peek();
    if (c === 'n') return this.#cursor.raw() && null;
    if (field.message && jsonForm(field.message) === 'verbs') return this.#list({ ...field, shape: 'list' }, at);
    if (field.shape === 'list') return this.#list(field, at);
    if (field.shape === 'map') return this.#map(field, before, at);
    return this.#value(field, before, at);
  }

  #list(field: FlatField, at: Place): unknown {
    if (this.#cursor.peek() !== '[') return this.#wrong(this.#cursor.raw(), fieldWord(field), at);
    const out: unknown[] = [];
    this.#cursor.pass();
    while (this.#cursor.more(']')) {
      const path = `${at.path}[${out.length}]`;
      out.push(this.#cursor.peek() === 'n' ? this.#cursor.raw() && null : (this.#value(field, undefined, { ...at, path }) ?? null));
    }
    return out;
  }

  #map(field: FlatField, before: unknown, at: Place): unknown {
    if (this.#cursor.peek() !== '{') return this.#wrong(this.#cursor.raw(), fieldWord(field), at);
    const out = { ...(before as Record<string, unknown> | undefined) };
    const seen = new Set<string>();
    this.#cursor.pass();
    while (this.#cursor.more('}')) {
      const key = this.#cursor.string();
      this.#cursor.pass();
      const path = `${at.path}.${key}`;
      if (seen.has(key)) this.#note(`duplicate field ${JSON.stringify(path)}`);
      seen.add(key);
      const value = this.#cursor.peek() === 'n' ? this.#cursor.raw() && null : this.#value(field, undefined, { ...at, path });
      if (value !== undefined) setOwn(out, key, value);
    }
    return out;
  }

  #value(field: FlatField, before: unknown, at: Place): unknown {
    const { message } = field;
    if (!message) return this.#scalar(this.#cursor.raw(), field, at);
    const form = jsonForm(message);
    if (form) return this.#formed(this.#cursor.raw(), form, at);
    if (isRaw(message)) return JSON.parse(this.#cursor.raw());
    if (/\.(ExtraValue|Verbs)$/.test(message)) {
      if (this.#cursor.peek() !== '[') return this.#wrong(this.#cursor.raw(), elementWord(field), at);
      return this.#list({ ...field, shape: 'list', message: '', scalar: 'string' }, at);
    }
    if (this.#cursor.peek() !== '{') return this.#wrong(this.#cursor.raw(), elementWord(field), at);
    const type = messageType(message);
    const into = { ...(before as Record<string, unknown> | undefined) };
    if (type) this.#struct(into, type, at);
    return into;
  }

  #scalar(raw: string, field: FlatField, at: Place): unknown {
    const { scalar = 'string' } = field;
    const word = elementWord(field);
    const token = tokenOf(raw);
    if (scalar === 'string') return token === 'string' ? unescaped(raw) : this.#wrong(raw, word, at);
    if (scalar === 'bool') return token === 'bool' ? raw === 'true' : this.#wrong(raw, word, at);
    if (scalar === 'bytes') return this.#bytes(raw, word, at);
    if (token !== 'number') return this.#wrong(raw, word, at);
    if (scalar === 'double') return Number.isFinite(Number(raw)) ? Number(raw) : this.#wrong(raw, word, at, ` ${raw}`);
    return fits(raw, scalar === 'int32' ? INT32 : INT64) ? Number(raw) : this.#wrong(raw, word, at, ` ${raw}`);
  }

  #bytes(raw: string, word: string, at: Place): unknown {
    if (tokenOf(raw) === 'array') return Buffer.from(JSON.parse(raw) as number[]).toString('base64');
    if (tokenOf(raw) !== 'string') return this.#wrong(raw, word, at);
    const text = unescaped(raw);
    const bad = base64Fault(text);
    if (bad !== undefined) this.fault ??= `illegal base64 data at input byte ${bad}`;
    return canonicalBase64(text);
  }

  #formed(raw: string, form: NonNullable<ReturnType<typeof jsonForm>>, at: Place): unknown {
    const token = tokenOf(raw);
    if (form === 'any' || form === 'fields') return JSON.parse(raw);
    if (form === 'quantity') return this.#quantity(raw, token);
    if (form === 'int-or-string') {
      if (token === 'string') return unescaped(raw);
      if (token !== 'number') this.#abrupt(mismatch(token, 'int32', at));
      if (!fits(raw, INT32)) this.#abrupt(mismatch(`number ${raw}`, 'int32', at));
      return Number(raw);
    }
    if (token !== 'string') this.#abrupt(mismatch(token, 'string', at));
    const text = unescaped(raw);
    try {
      if (form === 'time') return canonicalTime(text);
      return form === 'micro-time' ? canonicalMicroTime(text) : canonicalDuration(text);
    } catch (error) {
      if (error instanceof DecodeError || error instanceof Error) return this.#abrupt(error.message);
      throw error;
    }
  }

  #quantity(raw: string, token: string): unknown {
    const text = token === 'string' ? unescaped(raw) : raw;
    try {
      parseQuantity(text.trim());
    } catch (error) {
      this.#abrupt(error instanceof Error ? error.message : String(error));
    }
    return token === 'string' ? text : raw;
  }

  #wrong(raw: string, word: string, at: Place, shown = ''): undefined {
    this.fault ??= mismatch(`${tokenOf(raw)}${shown}`, word, at);
    return undefined;
  }

  #abrupt(text: string): never {
    throw new Abrupt(text);
  }

  #note(text: string): void {
    if (this.notes.size < MAX_NOTES) this.notes.add(text);
  }
}

function mismatch(value: string, word: string, at: Place): string {
  const where = at.owner ? `struct field ${at.owner}.${at.field}` : 'value';
  return `json: cannot unmarshal ${value} into Go ${where} of type ${word}`;
}

function tokenOf(raw: string): string {
  const c = raw.charAt(0);
  if (c === '"') return 'string';
  if (c === '{') return 'object';
  if (c === '[') return 'array';
  return c === 't' || c === 'f' ? 'bool' : c === 'n' ? 'null' : 'number';
}

function fits(raw: string, limit: bigint): boolean {
  if (!/^-?\d+$/.test(raw) || raw.length > 20) return false;
  const n = BigInt(raw);
  return n >= -limit && n < limit;
}

function isBase64(text: string): boolean {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(padding > 0 ? text.slice(0, -padding) : text);
}

/** Where base64 goes wrong, as its decoder counts; undefined where it is right. Line breaks are passed over. */
function base64Fault(text: string): number | undefined {
  if (isBase64(text)) return undefined;
  const next = (from: number): number => {
    let i = from;
    while (text[i] === '\n' || text[i] === '\r') i++;
    return i;
  };
  for (let i = next(0), n = 0; ; i = next(i + 1), n = (n + 1) % 4) {
    if (i >= text.length) return n === 0 ? undefined : text.length - n;
    if (text[i] !== '=') {
      if (/[^A-Za-z0-9+/]/.test(text.charAt(i))) return i;
      continue;
    }
    if (n < 2) return i;
    let end = next(i + 1);
    if (n === 2) {
      if (end >= text.length) return text.length;
      if (text[end] !== '=') return end - 1;
      end = next(end + 1);
    }
    return end < text.length ? end : undefined;
  }
}

/** Whether an encoder writes these bytes so. */
export const isCanonicalBase64 = (text: string): boolean => isBase64(text) && !LOOSE_END.test(text);

/** Bits beyond the last byte that an encoder leaves zero. */
const LOOSE_END = /[^AQgw]==$|[^AEIMQUYcgkosw048]=$|[\r\n]/;

/** The spelling that an encoder gives these bytes. */
const canonicalBase64 = (text: string): string => (LOOSE_END.test(text) ? Buffer.from(text, 'base64').toString('base64') : text);
