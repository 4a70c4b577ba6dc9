// Checks of `'…'.format([…])` that need no values: clauses that do not exist, arguments of a type a clause cannot print.
import type { Call, Expr, Issue } from './ast.ts';
import { isDyn } from './types.ts';

/** What a clause accepts and says otherwise. */
export const CLAUSES: Readonly<Record<string, { readonly types: readonly string[]; readonly fault: string }>> = {
  d: { types: ['int', 'uint', 'double'], fault: 'decimal clause can only be used on integers' },
  f: { types: ['double', 'int', 'uint'], fault: 'fixed-point clause can only be used on doubles' },
  e: { types: ['double', 'int', 'uint'], fault: 'scientific clause can only be used on doubles' },
  b: { types: ['int', 'uint', 'bool'], fault: 'only integers and bools can be formatted as binary' },
  x: { types: ['int', 'uint', 'string', 'bytes'], fault: 'only integers, byte buffers, and strings can be formatted as hex' },
  X: { types: ['int', 'uint', 'string', 'bytes'], fault: 'only integers, byte buffers, and strings can be formatted as hex' },
  o: { types: ['int', 'uint'], fault: 'octal clause can only be used on integers' },
};

const STATIC: Readonly<Record<string, readonly string[]>> = { d: ['int', 'uint'], f: ['double', 'string'], e: ['double', 'string'] };

export interface Clause {
  readonly verb: string;
  readonly precision: number | undefined;
}

/** The clauses and the text between them: one more text than clauses. */
export function parseFormat(format: string): { readonly texts: string[]; readonly clauses: Clause[] } | { readonly fault: string } {
  const texts = [''];
  const clauses: Clause[] = [];
  for (let i = 0; i < format.length; i++) {
    const c = format[i] ?? '';
    if (c !== '%') {
      texts[texts.length - 1] += c;
      continue;
    }
    const rest = format.slice(i + 1);
    if (rest.startsWith('%')) {
      texts[texts.length - 1] += '%';
      i++;
      continue;
    }
    const m = /^(?:\.(\d+))?([\s\S])/u.exec(rest);
    if (!m) return { fault: 'unexpected end of string' };
    const verb = m[2] ?? '';
    if (!(verb === 's' || Object.hasOwn(CLAUSES, verb)))
      return { fault: `could not parse formatting clause: unrecognized formatting clause "${verb}"` };
    clauses.push({ verb, precision: m[1] === undefined ? undefined : Number(m[1]) });
    texts.push('');
    i += m[0].length;
  }
  return { texts, clauses };
}

export function formatIssues(format: string, call: Call): Issue[] {
  const parsed = parseFormat(format);
  if ('fault' in parsed) return [{ pos: call.pos, text: parsed.fault }];
  const [list] = call.args;
  if (list?.kind !== 'list') return [];
  if (list.items.length < parsed.clauses.length) return [{ pos: call.pos, text: `index ${list.items.length} out of range` }];
  for (const [i, clause] of parsed.clauses.entries()) {
    const fault = clauseFault(clause, list.items[i]?.value);
    if (fault) return [fault];
  }
  return [];
}

function clauseFault(clause: Clause, arg: Expr | undefined): Issue | undefined {
  const rule = CLAUSES[clause.verb];
  const type = arg?.type;
  if (!rule || !arg || !type || isDyn(type)) return undefined;
  const allowed = STATIC[clause.verb] ?? rule.types;
  if (allowed.includes(type.name)) return undefined;
  return { pos: arg.pos, text: `error during formatting: ${rule.fault}, was given ${type.name}` };
}
