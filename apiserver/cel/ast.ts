// Expressions after parsing and macro expansion. `pos` is an offset in code points: where errors point to.
import type { Type } from './types.ts';

export interface Base {
  readonly pos: number;
  /** Set by the checker. */
  type?: Type;
}
export interface Literal extends Base {
  readonly kind: 'literal';
  readonly value: unknown;
}
export interface Ident extends Base {
  readonly kind: 'ident';
  readonly name: string;
}
export interface Select extends Base {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  readonly test: boolean;
}
export interface Call extends Base {
  readonly kind: 'call';
  name: string;
  target: Expr | undefined;
  readonly args: readonly Expr[];
  /** Signatures the checker found possible. */
  overloads?: readonly string[];
}
export interface ListExpr extends Base {
  readonly kind: 'list';
  readonly items: readonly { readonly value: Expr; readonly optional: boolean }[];
}
export interface MapExpr extends Base {
  readonly kind: 'map';
  readonly entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[];
}
export interface StructExpr extends Base {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly value: Expr; readonly optional: boolean; readonly pos: number }[];
}
export interface Comprehension extends Base {
  readonly kind: 'comprehension';
  readonly range: Expr;
  readonly vars: readonly string[];
  readonly accu: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}
export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Comprehension;

/** An unsigned 64-bit number. */
export class UInt {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** A fault of an expression, with its place. */
export interface Issue {
  readonly pos: number;
  readonly text: string;
}

/** `ERROR: <input>:1:8: …` with the line and an arrow, one paragraph an issue. */
export function printIssues(source: string, issues: readonly Issue[]): string {
  return [...issues]
    .sort((a, b) => a.pos - b.pos)
    .map(i => printIssue(source, i))
    .join('\n');
}

function printIssue(source: string, { pos, text }: Issue): string {
  const before = [...source].slice(0, pos);
  const line = before.filter(c => c === '\n').length;
  const column = pos - (before.lastIndexOf('\n') + 1);
  const snippet = (source.split('\n')[line] ?? '').replaceAll('\t', ' ');
  const dots = [...snippet].slice(0, column).map(c => (Buffer.byteLength(c) > 1 ? '．' : '.'));
  const at = [...snippet][column];
  return `ERROR: <input>:${line + 1}:${column + 1}: ${text}\n | ${snippet}\n | ${dots.join('')}${at !== undefined && Buffer.byteLength(at) > 1 ? '＾' : '^'}`;
}
