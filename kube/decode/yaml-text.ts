// YAML of a request as JSON text, as the reference converts it: keys become strings and are sorted, aliases and merge keys are
// written out, repeated keys are told by line (the last one wins).
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { setOwn } from '../patch/own-key.ts';
import { plainScalar } from './yaml-scalar.ts';

/** How many nodes aliases may write out. */
const MAX_ALIASED = 100_000;
const MAX_DEPTH = 1000;

/** What a YAML text says; `fault` where it cannot be converted. */
export interface Converted {
  readonly json: string;
  /** `line 3: key "a" already set in map` */
  readonly duplicates: readonly string[];
}

export class YamlFault extends Error {
  override readonly name = 'YamlFault';
}

/** The first document of the text as JSON; throws YamlFault. */
export function yamlToJson(given: string): Converted {
  // Carriage returns and next-line characters end lines, too.
  const text = /[\r\u0085]/.test(given) ? given.replace(/\r\n?|\u0085/g, '\n') : given;
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)) throw new YamlFault('yaml: control characters are not allowed');
  if (/^%YAML (?!1\.)/m.test(text)) throw new YamlFault('yaml: found incompatible YAML document');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    strict: false,
    lineCounter: lines,
    logLevel: 'silent',
  });
  const [error] = document.errors.filter(e => e.code !== 'MULTIPLE_DOCS' && !isBehind(e, document, text));
  if (error) throw new YamlFault(told(error, text, lines.linePos(error.pos[0]).line));
  const converter = new Converter(document, lines, text);
  return { json: JSON.stringify(converter.convert(document.contents)) ?? 'null', duplicates: converter.duplicates };
}

/** Whether a fault lies behind a collection in brackets, with which the document ended: nobody reads on. */
function isBehind(error: YAMLParseError, { contents }: Document, text: string): boolean {
  if (!(isMap(contents) || isSeq(contents)) || contents.flow !== true) return false;
  const end = contents.range?.[1] ?? 0;
  return error.pos[0] >= end && (text[end - 1] === '}' || text[end - 1] === ']');
}

/** Faults of the scanner, told with the line they are in. */
const SCANNER: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  BLOCK_IN_FLOW: 'mapping values are not allowed in this context',
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  TAB_AS_INDENT: 'found character that cannot start any token',
  BAD_DQ_ESCAPE: 'found unknown escape character',
  BAD_ALIAS: 'did not find expected alphabetic or numeric character',
  BAD_SCALAR_START: 'found character that cannot start any token',
};

function told(error: YAMLParseError, text: string, line: number): string {
  const words = scannerWords(error, text);
  if (words !== undefined) return `yaml: ${line > 1 ? `line ${line}: ` : ''}${words}`;
  const before = text.slice(0, error.pos[0]);
  // The parser of the reference counts lines from zero; the end of the text is on a line of its own.
  const found = text.slice(error.pos[0]).trim() === '' ? text.replace(/\n$/, '').split('\n').length : line - 1;
  return `yaml: ${found > 0 ? `line ${found}: ` : ''}${parserWords(error, before)}`;
}

function scannerWords(error: YAMLParseError, text: string): string | undefined {
  if (error.code === 'BAD_DQ_ESCAPE' && /^\\[xuU]/.test(text.slice(error.pos[0]))) return 'did not find expected hexdecimal number';
  if (error.message.startsWith('Missing closing ')) return 'found unexpected end of stream';
  if (error.message.startsWith('Unexpected block-seq-ind')) return 'block sequence entries are not allowed in this context';
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY' && text[error.pos[0]] === '?') return 'mapping keys are not allowed in this context';
  return SCANNER[error.code];
}

