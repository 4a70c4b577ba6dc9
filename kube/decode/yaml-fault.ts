// What is wrong with a YAML text, in the words of the reference: where its scanner or its parser would stop first. It reads one
// document and looks no further, knows the escapes of YAML 1.1 alone, and takes a key of a flow map for one only on one line.
import { type Document, isCollection, isPair, isScalar, type Node, visit, type YAMLParseError } from 'yaml';

interface Found {
  readonly at: number;
  readonly fault: string;
}

const MAX_KEY = 1024;
const BREAK = /[\n\u2028\u2029]/g;

/** The first fault: `yaml: line 3: did not find expected key`; undefined where there is none. */
export function textFault(document: Document, text: string): string | undefined {
  const { contents } = document;
  const end = isCollection(contents) && contents.flow ? (contents.range?.[1] ?? text.length) : text.length;
  const more = text.slice(end).trim() !== '';
  const [error] = document.errors.filter(e => e.code !== 'MULTIPLE_DOCS' && !(more && e.pos[0] >= end));
  const own = ownFault(document, text);
  if (own && (!error || own.at <= error.pos[0])) return `yaml: ${own.fault}`;
  return error && `yaml: ${told(error, text)}`;
}

/** Lines above that of a place. */
const linesBefore = (text: string, at: number): number => text.slice(0, at).match(BREAK)?.length ?? 0;

/** A line is named from the second one on; the parser of the reference counts from zero, its scanner from one. */
const scannerFault = (text: string, at: number, words: string): string => {
  const line = linesBefore(text, at);
  return line > 0 ? `line ${line + 1}: ${words}` : words;
};

const parserFault = (line: number, words: string): string => (line > 0 ? `line ${line}: ${words}` : words);

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

function told(error: YAMLParseError, text: string): string {
  const [at] = error.pos;
  const words = scannerWords(error, text);
  if (words !== undefined) return scannerFault(text, at, words);
  // The end of the text is on a line of its own.
  const line = text.slice(at).trim() === '' ? text.replace(/\n$/, '').split('\n').length : linesBefore(text, at);
  return parserFault(line, parserWords(error, text.slice(0, at)));
}

function scannerWords(error: YAMLParseError, text: string): string | undefined {
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

/** The first fault of the reference's scanner that the parser here lets pass. */
function ownFault(document: Document, text: string): Found | undefined {
  let first: Found | undefined;
  visit(document, {
    Scalar(place, node, path) {
      const parent = path.at(-1);
      const map = path.at(-2);
      const flowKey = place === 'key' && isPair(parent) && isCollection(map) && map.flow === true;
      first = escapeFault(node, text) ?? (flowKey ? keyFault(node, text) : undefined);
      return first && visit.BREAK;
    },
  });
  return first;
}

const ESCAPE = /\\(?:x(.{0,2})|u(.{0,4})|U(.{0,8})|([\s\S]))/gu;
const KNOWN = new Set('0abt\tnvfre "\'\\N_LP\n');

/** In double quotes: numbers that are no character, and letters that stand for none. */
function escapeFault(node: Node, text: string): Found | undefined {
  if (!isScalar(node) || node.type !== 'QUOTE_DOUBLE' || !node.range) return undefined;
  const [start, end] = node.range;
  for (const match of text.slice(start, end).matchAll(ESCAPE)) {
    const words = escapeWords(match);
    const at = start + match.index;
    if (words !== undefined) return { at, fault: scannerFault(text, at, words) };
  }
  return undefined;
}

function escapeWords([all, x, u, long, letter]: RegExpMatchArray): string | undefined {
  if (letter !== undefined) return KNOWN.has(letter) ? undefined : 'found unknown escape character';
  const digits = x ?? u ?? long ?? '';
  const wanted = { x: 2, u: 4, U: 8 }[all.charAt(1)];
  if (digits.length !== wanted || !/^[0-9a-fA-F]+$/.test(digits)) return 'did not find expected hexdecimal number';
  const value = Number.parseInt(digits, 16);
  return (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff ? 'found invalid Unicode character escape code' : undefined;
}

function keyFault(node: Node, text: string): Found | undefined {
  const [start, end] = node.range ?? [0, 0];
  if (/\?\s*$/.test(text.slice(Math.max(0, start - 20), start))) return undefined;
  const key = text.slice(start, end);
  if (key.length <= MAX_KEY && !/[\n\u2028\u2029]/.test(key)) return undefined;
  return { at: start, fault: parserFault(linesBefore(text, end), "did not find expected ',' or '}'") };
}
