// JSONPath templates as kubectl reads them: text with `{...}` actions and `{range}`...`{end}`. A missing name is an error, numbers are floats.
import { isObject } from '../json.ts';
import { followPath, type Reading } from './follow.ts';
import { type Path, PathError, type PathNode, parsePath } from './parser.ts';

const STRICT: Reading = {
  missing: name => {
    throw new PathError(`${name} is not found`);
  },
  numberKind: () => 'float',
};

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path' | 'range'; readonly path: Path }
  | { readonly kind: 'end' };

/** The text that the template makes of the value. */
export function evaluateJsonPath(value: unknown, template: string): string {
  const parts = parseTemplate(template);
  try {
    return render(parts, value);
  } catch (error) {
    throw new Error(`failed to execute jsonpath "${template}": ${(error as Error).message}`, { cause: error });
  }
}

function parseTemplate(template: string): Part[] {
  const parts: Part[] = [];
  let rest = template;
  while (rest !== '') {
    const open = rest.indexOf('{');
    if (open < 0) return [...parts, { kind: 'text', text: rest }];
    if (open > 0) parts.push({ kind: 'text', text: rest.slice(0, open) });
    const close = actionEnd(rest, open);
    parts.push(actionOf(parsePath(rest.slice(open + 1, close))));
    rest = rest.slice(close + 1);
  }
  return parts;
}

/** The closing brace, beyond quotes. */
function actionEnd(text: string, from: number): number {
  let quote = '';
  for (let i = from + 1; i < text.length; i++) {
    const c = text.charAt(i);
    if (quote) quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '}') return i;
  }
  throw new Error('unclosed action');
}

const isWord = (node: PathNode | undefined, word: string): boolean => node?.type === 'identifier' && node.name === word;

function actionOf(path: Path): Part {
  if (isWord(path[0], 'end')) return { kind: 'end' };
  return isWord(path[0], 'range') ? { kind: 'range', path: path.slice(1) } : { kind: 'path', path };
}

function render(parts: readonly Part[], value: unknown): string {
  let out = '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part?.kind === 'text') out += part.text;
    else if (part?.kind === 'end') throw new PathError('not in range, nothing to end');
    else if (part?.kind === 'path') out += followPath([value], part.path, STRICT).map(printed).join(' ');
    else if (part?.kind === 'range') {
      const end = rangeEnd(parts, i);
      for (const item of followPath([value], part.path, STRICT)) out += render(parts.slice(i + 1, end), item);
      i = end;
    }
  }
  return out;
}

/** A range that is not ended goes on to the end of the template. */
function rangeEnd(parts: readonly Part[], from: number): number {
  let depth = 0;
  for (let i = from; i < parts.length; i++) {
    if (parts[i]?.kind === 'range') depth++;
    if (parts[i]?.kind === 'end' && --depth === 0) return i;
  }
  return parts.length;
}

/** Texts as they are, everything else as JSON with its keys in order; large numbers as Go prints floats. */
function printed(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return printedNumber(value);
  return JSON.stringify(value, inOrder);
}

/** Decoded numbers are floats there, printed with an exponent from 1e21 on, or from 1e+06 where that is shorter. */
function printedNumber(value: number): string {
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  if (exponent < 21 && exponent >= -4 && Math.abs(value) < 1e6) return String(value);
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const size = Math.abs(Number(power));
  return `${mantissa}e${Number(power) < 0 ? '-' : '+'}${String(size).padStart(2, '0')}`;
}

const inOrder = (_: string, value: unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
