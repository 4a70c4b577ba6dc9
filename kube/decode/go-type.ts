// What the types of fields are called in refusals: `[]v1.Container`, `map[string]string`, `v1.PullPolicy`. Clients only print it.
import { readFileSync } from 'node:fs';
import type { FieldType } from '../types.ts';

type DeclaredField = FieldType & { readonly declaredBy: string };

const SCALARS: Readonly<Record<string, string>> = { double: 'float64', bytes: '[]uint8' };

let named: Readonly<Record<string, string>> | undefined;
const byField = new Map<string, ReadonlyMap<string, string>>();

/** Strings with a type of their own, by message and field; only refusals ask. */
function namedString(message: string, field: string): string | undefined {
  named ??= JSON.parse(readFileSync(new URL('../facts/named-strings.json', import.meta.url), 'utf8')) as Record<string, string>;
  let fields = byField.get(message);
  if (!fields) {
    fields = new Map((named[message] ?? '').split(' ').map(word => word.split('=') as [string, string]));
    byField.set(message, fields);
  }
  return fields.get(field);
}

/** The last part of a message's name: `PodSpec`. */
export const structName = (message: string): string => message.slice(message.lastIndexOf('.') + 1);

/** `api.core.v1.PodSpec` is `v1.PodSpec`. */
export const messageWord = (message: string): string => message.split('.').slice(-2).join('.');

/** The type of one value of the field: of an element, of a map's value. */
export function elementWord(field: DeclaredField): string {
  if (field.message) return messageWord(field.message);
  const scalar = field.scalar ?? 'string';
  if (scalar === 'string') return namedString(field.declaredBy, field.name) ?? 'string';
  return SCALARS[scalar] ?? scalar;
}

/** The type of the field as a whole. */
export function fieldWord(field: DeclaredField): string {
  const element = elementWord(field);
  if (field.shape === 'list') return `[]${element}`;
  if (field.shape === 'single') return element;
  if (field.declaredBy.includes('.resource.')) return `map[v1.QualifiedName]${element}`;
  return element.endsWith('.Quantity') ? 'v1.ResourceList' : `map[string]${element}`;
}
