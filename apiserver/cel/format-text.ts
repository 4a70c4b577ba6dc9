// `'…'.format([…])` on values.
import { UInt } from './ast.ts';
import { CLAUSES, type Clause, parseFormat } from './format-literals.ts';
import { Duration, printDuration, printTimestamp, Timestamp } from './time-values.ts';
import { CelError, ListValue, MapValue, TypeValue, typeName } from './values.ts';

export function formatText(format: string, args: readonly unknown[]): string {
  const parsed = parseFormat(format);
  if ('fault' in parsed) throw new CelError(parsed.fault);
  let out = parsed.texts[0] ?? '';
  parsed.clauses.forEach((clause, i) => {
    if (i >= args.length) throw new CelError(`index ${i} out of range`);
    out += printClause(clause, args[i]) + (parsed.texts[i + 1] ?? '');
  });
  return out;
}

const wrong = (verb: string, v: unknown): CelError =>
  new CelError(`error during formatting: ${CLAUSES[verb]?.fault ?? ''}, was given ${typeName(v)}`);

function printClause({ verb, precision }: Clause, v: unknown): string {
  if (verb === 's') return printAny(v);
  const n = v instanceof UInt ? v.value : typeof v === 'boolean' && verb === 'b' ? BigInt(v) : v;
  if (verb === 'f' || verb === 'e') return printFloat(verb, precision ?? 6, n, v);
  if (verb === 'd') {
    if (typeof n === 'bigint') return String(n);
    if (typeof n === 'number' && !Number.isFinite(n)) return special(n);
    throw wrong(verb, v);
  }
  if (typeof n === 'bigint') return printBase(verb, n);
  if ((verb === 'x' || verb === 'X') && (typeof v === 'string' || v instanceof Uint8Array)) {
    const hex = Buffer.from(v as string).toString('hex');
    return verb === 'X' ? hex.toUpperCase() : hex;
  }
  throw wrong(verb, v);
}

function printBase(verb: string, n: bigint): string {
  const digits = n.toString(verb === 'b' ? 2 : verb === 'o' ? 8 : 16);
  return verb === 'X' ? digits.toUpperCase() : digits;
}

const special = (n: number): string => (Number.isNaN(n) ? 'NaN' : n > 0 ? 'Infinity' : '-Infinity');

function printFloat(verb: string, precision: number, n: unknown, v: unknown): string {
  const d = typeof n === 'number' ? n : typeof n === 'bigint' ? Number(n) : undefined;
  if (d === undefined) throw wrong(verb, v);
  if (!Number.isFinite(d)) return special(d);
  if (verb === 'f') return d.toFixed(Math.min(precision, 100));
  return d.toExponential(Math.min(precision, 100)).replace(/e([+-])(\d)$/, 'e$10$2');
}

function printAny(v: unknown): string {
  if (v === null) return 'null';
  if (typeof v === 'string') return v;
  if (typeof v === 'bigint' || typeof v === 'boolean') return String(v);
  if (v instanceof UInt) return String(v.value);
  if (typeof v === 'number') return Number.isFinite(v) ? printNumber(v) : special(v);
  if (v instanceof Uint8Array) return Buffer.from(v).toString('utf8');
  if (v instanceof Timestamp) return printTimestamp(v);
  if (v instanceof Duration) return printDuration(v);
  if (v instanceof TypeValue) return v.name;
  if (v instanceof ListValue) return `[${v.items.map(printInner).join(', ')}]`;
  if (v instanceof MapValue)
    return `{${[...v.entries.values()]
      .map(([k, x]) => `${printInner(k)}:${printInner(x)}`)
      .sort()
      .join(', ')}}`;
  throw new CelError(
    `error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeName(v)}`,
  );
}

const printNumber = (v: number): string => String(v);

/** Texts inside lists and maps are quoted. */
const printInner = (v: unknown): string => (typeof v === 'string' ? JSON.stringify(v) : printAny(v));
