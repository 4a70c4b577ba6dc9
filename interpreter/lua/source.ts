// Lua 5.1 source for a Lua 5.4 machine. Three differences cannot be bridged at run time, so the text is rewritten token by token:
// numbers are always floating point (`1` becomes `1.0`); `..` calls our own concatenation, which prints numbers as 5.1 scripts expect
// (`a << CAT << b`: shifts bind just below `..`, and CAT carries the metamethods); and `#` calls our own length, which counts what lies
// beyond a gap (`CAT ^ a` binds as `#a` does). Lines stay where they are.

/** The local name through which a chunk reaches the concatenation object; it arrives as the chunk's argument. */
const CONCAT = '__concat__';

/** A script that is no Lua 5.1. */
class LuaSyntaxError extends Error {
  override readonly name = 'LuaSyntaxError';
}

const TOKEN = new RegExp(
  [
    /(?<comment>--\[(?<ceq>=*)\[[\s\S]*?\]\k<ceq>\]|--(?!\[=*\[)[^\n]*)/,
    /(?<text>\[(?<eq>=*)\[[\s\S]*?\]\k<eq>\]|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*')/,
    /(?<hex>0[xX][0-9a-fA-F]+)/,
    /(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/,
    /(?<name>[A-Za-z_]\w*)/,
    /(?<dots>\.\.\.?)/,
    /(?<operator>~=|==|<=|>=|::|[-+*/%^#<>=(){}[\];:,.])/,
    /(?<space>\s+)/,
  ]
    .map(part => part.source)
    .join('|'),
  'y',
);

/** The rewritten chunk; throws a LuaSyntaxError. */
export function rewrite(script: string): string {
  let out = `local ${CONCAT}=...;`;
  let before = '';
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < script.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(script);
    if (!match) throw unexpected(script, at);
    const token = match[0];
    const { hex, number, dots, comment, space, name, text: quote } = match.groups ?? {};
    if (name === CONCAT || isForeign(before, token)) throw unexpected(script, at);
    if (hex) out += `${Number(hex)}.0`;
    else if (number) out += /^\d+$/.test(number) ? `${number}.0` : number;
    else if (dots === '..') out += ` <<${CONCAT}<< `;
    else if (token === '#') out += ` ${CONCAT}^`;
    else out += quote && QUOTED.test(token) ? plainEscapes(token) : token;
    if (!comment && !space) before = token;
  }
  return out;
}

const QUOTED = /^["']/;

/** Lua 5.1 reads an escape it does not know as the character itself, and of a number above 255 the low byte. */
function plainEscapes(text: string): string {
  return text.replace(/\\(\d{1,3}|[\s\S])/g, (sequence, c: string) => {
    if (/^\d/.test(c)) return `\\${String(Number(c) & 255).padStart(3, '0')}`;
    return /[abfnrtv\\"'\n]/.test(c) ? sequence : c;
  });
}

/** Operators that later Lua versions added: `//`, and shifts in two tokens. */
function isForeign(before: string, token: string): boolean {
  return (token === '/' && before === '/') || (token === '<' && before === '<') || (token === '>' && before === '>');
}

function unexpected(script: string, at: number): LuaSyntaxError {
  const lines = script.slice(0, at).split('\n');
  const column = (lines.at(-1) ?? '').length + 1;
  return new LuaSyntaxError(`<string> line:${lines.length}(column:${column}) near '${script.charAt(at)}':   syntax error\n`);
}