/** After an opening bracket or a comma a value is missed, not the end of the collection. */
function parserWords(error: YAMLParseError, before: string): string {
  if (/[[{,]\s*$/.test(before)) return 'did not find expected node content';
  if (error.message.startsWith('Flow sequence')) return "did not find expected ',' or ']'";
  if (error.message.startsWith('Flow map') || error.code === 'MISSING_CHAR') return "did not find expected ',' or '}'";
  return error.code === 'BAD_INDENT' ? 'did not find expected key' : 'did not find expected node content';
}

class Converter {
  readonly duplicates: string[] = [];
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #text: string;
  #aliased = 0;
  #within = 0;

  constructor(document: Document, lines: LineCounter, text: string) {
    this.#document = document;
    this.#lines = lines;
    this.#text = text;
  }

  convert(node: unknown, depth = 0): unknown {
    if (this.#within > 0) this.#aliased++;
    if (this.#aliased > MAX_ALIASED || depth > MAX_DEPTH) throw new YamlFault('yaml: document contains excessive aliasing');
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (!target) throw new YamlFault(`yaml: unknown anchor '${node.source}' referenced`);
      this.#within++;
      const value = this.convert(target, depth + 1);
      this.#within--;
      return value;
    }
    if (isScalar(node)) return this.#scalar(node as Node & { value: unknown; type?: string; tag?: string });
    if (isSeq(node)) return node.items.map(item => this.convert(item, depth + 1));
    if (isMap(node)) return this.#map(node, depth);
    return null;
  }

  #scalar(node: { value: unknown; type?: string; tag?: string; range?: readonly number[] | null }): unknown {
    if (node.type === 'QUOTE_DOUBLE' && node.range) this.#checkEscapes(node.range[0] ?? 0, node.range[1] ?? 0);
    const text = typeof node.value === 'string' ? node.value : '';
    const value = node.type === 'PLAIN' || node.type === undefined ? plainScalar(text) : text;
    const converted = tagged(node.tag, text, value);
    if (typeof converted === 'number' && !Number.isFinite(converted)) {
      const shown = Number.isNaN(converted) ? 'NaN' : converted > 0 ? '+Inf' : '-Inf';
      throw new YamlFault(`json: unsupported value: ${shown}`);
    }
    return converted;
  }

  /** The library takes escaped slashes and surrogates, which the reference refuses. */
  #checkEscapes(from: number, to: number): void {
    const quoted = this.#text.slice(from, to);
    for (const { 0: all, 1: hex, index } of quoted.matchAll(/\\(?:u([0-9a-fA-F]{4})|[^u])/g)) {
      const isSurrogate = /^d[89a-f]/i.test(hex ?? '');
      if (!isSurrogate && all !== '\\/') continue;
      const { line } = this.#lines.linePos(from + index);
      const words = isSurrogate ? 'found invalid Unicode character escape code' : 'found unknown escape character';
      throw new YamlFault(`yaml: ${line > 1 ? `line ${line}: ` : ''}${words}`);
    }
  }

  #map(node: YAMLMap, depth: number): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    const merged = new Map<string, unknown>();
    for (const pair of node.items as Pair<Node, Node>[]) {
      if (isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN') {
        for (const [key, value] of this.#merge(pair.value, depth)) if (!merged.has(key)) merged.set(key, value);
        continue;
      }
      const key = this.#key(pair);
      const value = this.convert(pair.value, depth + 1);
      if (entries.has(key)) this.#duplicate(pair.key, key);
      entries.set(key, value);
    }
    for (const [key, value] of merged) if (!entries.has(key)) entries.set(key, value);
    const out: Record<string, unknown> = {};
    for (const key of [...entries.keys()].sort()) setOwn(out, key, entries.get(key));
    return out;
  }

  #key(pair: Pair<Node, Node>): string {
    const { key } = pair;
    const target = isAlias(key) ? key.resolve(this.#document) : key;
    if (target !== null && target !== undefined && !isScalar(target))
      throw new YamlFault(`yaml: invalid map key: ${goSyntax(this.convert(target))}`);
    const value = target ? this.#plainKey(target as never) : null;
    if (Object.is(value, -0)) return '-0';
    if (value === null) {
      const value = this.convert(pair.value);
      const shown =
        typeof value === 'object' && value !== null
          ? goSyntax(value)
          : typeof value === 'string'
            ? JSON.stringify(value)
            : String(value ?? '<nil>');
      throw new YamlFault(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown}`);
    }
    return String(value);
  }

  /** Numbers without end are fine as keys. */
  #plainKey(node: { value: unknown; type?: string; tag?: string }): unknown {
    const endless = node.type === 'PLAIN' && typeof node.value === 'string' ? plainScalar(node.value) : undefined;
    if (typeof endless !== 'number' || Number.isFinite(endless)) return this.#scalar(node);
    return Number.isNaN(endless) ? '.nan' : endless > 0 ? '.inf' : '-.inf';
  }

  #merge(node: unknown, depth: number): [string, unknown][] {
    const target = isAlias(node) ? node.resolve(this.#document) : node;
    if (isMap(target)) return Object.entries(this.#map(target as YAMLMap, depth + 1));
    if (isSeq(target)) return target.items.flatMap(item => this.#merge(item, depth + 1));
    throw new YamlFault('yaml: map merge requires map or sequence of maps as the value');
  }

  #duplicate(key: Node, name: string): void {
    const line = this.#lines.linePos(key.range?.[0] ?? 0).line;
    this.duplicates.push(`line ${line}: key ${JSON.stringify(name)} already set in map`);
  }
}

/** A value in the syntax of Go, as refused keys are shown. */
function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value as Record<string, unknown>).map(([key, inner]) => `${keySyntax(key)}:${goSyntax(inner)}`);
  return `map[interface {}]interface {}{${members.join(', ')}}`;
}

const keySyntax = (key: string): string => (typeof plainScalar(key) === 'string' ? JSON.stringify(key) : key);

function tagged(tag: string | undefined, text: string, value: unknown): unknown {
  const name = tag?.replace('tag:yaml.org,2002:', '!!');
  const refuse = (): never => {
    throw new YamlFault(`yaml: cannot decode !!str \`${text}\` as a ${name ?? ''}`);
  };
  switch (name) {
    case '!':
    case '!!str':
      return text;
    case '!!int':
      return Number.isInteger(plainScalar(text)) ? plainScalar(text) : refuse();
    case '!!float':
      return typeof plainScalar(text) === 'number' ? plainScalar(text) : refuse();
    case '!!bool':
      return typeof plainScalar(text) === 'boolean' ? plainScalar(text) : refuse();
    case '!!null':
      return plainScalar(text) === null ? null : refuse();
    case '!!binary':
      return Buffer.from(text, 'base64').toString();
    default:
      return value;
  }
}
