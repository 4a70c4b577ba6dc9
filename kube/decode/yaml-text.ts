// YAML of a request as JSON text, as the reference converts it: keys become strings and are sorted, aliases and merge keys are
// written out, repeated keys are told by line (the last one wins).
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { setOwn } from '../patch/own-key.ts';
import { textFault } from './yaml-fault.ts';
import { plainScalar } from './yaml-scalar.ts';

/** How many nodes aliases may write out. */
const MAX_ALIASED = 100_000;
const MAX_DEPTH = 1000;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/;

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
  if (CONTROL.test(text)) throw new YamlFault('yaml: control characters are not allowed');
  if (/^%YAML (?!1\.1\s)/m.test(text)) throw new YamlFault('yaml: found incompatible YAML document');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    strict: false,
    lineCounter: lines,
    logLevel: 'silent',
  });
  const fault = textFault(document, text);
  if (fault !== undefined) throw new YamlFault(fault);
  const converter = new Converter(document, lines);
  return { json: JSON.stringify(converter.convert(document.contents)) ?? 'null', duplicates: converter.duplicates };
}

class Converter {
  readonly duplicates: string[] = [];
  readonly #document: Document;
  readonly #lines: LineCounter;
  #aliased = 0;
  #within = 0;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
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

  #scalar(node: { value: unknown; type?: string; tag?: string }): unknown {
    const text = typeof node.value === 'string' ? node.value : '';
    const value = node.type === 'PLAIN' || node.type === undefined ? plainScalar(text) : text;
    const converted = tagged(node.tag, text, value);
    if (typeof converted === 'number' && !Number.isFinite(converted)) {
      const shown = Number.isNaN(converted) ? 'NaN' : converted > 0 ? '+Inf' : '-Inf';
      throw new YamlFault(`json: unsupported value: ${shown}`);
    }
    return converted;
  }

  #map(node: YAMLMap, depth: number): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    this.#fill(entries, node, depth);
    const out: Record<string, unknown> = {};
    for (const key of [...entries.keys()].sort()) setOwn(out, key, entries.get(key));
    return out;
  }

  /** In the order of the text, merge keys too: what comes later wins. */
  #fill(entries: Map<string, unknown>, node: YAMLMap, depth: number): void {
    for (const pair of node.items as Pair<Node, Node>[]) {
      if (isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN') {
        this.#merge(entries, pair.value, depth);
        continue;
      }
      const key = this.#key(pair);
      const value = this.convert(pair.value, depth + 1);
      if (entries.has(key)) this.#duplicate(pair, key);
      entries.set(key, value);
    }
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

  /** Of a list the first map wins. */
  #merge(entries: Map<string, unknown>, given: unknown, depth: number): void {
    if (depth > MAX_DEPTH || this.#aliased++ > MAX_ALIASED) throw new YamlFault('yaml: document contains excessive aliasing');
    // What is merged is written out as what an alias stands for.
    this.#within++;
    const own = isSeq(given) ? [...given.items].reverse() : [given];
    for (const item of own) {
      const map = isAlias(item) ? item.resolve(this.#document) : item;
      if (!isMap(map)) throw new YamlFault('yaml: map merge requires map or sequence of maps as the value');
      this.#fill(entries, map as YAMLMap, depth + 1);
    }
    this.#within--;
  }

  #duplicate(pair: Pair<Node, Node>, name: string): void {
    const { line } = this.#lines.linePos((pair.value ?? pair.key).range?.[0] ?? 0);
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
