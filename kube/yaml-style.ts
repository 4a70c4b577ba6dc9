// How a string is best written in YAML: what may stand plain, and which quotes the rest needs.
import { plainScalar } from './decode/yaml-scalar.ts';

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal';

const INDICATORS = new Set([...'#,[]{}&*!|>\'"%@`']);
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIME = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)|\s+\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/;

/** Whether a character needs no escape. */
export const isPlainText = (c: string): boolean => {
  const code = c.codePointAt(0) ?? 0;
  if (code <= 0x7e) return code === 0x0a || code >= 0x20;
  return code >= 0xa0 && (code < 0xd800 || code > 0xdfff) && code !== 0xfeff && code !== 0xfffe && code <= 0xffff && code !== 0xffff;
};

const isBlank = (c: string | undefined): boolean => c === undefined || c === ' ' || c === '\t';

/** Text that YAML 1.1 reads as something else. */
const readsOtherwise = (text: string): boolean => typeof plainScalar(text) !== 'string' || BASE_60.test(text) || TIME.test(text);

/** The style for a value, or for a key, which stays on one line. */
export function scalarStyle(text: string, use: 'key' | 'value'): ScalarStyle {
  const special = [...text].some(c => !isPlainText(c)) || / \n/.test(text);
  if (text.includes('\n')) return use === 'key' || special || text.endsWith(' ') ? 'double' : 'literal';
  if (special || readsOtherwise(text)) return 'double';
  return text.startsWith(' ') || text.endsWith(' ') || hasIndicators(text) ? 'single' : 'plain';
}

function hasIndicators(text: string): boolean {
  if (text.startsWith('---') || text.startsWith('...')) return true;
  const first = text.charAt(0);
  if (INDICATORS.has(first) || ('?:-'.includes(first) && isBlank(text[1]))) return true;
  for (let i = 1; i < text.length; i++) {
    if (text[i] === ':' && isBlank(text[i + 1])) return true;
    if (text[i] === '#' && isBlank(text[i - 1])) return true;
  }
  return false;
}
