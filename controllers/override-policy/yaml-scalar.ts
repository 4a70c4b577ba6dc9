// How single values and keys appear in block YAML: plain where that reads back as the same string, else quoted, several lines as a literal block.
import { parse } from 'yaml';

export interface ScalarPlace {
  /** Columns by which further lines of the scalar are indented. */
  readonly indent: number;
  /** Keys stay on one line. */
  readonly key: boolean;
}

const WIDTH = 80;

export function scalarText(value: unknown, place: ScalarPlace): string {
  if (typeof value === 'string') return stringText(value, place);
  if (typeof value === 'number') return floatText(value);
  return value === null || value === undefined ? 'null' : String(value);
}

/** Shortest digits, with an exponent below 1e-4 and from 1e6 on: integers come as bigint, so a number is a float literal. */
function floatText(value: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  return power < -4 || power >= 6 ? withExponent(mantissa, power) : String(value);
}

const withExponent = (mantissa: string, power: number): string =>
  `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;

function stringText(text: string, place: ScalarPlace): string {
  const shape = analyse(text);
  if (text.includes('\n')) return shape.literal && !place.key ? literal(text, place.indent) : doubleQuoted(text);
  if (!readsBack(text)) return doubleQuoted(text);
  if (shape.plain) return fold(text, place);
  return shape.single ? fold(`'${text.replaceAll("'", "''")}'`, place) : doubleQuoted(text);
}

/** Not taken for a number, a boolean, null or a date when written plain. */
function readsBack(text: string): boolean {
  if (text === '' || /^(?:<<|=)$/.test(text)) return false;
  if (/^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text)) return false;
  if (/^\d{4}-\d\d?-\d\d?(?:$|[Tt\s])/.test(text)) return false;
  if (/^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF|true|True|TRUE|false|False|FALSE|~|null|Null|NULL)$/.test(text)) return false;
  if (!/^[-+.0-9]/.test(text)) return true;
  return typeof safeScalar(text) === 'string';
}

function safeScalar(text: string): unknown {
  if (/[\s,[\]{}:#&*!|>'"%@`]/.test(text)) return text;
  try {
    return parse(text, { version: '1.1', schema: 'yaml-1.1', intAsBigInt: true }) as unknown;
  } catch {
    return text;
  }
}

interface Shape {
  readonly plain: boolean;
  readonly single: boolean;
  readonly literal: boolean;
}

function analyse(text: string): Shape {
  const special = /[^\n\x20-\x7e\u0085\u00a0-\ud7ff\ud800-\udfff\ue000-\ufefe\uff00-\ufffd]/.test(text) || / \n/.test(text);
  const edges = /^[ \n]|[ \n]$/.test(text);
  const breakSpace = /\n /.test(text);
  const indicators =
    /^(?:---|\.\.\.)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[?:-](?:\s|$)/.test(text) || /:(?:\s|$)|\s#/.test(text);
  return {
    plain: !special && !edges && !breakSpace && !indicators && !text.includes('\n'),
    single: !special && !breakSpace,
    literal: !special && !text.endsWith(' '),
  };
}

function literal(text: string, indent: number): string {
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const chomp = text.endsWith('\n') ? (/\n\n$/.test(text) || text === '\n' ? '+' : '') : '-';
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return `|${hint}${chomp}\n${lines.map(line => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n')}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\0': '\\0',
  '\b': '\\b',
};

function doubleQuoted(text: string): string {
  const body = Array.from(text, c => {
    const code = c.codePointAt(0) ?? 0;
    if (ESCAPES[c]) return ESCAPES[c];
    return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}` : c;
  });
  return `"${body.join('')}"`;
}

/** Breaks a long scalar at the first space beyond the width; a break reads back as that space. */
function fold(text: string, { indent, key }: ScalarPlace): string {
  if (key || text.length <= WIDTH - indent) return text;
  const words = text.split(/(?<=[^ ]) (?=[^ ])/);
  let out = '';
  let column = indent;
  for (const [i, word] of words.entries()) {
    if (i === 0) out = word;
    else if (column > WIDTH) {
      out += `\n${' '.repeat(indent)}${word}`;
      column = indent;
    } else {
      out += ` ${word}`;
      column++;
    }
    column += word.length;
  }
  return out;
}

/** The order of keys: digits by their number, other signs before letters. */
export function compareKeys(a: string, b: string): number {
  const partsA = a.match(/\d+|[^\d]/gu) ?? [];
  const partsB = b.match(/\d+|[^\d]/gu) ?? [];
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const order = compareParts(partsA[i] ?? '', partsB[i] ?? '');
    if (order !== 0) return order;
  }
  return partsA.length - partsB.length;
}

function compareParts(a: string, b: string): number {
  if (a === b) return 0;
  const letters = Number(/\p{L}/u.test(a)) - Number(/\p{L}/u.test(b));
  if (letters !== 0) return letters;
  if (/^\d/.test(a) && /^\d/.test(b)) return Number(a) - Number(b) || a.length - b.length;
  return a < b ? -1 : 1;
}
