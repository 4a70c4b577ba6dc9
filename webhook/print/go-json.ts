// How a value stands in an error text: as the reference prints its typed form, that is fields in a fixed order, empty ones
// left out, map keys sorted, and `<`, `>`, `&` escaped. A shape names the fields; unknown ones do not appear.
import { isObject } from '../../kube/index.ts';

export type Shape =
  | { readonly type: 'text' | 'number' | 'boolean' | 'raw' | 'map' }
  | { readonly type: 'list'; readonly item: Shape }
  | { readonly type: 'pointer'; readonly to: Shape }
  | { readonly type: 'struct'; readonly fields: readonly Field[] };

interface Field {
  readonly name: string;
  readonly printed: string;
  readonly shape: Shape;
  /** Left out when empty. */
  readonly omitEmpty: boolean;
}

export const text: Shape = { type: 'text' };
export const number: Shape = { type: 'number' };
export const boolean: Shape = { type: 'boolean' };
/** Any JSON, printed as it came. */
export const raw: Shape = { type: 'raw' };
/** String keys to strings, sorted. */
export const map: Shape = { type: 'map' };
export const list = (item: Shape): Shape => ({ type: 'list', item });
/** May be absent; present but empty is still printed. */
export const pointer = (to: Shape): Shape => ({ type: 'pointer', to });

/** Fields in order; those named in `always` are printed even when empty. */
export function struct(shapes: Readonly<Record<string, Shape>>, always: readonly string[] = []): Shape {
  const fields = Object.entries(shapes).map(([name, shape]) => ({ name, printed: name, shape, omitEmpty: !always.includes(name) }));
  return { type: 'struct', fields };
}

/** Fields that are always printed, under other names. */
export function renamed(fields: readonly (readonly [name: string, printed: string, shape: Shape])[]): Shape {
  return { type: 'struct', fields: fields.map(([name, printed, shape]) => ({ name, printed, shape, omitEmpty: name === printed })) };
}

/** The text of `value` printed as `shape`. */
export function print(value: unknown, shape: Shape): string {
  switch (shape.type) {
    case 'text':
      return quote(typeof value === 'string' ? value : '');
    case 'number':
      return String(typeof value === 'number' ? value : 0);
    case 'boolean':
      return String(value === true);
    case 'raw':
      return escapeHtml(JSON.stringify(value ?? null));
    case 'map':
      return printMap(value);
    case 'list':
      return Array.isArray(value) ? `[${value.map(item => print(item, shape.item)).join(',')}]` : 'null';
    case 'pointer':
      return value === undefined || value === null ? 'null' : print(value, shape.to);
    case 'struct':
      return printStruct(value, shape.fields);
  }
}

function printStruct(value: unknown, fields: readonly Field[]): string {
  const object = isObject(value) ? value : {};
  const parts: string[] = [];
  for (const { name, printed, shape, omitEmpty } of fields) {
    const item = Object.hasOwn(object, name) ? object[name] : undefined;
    if (!omitEmpty || !isEmpty(item, shape)) parts.push(`${quote(printed)}:${print(item, shape)}`);
  }
  return `{${parts.join(',')}}`;
}

function printMap(value: unknown): string {
  if (!isObject(value)) return 'null';
  const keys = Object.keys(value).sort();
  return `{${keys.map(key => `${quote(key)}:${print(value[key], raw)}`).join(',')}}`;
}

function isEmpty(value: unknown, shape: Shape): boolean {
  if (shape.type === 'struct' || shape.type === 'raw') return false;
  if (value === undefined || value === null) return true;
  if (shape.type === 'pointer') return false;
  if (shape.type === 'list') return !Array.isArray(value) || value.length === 0;
  if (shape.type === 'map') return !isObject(value) || Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

const quote = (value: string): string => escapeHtml(JSON.stringify(value));

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, c => ESCAPES[c] ?? c);
}
