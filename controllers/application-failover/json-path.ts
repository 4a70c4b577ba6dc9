// JSONPath templates as kubectl reads them: text with `{...}` actions, paths with keys, indexes, slices, wildcards, recursive descent and filters, and
// `{range}`...`{end}`. A missing key is an error.
import { isObject } from '../../kube/index.ts';

type Step =
  | { readonly kind: 'key'; readonly name: string }
  | {
      readonly kind: 'slice';
      readonly from?: number | undefined;
      readonly to?: number | undefined;
      readonly step: number;
      readonly single: boolean;
    }
  | { readonly kind: 'all' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'filter'; readonly left: readonly Step[]; readonly operator: string; readonly right: unknown };

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly steps: readonly Step[] }
  | { readonly kind: 'range'; readonly steps: readonly Step[] }
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
    parts.push(parseAction(rest.slice(open + 1, close).trim()));
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

function parseAction(action: string): Part {
  if (action === 'end') return { kind: 'end' };
  const quoted = /^(["'])(.*)\1$/s.exec(action);
  if (quoted) return { kind: 'text', text: (quoted[2] ?? '').replace(/\\n/g, '\n').replace(/\\t/g, '\t') };
  if (action.startsWith('range')) return { kind: 'range', steps: parseSteps(action.slice('range'.length).trim()) };
  return { kind: 'path', steps: parseSteps(action) };
}

const KEY = /^\.?((?:\\.|[^.[\]\s\\])+)/;

function parseSteps(path: string): Step[] {
  const steps: Step[] = [];
  let rest = path.replace(/^[$@]/, '');
  while (rest !== '') {
    if (rest.startsWith('..')) {
      steps.push({ kind: 'descend' });
      rest = rest.slice(1);
    } else if (rest.startsWith('[')) {
      const end = bracketEnd(rest);
      steps.push(parseBracket(rest.slice(1, end).trim()));
      rest = rest.slice(end + 1);
    } else if (rest === '.') return steps;
    else {
      const match = KEY.exec(rest);
      if (!match) throw new Error(`unrecognized character in action: ${rest.charAt(0)}`);
      const name = (match[1] ?? '').replace(/\\(.)/g, '$1');
      steps.push(name === '*' ? { kind: 'all' } : { kind: 'key', name });
      rest = rest.slice(match[0].length);
    }
  }
  return steps;
}

function bracketEnd(text: string): number {
  let depth = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (quote) quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '[') depth++;
    else if (c === ']' && --depth === 0) return i;
  }
  throw new Error('unterminated array');
}

function parseBracket(inner: string): Step {
  const quoted = /^(["'])(.*)\1$/s.exec(inner);
  if (quoted) return { kind: 'key', name: quoted[2] ?? '' };
  if (inner === '*') return { kind: 'all' };
  const filter = /^\?\((.*)\)$/s.exec(inner);
  if (filter) return parseFilter((filter[1] ?? '').trim());
  const slice = /^(-?\d+)?(?::(-?\d+)?)?(?::(-?\d+)?)?$/.exec(inner);
  if (!slice || inner === '') throw new Error(`invalid array index ${inner}`);
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return { kind: 'slice', from: number(slice[1]), to: number(slice[2]), step: number(slice[3]) ?? 1, single: !inner.includes(':') };
}

function parseFilter(text: string): Step {
  const match = /^(@?[^=<>!]+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/s.exec(text);
  if (!match) return { kind: 'filter', left: parseSteps(text), operator: 'exists', right: undefined };
  const [, left = '', operator = '', right = ''] = match;
  return { kind: 'filter', left: parseSteps(left.trim()), operator, right: literal(right.trim()) };
}

function literal(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  if (quoted) return quoted[2] ?? '';
  return JSON.parse(text) as unknown;
}

function render(parts: readonly Part[], value: unknown): string {
  let out = '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part?.kind === 'text') out += part.text;
    else if (part?.kind === 'path') out += walk([value], part.steps).map(printed).join(' ');
    else if (part?.kind === 'range') {
      const end = rangeEnd(parts, i);
      for (const item of walk([value], part.steps)) out += render(parts.slice(i + 1, end), item);
      i = end;
    }
  }
  return out;
}

function rangeEnd(parts: readonly Part[], from: number): number {
  let depth = 0;
  for (let i = from; i < parts.length; i++) {
    if (parts[i]?.kind === 'range') depth++;
    if (parts[i]?.kind === 'end' && --depth === 0) return i;
  }
  throw new Error('unexpected end of range');
}

function walk(values: readonly unknown[], steps: readonly Step[]): unknown[] {
  let current = [...values];
  for (const [i, step] of steps.entries()) {
    const descended = steps[i - 1]?.kind === 'descend';
    current = current.flatMap(value => applyStep(value, step, descended));
  }
  return current;
}

function applyStep(value: unknown, step: Step, lenient: boolean): unknown[] {
  switch (step.kind) {
    case 'key':
      return keyOf(value, step.name, lenient);
    case 'all':
      return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    case 'descend':
      return descendants(value);
    case 'slice':
      return slice(value, step);
    case 'filter':
      return Array.isArray(value) ? value.filter(item => matches(item, step)) : [];
  }
}

function keyOf(value: unknown, name: string, lenient: boolean): unknown[] {
  if (isObject(value) && Object.hasOwn(value, name)) return [value[name]];
  if (lenient || value === null) return [];
  throw new Error(`${name} is not found`);
}

function descendants(value: unknown): unknown[] {
  const children = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return [value, ...children.flatMap(descendants)];
}

function slice(value: unknown, { from, to, step, single }: Extract<Step, { kind: 'slice' }>): unknown[] {
  if (!Array.isArray(value)) throw new Error('is not array or slice');
  const place = (index: number): number => (index < 0 ? index + value.length : index);
  if (single) {
    const index = place(from ?? 0);
    if (index < 0 || index >= value.length) throw new Error(`array index out of bounds: index ${index}, length ${value.length}`);
    return [value[index]];
  }
  const part = value.slice(from === undefined ? 0 : place(from), to === undefined ? value.length : place(to));
  return step > 1 ? part.filter((_, i) => i % step === 0) : part;
}

function matches(item: unknown, { left, operator, right }: Extract<Step, { kind: 'filter' }>): boolean {
  let found: unknown[];
  try {
    found = walk([item], left);
  } catch {
    return false;
  }
  if (found.length === 0) return false;
  const value = found[0] as never;
  const other = right as never;
  switch (operator) {
    case 'exists':
      return true;
    case '==':
      return value === other;
    case '!=':
      return value !== other;
    case '<':
      return value < other;
    case '<=':
      return value <= other;
    case '>':
      return value > other;
    default:
      return value >= other;
  }
}

/** Texts as they are, everything else as JSON; large numbers as Go prints floats. */
function printed(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return printedNumber(value);
  return JSON.stringify(value) ?? '';
}

/** Decoded numbers are floats there, printed with an exponent from 1e21 on, or from 1e+06 where that is shorter. */
function printedNumber(value: number): string {
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  if (exponent < 21 && exponent >= -4 && Math.abs(value) < 1e6) return String(value);
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const size = Math.abs(Number(power));
  return `${mantissa}e${Number(power) < 0 ? '-' : '+'}${String(size).padStart(2, '0')}`;
}
