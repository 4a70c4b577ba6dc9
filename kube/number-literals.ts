// Numbers whose spelling a double loses: floats that are whole (`12.0`, `1e3`) and integers beyond 2^53. Objects hold plain numbers;
// what was written is noted beside them, by container and key, where a schema or the store asks for it. Most servers never meet
// such a number, and those that do pay only for texts that contain one.

const INT64 = 2n ** 63n;

/** A number as it was written. */
export class NumberLiteral {
  readonly number: number;
  /** Its value, where it decodes to an int64 and not to a float. */
  readonly exact: bigint | undefined;

  constructor(text: string) {
    this.number = Number(text);
    const exact = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
    this.exact = exact !== undefined && exact >= -INT64 && exact < INT64 ? exact : undefined;
  }

  valueOf(): number {
    return this.number;
  }

  toJSON(): number {
    return this.number;
  }
}

type Key = string | number;
const notes = new WeakMap<object, Map<Key, NumberLiteral>>();
let seen = false;
let seenLong = false;

/** What was written at `container[key]`, where that matters; else the value itself. */
export function literalAt(container: object, key: Key, value: unknown): unknown {
  return seen && typeof value === 'number' ? (notes.get(container)?.get(key) ?? value) : value;
}

/** An integer beyond 2^53, read from elsewhere than a text. */
export function noteInteger(container: object, key: Key, value: bigint): void {
  note(container, key, spelling(String(value)));
}

/** Lets a copy know what the original does. */
export function carryLiterals(from: object, to: object): void {
  if (!seen) return;
  const known = notes.get(from);
  if (known) notes.set(to, new Map(known));
}

/** Whether a text may hold such a number. */
export const MAY_HOLD_LITERALS = /\d[.eE]|\d{16}/;
const MAY_HOLD_LONG = /\d{16}/;

/** JSON.parse for what may be written again: integers beyond 2^53 are noted. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (MAY_HOLD_LONG.test(text)) noteLiterals(text, value);
  return value;
}

/** JSON.stringify that writes integers beyond 2^53 as they were read. */
export function exactJson(value: unknown): string {
  return seenLong ? written(value) : JSON.stringify(value);
}

function written(value: unknown): string {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return JSON.stringify(value);
  const one = (key: Key, item: unknown): string => {
    const spelt = literalAt(value, key, item);
    return spelt instanceof NumberLiteral && spelt.exact !== undefined ? String(spelt.exact) : written(item ?? null);
  };
  if (Array.isArray(value)) return `[${value.map((item, i) => one(i, item)).join(',')}]`;
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${one(key, item)}`).join(',')}}`;
}

function spelling(token: string): NumberLiteral | undefined {
  const number = Number(token);
  const float = /[.eE]/.test(token);
  if (float ? !Number.isInteger(number) : Number.isSafeInteger(number)) return undefined;
  seen = true;
  seenLong ||= !float;
  return new NumberLiteral(token);
}

interface Level {
  readonly container: object | undefined;
  readonly list: boolean;
  key: Key;
  /** The next string is a key. */
  naming: boolean;
}

/** Notes the numbers of a well-formed JSON text beside the value parsed from it. */
export function noteLiterals(text: string, root: unknown): void {
  const levels: Level[] = [];
  const inner = (): unknown => {
    const top = levels.at(-1);
    if (!top) return root;
    return top.container && Object.hasOwn(top.container, top.key) ? (top.container as Record<Key, unknown>)[top.key] : undefined;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    const top = levels.at(-1);
    if (c === '"') {
      const end = endOfString(text, i);
      if (top?.naming) top.key = JSON.parse(text.slice(i, end + 1)) as string;
      i = end;
    } else if (c === '{' || c === '[') {
      const container = inner();
      const fits = typeof container === 'object' && container !== null && Array.isArray(container) === (c === '[');
      levels.push({ container: fits ? container : undefined, list: c === '[', key: c === '[' ? 0 : '', naming: c === '{' });
    } else if (c === '}' || c === ']') levels.pop();
    else if (c === ':' && top) top.naming = false;
    else if (c === ',' && top) {
      if (top.list) top.key = Number(top.key) + 1;
      else top.naming = true;
    } else if (c === '-' || (c !== undefined && c >= '0' && c <= '9')) {
      const end = endOfNumber(text, i);
      if (top?.container) note(top.container, top.key, spelling(text.slice(i, end)));
      i = end - 1;
    }
  }
}

function note(container: object, key: Key, literal: NumberLiteral | undefined): void {
  const known = notes.get(container);
  if (!literal) known?.delete(key);
  else if (known) known.set(key, literal);
  else notes.set(container, new Map([[key, literal]]));
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && '0123456789.eE+-'.includes(text.charAt(end))) end++;
  return end;
}
