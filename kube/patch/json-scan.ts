// Reads the text of a patch as the server's JSON decoder does: the same faults in the same words, and the paths of keys that
// occur twice (the last one wins). One pass with an explicit stack: the depth of a hostile text costs no call stack.
import { quoted as goQuote } from '../quote.ts';
import { glance } from './json-glance.ts';

/** What is wrong with a text that is no JSON. */
export interface ScanFault {
  readonly fault: string;
}

export interface Scanned {
  readonly value: unknown;
  /** Paths of repeated keys: `a.b`, `[0].path`. */
  readonly duplicates: readonly string[];
  /** Every number is known to be an integer that a double holds, written with digits alone. */
  readonly plainNumbers: boolean;
}

const MAX_DEPTH = 10_000;
/** Values nested deeper than any that is meant are read by the scanner, which uses no call stack. */
const MAX_QUICK_DEPTH = 200;
const MAX_DUPLICATES = 100;
const END = 'unexpected end of JSON input';
const LITERALS = new Map([
  ['t', 'true'],
  ['f', 'false'],
  ['n', 'null'],
]);

class Fault extends Error {}

interface Level {
  /** Undefined in a list. */
  readonly keys: Set<string> | undefined;
  key: string;
  index: number;
}

class Scanner {
  readonly duplicates: string[] = [];
  readonly #text: string;
  readonly #levels: Level[] = [];
  readonly #encoding: 'utf8' | 'latin1';
  #at = 0;

  constructor(text: string, encoding: 'utf8' | 'latin1') {
    this.#encoding = encoding;
    // The decoder ends every text with a space: an unfinished literal is refused at it, anything else as ended too early.
    this.#text = `${text} `;
  }

  scan(): void {
    this.#space();
    if (this.#beginValue()) this.#containers();
    this.#space();
    if (this.#at < this.#text.length) this.#refuse('after top-level value');
  }

  /** Goes on until the outermost container is closed. */
  #containers(): void {
    let fresh = true;
    for (let level = this.#levels.at(-1); level; level = this.#levels.at(-1)) {
      this.#space();
      const opened: 'opened' | 'value' | 'closed' = level.keys ? this.#member(level, level.keys, fresh) : this.#item(level, fresh);
      fresh = opened === 'opened';
    }
  }

  #member(level: Level, keys: Set<string>, fresh: boolean): 'opened' | 'value' | 'closed' {
    if (this.#peek() === '}') return this.#close();
    if (!fresh) this.#comma('after object key:value pair');
    if (this.#peek() !== '"') this.#refuse('looking for beginning of object key string');
    const start = this.#at;
    this.#string();
    level.key = JSON.parse(this.#text.slice(start, this.#at)) as string;
    if (keys.has(level.key)) this.#duplicate();
    keys.add(level.key);
    this.#space();
    if (this.#peek() !== ':') this.#refuse('after object key');
    this.#at++;
    this.#space();
    return this.#beginValue() ? 'opened' : 'value';
  }

  #item(level: Level, fresh: boolean): 'opened' | 'value' | 'closed' {
    if (this.#peek() === ']') return this.#close();
    if (!fresh) this.#comma('after array element');
    level.index++;
    return this.#beginValue() ? 'opened' : 'value';
  }

  #comma(otherwise: string): void {
    if (this.#peek() !== ',') this.#refuse(otherwise);
    this.#at++;
    this.#space();
  }

  #close(): 'closed' {
    this.#at++;
    this.#levels.pop();
    return 'closed';
  }

  #duplicate(): void {
    if (this.duplicates.length >= MAX_DUPLICATES) return;
    let path = '';
    for (const level of this.#levels) {
      if (!level.keys) path += `[${level.index}]`;
      else path += path ? `.${level.key}` : level.key;
    }
    this.duplicates.push(path);
  }

  /** True when a container was opened: its content comes next. */
  #beginValue(): boolean {
    const c = this.#peek();
    if (c === '{' || c === '[') {
      if (this.#levels.length >= MAX_DEPTH) throw new Fault(`invalid character '${c}' exceeded max depth`);
      this.#levels.push({ keys: c === '{' ? new Set() : undefined, key: '', index: -1 });
      this.#at++;
      return true;
    }
    if (c === '"') this.#string();
    else if (c === '-' || isDigit(c)) this.#number();
    else if (LITERALS.has(c)) this.#literal(LITERALS.get(c) ?? '');
    else this.#refuse('looking for beginning of value');
    return false;
  }

  #literal(word: string): void {
    for (let i = 1; i < word.length; i++) {
      this.#at++;
      if (this.#peek() !== word[i]) this.#refuse(`in literal ${word} (expecting '${word[i]}')`);
    }
    this.#at++;
  }

  #string(): void {
    for (this.#at++; this.#peek() !== '"'; this.#at++) {
      if (this.#peek() < ' ') this.#refuse('in string literal');
      if (this.#peek() !== '\\') continue;
      this.#at++;
      if (!'"\\/bfnrtu'.includes(this.#peek())) this.#refuse('in string escape code');
      if (this.#peek() === 'u') this.#hex();
    }
    this.#at++;
  }

  #hex(): void {
    for (let i = 0; i < 4; i++) {
      this.#at++;
      if (!/[0-9a-fA-F]/.test(this.#peek())) this.#refuse('in \\u hexadecimal character escape');
    }
  }

  #number(): void {
    if (this.#peek() === '-') this.#at++;
    if (this.#peek() === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#peekOrEnd() === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (this.#peekOrEnd() !== 'e' && this.#peekOrEnd() !== 'E') return;
    this.#at++;
    if (this.#peek() === '+' || this.#peek() === '-') this.#at++;
    this.#digits('in exponent of numeric literal');
  }

  #digits(otherwise: string): void {
    if (!isDigit(this.#peek())) this.#refuse(otherwise);
    while (isDigit(this.#peekOrEnd())) this.#at++;
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#text.charAt(this.#at)) && this.#at < this.#text.length) this.#at++;
  }

  #peekOrEnd(): string {
    return this.#text.charAt(this.#at);
  }

  #peek(): string {
    if (this.#at >= this.#text.length) throw new Fault(END);
    return this.#text.charAt(this.#at);
  }

  #refuse(context: string): never {
    throw new Fault(`invalid character ${quoted(this.#peek(), this.#encoding)} ${context}`);
  }
}

const isDigit = (c: string): boolean => c >= '0' && c <= '9';

/** The first byte of the character, in quotes as an error text shows it. */
function quoted(c: string, encoding: 'utf8' | 'latin1'): string {
  if (c === "'") return "'\\''";
  if (c === '"') return "'\"'";
  const byte = Buffer.from(c, encoding)[0] ?? 0;
  return `'${goQuote(String.fromCharCode(byte)).slice(1, -1)}'`;
}

/** The value of a JSON text with its repeated keys, or what is wrong with the text; `latin1`: each character is a byte. */
export function scanJson(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): Scanned | ScanFault {
  const quick = parsed(text);
  if (quick) {
    const { distinctKeys, plainNumbers } = glance(text, quick.value, MAX_QUICK_DEPTH);
    if (distinctKeys) return { value: quick.value, duplicates: [], plainNumbers };
  }
  const scanner = new Scanner(text, encoding);
  try {
    scanner.scan();
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message };
    throw error;
  }
  return { value: JSON.parse(text) as unknown, duplicates: scanner.duplicates, plainNumbers: false };
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** How the decoder calls the type of a value. */
export function typeWord(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
