// JSON values as YAML text, written as the reference writes it: keys in natural order, lists on the level of their key, strings
// plain where YAML 1.1 reads them back as text, in double quotes where it would not, in single ones where signs are in the way,
// long lines folded at blanks, several lines as a literal block.
import { isObject } from './json.ts';
import { byNaturalOrder } from './natural-order.ts';
import { isPlainText, type ScalarStyle, scalarStyle } from './yaml-style.ts';

const WIDTH = 80;
const MAX_SIMPLE_KEY_BYTES = 128;
const STEP = 2;
const BREAK = /[\n\r\u0085\u2028\u2029]/;

/** The text of a document. */
export function writeYaml(value: unknown): string {
  const w = new Writer();
  w.node(value, 0, 'block');
  return w.text.endsWith('\n') ? w.text : `${w.text}\n`;
}

class Writer {
  text = '';
  #column = 0;

  /** Writes a value; `inline` where a first entry may stand on this line. */
  node(value: unknown, indent: number, place: 'block' | 'inline'): void {
    if (Array.isArray(value)) return value.length === 0 ? this.#put('[]') : this.#sequence(value, indent, place);
    if (isObject(value)) {
      const keys = Object.keys(value);
      return keys.length === 0 ? this.#put('{}') : this.#mapping(value, keys.sort(byNaturalOrder), indent, place);
    }
    if (typeof value === 'string') return this.#scalar(value, scalarStyle(value, 'value'), indent + STEP);
    this.#put(typeof value === 'number' ? numberText(value) : String(value ?? null));
  }

  #sequence(list: readonly unknown[], indent: number, place: 'block' | 'inline'): void {
    list.forEach((item, i) => {
      if (i > 0 || place === 'block') this.#line(indent);
      this.#put('- ');
      this.node(item, indent + STEP - (isCollection(item) ? 0 : STEP), 'inline');
    });
  }

  #mapping(object: Readonly<Record<string, unknown>>, keys: readonly string[], indent: number, place: 'block' | 'inline'): void {
    keys.forEach((key, i) => {
      if (i > 0 || place === 'block') this.#line(indent);
      if (BREAK.test(key) || Buffer.byteLength(key) > MAX_SIMPLE_KEY_BYTES) {
        this.#put('? ');
        this.#scalar(key, scalarStyle(key, 'value'), indent + STEP);
        this.#line(indent);
        this.#put(': ');
        this.node(object[key], isCollection(object[key]) ? indent + STEP : indent, 'inline');
        return;
      }
      this.#scalar(key, scalarStyle(key, 'key'), undefined);
      this.#put(':');
      this.#member(object[key], indent);
    });
  }

  #member(value: unknown, indent: number): void {
    if (Array.isArray(value) && value.length > 0) this.node(value, indent, 'block');
    else if (isCollection(value)) this.node(value, indent + STEP, 'block');
    else {
      this.#put(' ');
      this.node(value, indent, 'inline');
    }
  }

  /** `indent` of the lines it is folded into; undefined where it must stay on one. */
  #scalar(text: string, style: ScalarStyle, indent: number | undefined): void {
    if (style === 'literal') return this.#literal(text, indent ?? 0);
    const quote = { plain: '', single: "'", double: '"' }[style];
    this.#put(quote);
    const chars = [...text];
    chars.forEach((c, i) => {
      if (c === ' ' && this.#folds(chars, i, style, indent)) {
        this.#line(indent ?? 0);
        if (style === 'double' && chars[i + 1] === ' ') this.#put('\\');
      } else this.#put(style === 'double' ? escaped(c) : style === 'single' && c === "'" ? "''" : c);
    });
    this.#put(quote);
  }

  #folds(chars: readonly string[], i: number, style: ScalarStyle, indent: number | undefined): boolean {
    if (indent === undefined || this.#column <= WIDTH || chars[i - 1] === ' ') return false;
    if (style === 'double') return i > 0 && i < chars.length - 1;
    return chars[i + 1] !== ' ' && (style === 'plain' || (i > 0 && i < chars.length - 1));
  }

  #literal(text: string, indent: number): void {
    const trailing = /\n*$/.exec(text)?.[0].length ?? 0;
    const keep = trailing > 1 || text === '\n' ? '+' : trailing === 0 ? '-' : '';
    this.#put(`|${/^[ \n]/.test(text) ? STEP : ''}${keep}`);
    const lines = (trailing > 0 ? text.slice(0, -1) : text).split('\n');
    for (const line of lines) {
      this.#line(line === '' ? 0 : indent);
      this.#put(line === '' ? '\n' : line);
    }
    if (trailing > 0) this.#line(0);
  }

  #line(indent: number): void {
    if (this.text !== '' && !this.text.endsWith('\n')) this.text += '\n';
    this.text += ' '.repeat(indent);
    this.#column = indent;
  }

  #put(text: string): void {
    this.text += text;
    this.#column = text.endsWith('\n') ? 0 : this.#column + (text.length === 1 ? 1 : [...text].length);
  }
}

const isCollection = (value: unknown): boolean =>
  (Array.isArray(value) && value.length > 0) || (isObject(value) && Object.keys(value).length > 0);

const ESCAPES: Readonly<Record<string, string>> = {
  '\u0000': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escaped(c: string): string {
  const known = ESCAPES[c];
  if (known !== undefined) return known;
  if (isPlainText(c)) return c;
  const code = c.codePointAt(0) ?? 0;
  const [mark, digits] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : (['U', 8] as const);
  return `\\${mark}${code.toString(16).toUpperCase().padStart(digits, '0')}`;
}

/** Whole numbers as they are; others in the shortest form, with an exponent of two digits where they are large or small. */
function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const e = Number(exponent);
  if (e >= -4 && e < 6) return String(value);
  return `${mantissa}e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`;
}
