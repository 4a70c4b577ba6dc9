// From text to program: parse, check, fold constant conversions, estimate the cost.
import { type Expr, printIssues } from './ast.ts';
import { check } from './checker.ts';
import { estimateCost } from './cost.ts';
import { type Budget, compileProgram, type Program, type Scope } from './evaluate.ts';
import { CompileError, parse } from './parser.ts';
import type { Type } from './types.ts';
import { CelError } from './values.ts';

export interface Expression {
  readonly source: string;
  readonly type: Type;
  /** The most an evaluation can cost for the bounds of the variables' types. */
  readonly cost: number;
  /** Names of free variables. */
  readonly uses: ReadonlySet<string>;
  run(scope: Scope): unknown;
}

/** Compiles an expression over variables; throws a CompileError with the text users see. */
export function compileExpression(source: string, variables: ReadonlyMap<string, Type>): Expression {
  const expr = parsed(source);
  const issues = check(expr, variables);
  if (issues.length > 0) throw new CompileError(`compilation failed: ${printIssues(source, issues)}`);
  foldConstants(expr);
  const program: Program = compileProgram(expr);
  const uses = new Set<string>();
  collectIdents(expr, uses);
  return { source, type: expr.type ?? { name: 'dyn', params: [] }, cost: estimateCost(expr, variables), uses, run: program };
}

function parsed(source: string): Expr {
  try {
    return parse(source);
  } catch (error) {
    throw error instanceof CompileError ? new CompileError(`compilation failed: ${error.message}`) : error;
  }
}

const FOLDED = new Set('bool bytes double duration int string timestamp uint matches'.split(' '));

/** Conversions of literals run once, when the program is made: their faults are faults of the rule. */
function foldConstants(e: Expr): void {
  for (const inner of children(e)) foldConstants(inner);
  if (e.kind !== 'call' || !FOLDED.has(e.name)) return;
  const args = e.name === 'matches' ? e.args.slice(-1) : e.args;
  if (args.length !== 1 || args[0]?.kind !== 'literal') return;
  const probe: Expr = e.name === 'matches' ? { ...e, target: { kind: 'literal', pos: e.pos, value: '' }, args } : e;
  const budget: Budget = { left: 1e6 };
  try {
    compileProgram(probe)({ variables: new Map(), budget });
  } catch (error) {
    if (error instanceof CelError) throw new CompileError(`program instantiation failed: ${error.message}`);
    throw error;
  }
}

function children(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'select':
      return [e.operand];
    case 'call':
      return [...(e.target ? [e.target] : []), ...e.args];
    case 'list':
      return e.items.map(i => i.value);
    case 'map':
      return e.entries.flatMap(x => [x.key, x.value]);
    case 'struct':
      return e.fields.map(f => f.value);
    case 'comprehension':
      return [e.range, e.init, e.condition, e.step, e.result];
    default:
      return [];
  }
}

function collectIdents(e: Expr, into: Set<string>): void {
  if (e.kind === 'ident') into.add(e.name);
  for (const inner of children(e)) collectIdents(inner, into);
}
