// Fields of an object in memory that its type does not have: removed in place, and told. For results of patches and for callers
// in the same process, whose objects were never text.
import { isObject } from '../json.ts';
import { jsonForm, type MessageType, messageType } from '../types.ts';
import { fieldsByName, isRaw } from './typed.ts';

/** Removes what the type does not know; returns `unknown field "spec.foo"` for each, in the order met. */
export function pruneUnknown(object: Record<string, unknown>, type: MessageType): string[] {
  const notes: string[] = [];
  visit(object, type, '', notes);
  return notes;
}

function visit(object: Record<string, unknown>, type: MessageType, at: string, notes: string[]): void {
  const fields = fieldsByName(type);
  for (const key of Object.keys(object)) {
    const field = fields.get(key);
    const path = at ? `${at}.${key}` : key;
    if (!field) {
      notes.push(`unknown field ${JSON.stringify(path)}`);
      delete object[key];
      continue;
    }
    const { message } = field;
    if (!message || jsonForm(message) || isRaw(message)) continue;
    const inner = messageType(message);
    if (inner) visitEach(object[key], { type: inner, shape: field.shape, at: path }, notes);
  }
}

function visitEach(value: unknown, o: { type: MessageType; shape: string; at: string }, notes: string[]): void {
  const each = (item: unknown, at: string): void => {
    if (isObject(item)) visit(item, o.type, at, notes);
  };
  if (o.shape === 'single') each(value, o.at);
  else if (Array.isArray(value)) for (let i = 0; i < value.length; i++) each(value[i], `${o.at}[${i}]`);
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) each(item, `${o.at}.${key}`);
}
