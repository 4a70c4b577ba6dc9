// The JSONPath dialect of Kubernetes: what stands between the braces of a template, as a list of steps.

export type PathNode =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'identifier'; readonly name: string }
  | { readonly type: 'wildcard' | 'recursive' }
  | { readonly type: 'slice'; readonly bounds: Bounds }
  | { readonly type: 'union'; readonly paths: readonly Path[] }
  | { readonly type: 'filter'; readonly left: Path; readonly right?: Path; readonly operator: string };
export type Path = readonly PathNode[];

/** Absent bounds are open; without a colon, one element is meant. */
export interface Bounds {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly step?: number | undefined;
  readonly one: boolean;
}

/** A path that cannot be read. */
export class PathError extends Error {}

const WORD = /^[\p{L}\p{Nd}_]$/u;
const ENDS = /^[\s.,[\]$@{}]$/;
const COMPARISON = /^([^!<>=]+)([!<>=]+)(.+?)$/s;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/;

interface Cursor {
  readonly text: string;
  at: number;
}

/** The steps of a path; throws PathError. Whole numbers in it are bigints. What follows a closing brace is another path, and not read. */
export function parsePath(text: string): Path {
  const c: Cursor = { text: `${text}}`, at: 0 };
  const nodes: PathNode[] = [];
  for (;;) {
    const rest = c.text.slice(c.at);
    const ch = rest[0] ?? '';
    if (ch === '}') return nodes;
    if (ch === '' || ch === '\n' || ch === '\r') throw new PathError('unclosed action');
    if (ch === ' ' || ch === '@' || ch === '$') c.at++;
    else nodes.push(...next(c, rest, nodes.at(-1)));
  }
}

function next(c: Cursor, rest: string, last: PathNode | undefined): PathNode[] {
  const ch = rest[0] ?? '';
  if (rest.startsWith('[?(')) return [filter(c)];
  if (rest.startsWith('..')) return recursive(c, last);
  if (ch === '[') return subscript(c);
  if (ch === '"' || ch === "'") return [quoted(c, ch)];
  if (ch === '.') return [fieldAt(c, 1)];
  if (/[+\-\d]/.test(ch)) return [numberAt(c, rest)];
  if (WORD.test(ch)) return [wordAt(c)];
  throw new PathError('unrecognized character in action');
}

function recursive(c: Cursor, last: PathNode | undefined): PathNode[] {
  if (last?.type === 'recursive') throw new PathError('invalid multiple recursive descent');
  c.at += 2;
  const named = WORD.test(c.text[c.at] ?? '');
  return [{ type: 'recursive' }, ...(named ? [fieldAt(c, 0)] : [])];
}

/** A name up to the next sign that ends one; a backslash takes away what the sign means. */
function fieldAt(c: Cursor, skip: number): PathNode {
  c.at += skip;
  const start = c.at;
  while (c.at < c.text.length && !ENDS.test(c.text[c.at] ?? '')) c.at += c.text[c.at] === '\\' ? 2 : 1;
  const name = c.text.slice(start, c.at);
  return name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') };
}

function wordAt(c: Cursor): PathNode {
  const start = c.at;
  while (c.at < c.text.length && !ENDS.test(c.text[c.at] ?? '')) c.at++;
  const word = c.text.slice(start, c.at);
  return word === 'true' || word === 'false' ? { type: 'literal', value: word === 'true' } : { type: 'identifier', name: word };
}

function numberAt(c: Cursor, rest: string): PathNode {
  const digits = /^[+-]?[\d.]*/.exec(rest)?.[0] ?? '';
  c.at += digits.length;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(digits)) throw new PathError(`cannot parse number ${digits}`);
  return { type: 'literal', value: /\./.test(digits) ? Number(digits) : BigInt(digits.replace('+', '')) };
}

function quoted(c: Cursor, mark: string): PathNode {
  let end = c.at + 1;
  while (end < c.text.length && c.text[end] !== mark) end += c.text[end] === '\\' ? 2 : 1;
  if (end >= c.text.length) throw new PathError('unterminated quoted string');
  const value = c.text.slice(c.at + 1, end).replace(/\\(.)/g, (_, sign: string) => ESCAPES[sign] ?? sign);
  c.at = end + 1;
  return { type: 'literal', value };
}

function subscript(c: Cursor): PathNode[] {
  const end = c.text.indexOf(']', c.at);
  if (end < 0) throw new PathError('unterminated array');
  const inner = c.text.slice(c.at + 1, end);
  c.at = end + 1;
  return element(inner === '*' ? ':' : inner);
}

function element(text: string): PathNode[] {
  const members = text.split(',');
  if (members.length > 1) return [{ type: 'union', paths: members.map(m => parsePath(`[${m.trim()}]`)) }];
  const key = /^'([^']*)'$/.exec(text)?.[1];
  // As the reference reads it: dots inside the quotes separate names too.
  if (key !== undefined) return [...parsePath(`.${key}`)];
  const found = SLICE.exec(text);
  if (!found) throw new PathError(`invalid array index ${text}`);
  const bound = (part: string | undefined): number | undefined => (part ? Number(part) : undefined);
  const [, from, to, step] = found;
  const bounds = { from: bound(from), to: bound(to?.slice(1)), step: bound(step?.slice(1)), one: to === undefined };
  return [{ type: 'slice', bounds }];
}

function filter(c: Cursor): PathNode {
  const start = c.at + 3;
  const end = filterEnd(c.text, start);
  if (c.text[end + 1] !== ']') throw new PathError('unclosed array expect ]');
  const text = c.text.slice(start, end);
  c.at = end + 2;
  const [, left, operator, right] = COMPARISON.exec(text) ?? [];
  if (left === undefined || operator === undefined || right === undefined)
    return { type: 'filter', left: parsePath(text), operator: 'exists' };
  return { type: 'filter', left: parsePath(left), operator, right: parsePath(right) };
}

/** Where the closing parenthesis stands; one inside a pair of quotes does not count. */
function filterEnd(text: string, start: number): number {
  let opened = '';
  let closed = false;
  for (let at = start; at < text.length; at++) {
    const ch = text[at] ?? '';
    if (ch === '\n') break;
    if (ch === '"' || ch === "'") {
      if (opened === '') opened = ch;
      else if (text[at - 1] !== '\\' && ch === opened) closed = true;
    } else if (ch === ')' && (opened !== '') === closed) return at;
  }
  throw new PathError('unterminated filter');
}
