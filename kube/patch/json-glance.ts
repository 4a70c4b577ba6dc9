// A glance at a JSON text that the engine has parsed: which of the things that a parsed value no longer shows can be ruled out.
// No key occurs twice where the value has as many members as the text has colons outside of strings.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const DOT = 0x2e;
/** E and e, but for one bit. */
const EXPONENT = 0x45;
const CASE_BIT = 0x20;
/** Integers of fewer digits are exact in a double. */
const LONG_DIGITS = 16;

export interface Glance {
  readonly distinctKeys: boolean;
  /** Every number is an integer that a double holds, written with digits alone. */
  readonly plainNumbers: boolean;
}

/** What can be said of the text, which parsed to `value`. Of texts nested deeper than `depth` nothing is. */
export function glance(text: string, value: unknown, depth: number): Glance {
  let colons = 0;
  let digits = 0;
  let plainNumbers = true;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (isDigit(c)) {
      if (++digits === LONG_DIGITS) plainNumbers = false;
      continue;
    }
    if (c === QUOTE) i = endOfString(text, i);
    else if (c === COLON) colons++;
    else if (digits > 0 && (c === DOT || (c & ~CASE_BIT) === EXPONENT)) plainNumbers = false;
    digits = 0;
  }
  return { distinctKeys: members(value, depth) === colons, plainNumbers };
}

const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

function members(value: unknown, depth: number): number | undefined {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) return undefined;
  const list = Array.isArray(value);
  const items: readonly unknown[] = list ? value : Object.values(value);
  let count = list ? 0 : items.length;
  for (const item of items) {
    if (typeof item !== 'object') continue;
    const inner = members(item, depth - 1);
    if (inner === undefined) return undefined;
    count += inner;
  }
  return count;
}
