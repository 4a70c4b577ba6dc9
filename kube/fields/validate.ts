// Whether an applied configuration has the shape of its kind. Nothing is coerced; null passes everywhere. The texts are the reference's.
import { isObject } from '../json.ts';
import { itemElement } from './list-items.ts';
import { fieldElement, shownElement } from './path-element.ts';
import { type FieldSchema, type ListSchema, type MapSchema, memberOf, type ScalarSchema } from './schema.ts';

/** All faults as one text, '' for none: `.spec.foo: field not declared in schema`. */
export function shapeFaults(schema: MapSchema, object: Readonly<Record<string, unknown>>): string {
  const faults: string[] = [];
  new ShapeCheck(faults).map(schema, object, '');
  return faults.length > 1 ? ['errors:', ...faults.map(f => `  ${f}`)].join('\n') : (faults[0] ?? '');
}

class ShapeCheck {
  readonly #faults: string[];

  constructor(faults: string[]) {
    this.#faults = faults;
  }

  #value(schema: FieldSchema, value: unknown, path: string): void {
    if (value === null || value === undefined || schema.type === 'any') return;
    if (schema.type === 'scalar') this.#scalar(schema, value, path);
    else if (schema.type === 'list') this.#list(schema, value, path);
    else this.map(schema, value, path);
  }

  #tell(path: string, text: string): void {
    this.#faults.push(path ? `${path}: ${text}` : text);
  }

  #scalar({ scalar }: ScalarSchema, value: unknown, path: string): void {
    const is = typeof value;
    if (scalar === 'numeric' && is !== 'number') this.#tell(path, `expected numeric (int or float), got ${goType(value)}`);
    if (scalar === 'string' && is !== 'string') this.#tell(path, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
    if (scalar === 'boolean' && is !== 'boolean') this.#tell(path, `expected boolean, got &{${goText(value)}}`);
    if (scalar === 'untyped' && is === 'object') this.#tell(path, `expected any scalar, got &{${goText(value)}}`);
  }

  #list(schema: ListSchema, value: unknown, path: string): void {
    if (!Array.isArray(value)) return this.#tell(path, `expected list, got &{${goText(value)}}`);
    const seen = new Set<string>();
    for (const [i, item] of value.entries()) {
      const element = this.#element(schema, item, { path, i });
      if (element === undefined) return;
      if (schema.kind !== 'atomic' && seen.has(element)) this.#tell(path, `duplicate entries for key ${shownElement(element)}`);
      seen.add(element);
      this.#value(schema.items, item, path + shownElement(element));
    }
  }

  #element(schema: ListSchema, item: unknown, at: { readonly path: string; readonly i: number }): string | undefined {
    if (schema.kind === 'atomic') return `i:${at.i}`;
    const of = itemElement(schema, item);
    if ('element' in of) return of.element;
    this.#tell(at.path, `element ${at.i}: ${of.fault}`);
    return undefined;
  }

  map(schema: MapSchema, value: unknown, path: string): void {
    if (!isObject(value)) return this.#tell(path, `expected map, got &{${goText(value)}}`);
    for (const name of Object.keys(value)) {
      const below = memberOf(schema, name);
      const at = path + shownElement(fieldElement(name));
      if (!below) return this.#tell(at, 'field not declared in schema');
      this.#value(below, value[name], at);
    }
  }
}

/** How Go names the type of a decoded JSON value. */
function goType(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return '[]interface {}';
  return isObject(value) ? 'map[string]interface {}' : Number.isInteger(value) ? 'int64' : 'float64';
}

/** A value as `%v` prints it. */
function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.keys(value).sort();
  return `map[${members.map(key => `${key}:${goText(value[key])}`).join(' ')}]`;
}

/** A value as `%#v` prints it. */
function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isObject(value)) return String(value);
  const members = Object.keys(value).sort();
  return `map[string]interface {}{${members.map(key => `${JSON.stringify(key)}:${goSyntax(value[key])}`).join(', ')}}`;
}
