// What a field that is zero or absent becomes: on the wire (fields without a pointer are always there) and in JSON (some are shown
// even when zero). Facts about the built-in types, in one table.
import { readFileSync } from 'node:fs';
import { builtinType, type FieldType, jsonForm, messageType } from '../types.ts';

export interface Presence {
  /** Always on the wire, absent from JSON when zero. */
  readonly plain: ReadonlySet<string>;
  /** Always on the wire and always in JSON. */
  readonly shown: ReadonlySet<string>;
  /** Absent from the wire when empty, yet shown in JSON. */
  readonly shownWhenAbsent: ReadonlySet<string>;
}

let table: Record<string, readonly [string, string, string]> | undefined;
const built = new Map<string, Presence>();

/** The presence rules of a message; without facts every field is optional. */
export function presenceOf(message: string): Presence {
  table ??= JSON.parse(readFileSync(new URL('../facts/presence.json', import.meta.url), 'utf8')) as NonNullable<typeof table>;
  const known = built.get(message);
  if (known) return known;
  const [plain = '', shown = '', absent = ''] = (Object.hasOwn(table, message) ? table[message] : undefined) ?? [];
  const presence = { plain: words(plain), shown: words(shown), shownWhenAbsent: words(absent) };
  built.set(message, presence);
  return presence;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' ').filter(Boolean));

/** The zero value of a field in JSON. */
export function zeroOf(field: FieldType): unknown {
  if (field.shape !== 'single') return null;
  if (!field.message) return field.scalar === 'string' ? '' : field.scalar === 'bool' ? false : field.scalar === 'bytes' ? null : 0;
  const form = jsonForm(field.message);
  if (form === 'quantity') return '0';
  if (form === 'int-or-string') return 0;
  if (form === 'duration') return '0s';
  if (form) return null;
  return zeroMessage(field.message);
}

/** An object of a built-in kind as decoding nothing gives it: only what is always written. */
export function zeroObject(apiVersion: string, kind: string): Record<string, unknown> {
  const type = builtinType(apiVersion, kind);
  return { kind, apiVersion, ...(type ? zeroMessage(type.name) : {}) };
}

function zeroMessage(message: string): Record<string, unknown> {
  const type = messageType(message);
  const { shown, shownWhenAbsent } = presenceOf(message);
  const zero: Record<string, unknown> = {};
  for (const field of type?.fields.values() ?? []) {
    if (field.inline && field.message) Object.assign(zero, zeroMessage(field.message));
    else if (shown.has(field.name)) zero[field.name] = zeroOf(field);
    else if (shownWhenAbsent.has(field.name)) zero[field.name] = null;
  }
  return zero;
}

export function isZero(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === 0 || value === false;
}
