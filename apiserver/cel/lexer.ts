// The tokens of the Common Expression Language.
import { type Issue, UInt } from './ast.ts';

export interface Token {
  readonly kind: 'ident' | 'op' | 'literal' | 'end';
  readonly text: string;
  readonly pos: number;
  readonly value?: unknown;
}

const OPERATORS = [
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '.',
  ',',
  '?',
  ':',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '<',
  '>',
  '!',
  '-',
  '+',
  '*',
  '/',
  '%',
];
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0x[0-9a-fA-F]+[uU]?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+[uU]?/y;
const STRING = /([bBrR]{0,2})("""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\[^\n]|[^\\"\n\r])*"|'(?:\\[^\n]|[^\\'\n\r])*')/y;
const RAW = /([bB]?[rR][bB]?)("""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n\r]*"|'[^'\n\r]*')/y;
const SKIP = /(?:\s+|\/\/[^\n]*)+/y;

/** Splits a text; characters that start no token are issues. */
export function tokenize(source: string): { readonly tokens: Token[]; readonly issues: Issue[] } {
  const tokens: Token[] = [];
  const issues: Issue[] = [];
  const place = codePoints(source);
  let at = 0;
  const match = (r: RegExp): RegExpExecArray | null => {
    r.lastIndex = at;
    return r.exec(source);
  };
  while (at < source.length) {
    const skipped = match(SKIP);
    if (skipped) {
      at += skipped[0].length;
      continue;
    }
    const token = next(source, at, match, place(at));
    if (typeof token === 'string') {
      issues.push({ pos: place(at), text: `Syntax error: token recognition error at: '${token}'` });
      at += token.length;
    } else {
      if ('issue' in token) issues.push({ pos: place(at), text: token.issue });
      tokens.push(token.token);
      at += token.token.text.length;
    }
  }
  tokens.push({ kind: 'end', text: '<EOF>', pos: place(source.length) });
  return { tokens, issues };
}

function codePoints(source: string): (offset: number) => number {
  let seen = 0;
  let count = 0;
  return offset => {
    for (const c of source.slice(seen, offset)) if (c) count++;
    seen = offset;
    return count;
  };
}

type Next = { readonly token: Token } | { readonly token: Token; readonly issue: string } | string;

function next(source: string, at: number, match: (r: RegExp) => RegExpExecArray | null, pos: number): Next {
  const text = match(RAW) ?? match(STRING);
  if (text) {
    const value = stringValue(text[1] ?? '', text[2] ?? '');
    const token: Token = { kind: 'literal', text: text[0], pos, value: value ?? '' };
    return value === undefined ? { token, issue: 'unable to unescape string' } : { token };
  }
  const word = match(WORD);
  if (word) return { token: { kind: 'ident', text: word[0], pos } };
  const number = match(NUMBER);
  if (number) {
    const value = numberValue(number[0]);
    const token: Token = { kind: 'literal', text: number[0], pos, value: value ?? 0n };
    return value === undefined ? { token, issue: `invalid ${/u$/i.test(number[0]) ? 'uint' : 'int'} literal` } : { token };
  }
  const op = OPERATORS.find(o => source.startsWith(o, at));
  if (op) return { token: { kind: 'op', text: op, pos } };
  const first = [...source.slice(at, at + 2)][0] ?? '';
  const second = source.slice(at + first.length, at + first.length + 1);
  if (["'", '"'].includes(first)) return source.slice(at);
  return '=&|'.includes(first) && second && !/\s/.test(second) ? first + second : first;
}

function numberValue(text: string): unknown {
  const unsigned = /u$/i.test(text);
  const digits = unsigned ? text.slice(0, -1) : text;
  if (/^0x/.test(digits) || /^\d+$/.test(digits)) {
    const value = BigInt(digits);
    if (unsigned) return value < 2n ** 64n ? new UInt(value) : undefined;
    return value <= 2n ** 63n ? value : undefined;
  }
  return Number(text);
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
};

/** The value of a string or bytes literal; undefined when an escape is wrong. */
function stringValue(prefix: string, quoted: string): string | Uint8Array | undefined {
  const long = /^("""|''')/.test(quoted) && quoted.length >= 6;
  const body = (long ? quoted.slice(3, -3) : quoted.slice(1, -1)).replace(/\r\n?/g, '\n');
  const bytes = /b/i.test(prefix);
  if (/r/i.test(prefix)) return bytes ? Buffer.from(body) : body;
  return bytes ? unescapeBytes(body) : unescapeText(body);
}

const ESCAPE = /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))|([^\\])/gu;

function unescapeText(body: string): string | undefined {
  let out = '';
  for (const [, simple, hex, short, long, octal, wrong, plain] of body.matchAll(ESCAPE)) {
    if (wrong !== undefined) return undefined;
    if (plain !== undefined) out += plain;
    else if (simple !== undefined) out += SIMPLE[simple] ?? simple;
    else {
      const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
      out += String.fromCodePoint(code);
    }
  }
  return out;
}

function unescapeBytes(body: string): Uint8Array | undefined {
  const parts: Buffer[] = [];
  for (const [, simple, hex, short, long, octal, wrong, plain] of body.matchAll(ESCAPE)) {
    if (wrong !== undefined || short !== undefined || long !== undefined) return undefined;
    if (plain !== undefined) parts.push(Buffer.from(plain));
    else if (simple !== undefined) parts.push(Buffer.from(SIMPLE[simple] ?? simple));
    else parts.push(Buffer.from([octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8)]));
  }
  return Buffer.concat(parts);
}
