// Evaluation: a checked expression becomes a closure. Logical operators swallow the fault of one side when the other decides.
// Every step is counted, so no expression runs longer than its budget.
import type { Call, Comprehension, Expr } from './ast.ts';
import { dottedName } from './checker.ts';
import { CORE_FUNCTIONS, field, hasField, type Implementation, optionalField } from './functions.ts';
import { KUBE_FUNCTIONS } from './functions-kube.ts';
import { TEXT_FUNCTIONS } from './functions-text.ts';
import { CelError, ListValue, MapValue, mapOf, noOverload, ObjectValue, Optional, StructValue, TypeValue } from './values.ts';

/** The budget of an evaluation: `left` goes down as work is done. */
export interface Budget {
  left: number;
}

/** A fault of the machinery: nothing decides around it, and it is told before faults of other arguments. */
class InternalFault extends CelError {}

/** A budget that is used up. */
export class CostExceeded extends CelError {}

export interface Scope {
  readonly variables: ReadonlyMap<string, unknown>;
  readonly parent?: Scope;
  readonly budget: Budget;
  /** Functions of this environment only, such as those of the authorizer. */
  readonly functions?: ReadonlyMap<string, Implementation>;
}

export type Program = (scope: Scope) => unknown;

const FUNCTIONS: ReadonlyMap<string, Implementation> = new Map([...CORE_FUNCTIONS, ...TEXT_FUNCTIONS, ...KUBE_FUNCTIONS]);
const TYPES = new Set(
  'int uint double bool string bytes list map null_type type dyn google.protobuf.Timestamp google.protobuf.Duration optional_type'.split(
    ' ',
  ),
);

function spend(scope: Scope, cost: number): void {
  scope.budget.left -= cost;
  if (scope.budget.left < 0) throw new CostExceeded('operation cancelled: actual cost limit exceeded');
}

function lookup(scope: Scope, name: string): unknown {
  for (let s: Scope | undefined = scope; s; s = s.parent) if (s.variables.has(name)) return s.variables.get(name);
  if (TYPES.has(name)) return new TypeValue(name);
  throw new CelError(`no such attribute(s): ${name}`);
}

/** The program of a checked expression. */
export function compileProgram(e: Expr): Program {
  switch (e.kind) {
    case 'literal':
      return () => e.value;
    case 'ident':
      return scope => {
        spend(scope, 1);
        const value = lookup(scope, e.name);
        return typeof value === 'function' ? (value as () => unknown)() : value;
      };
    case 'select': {
      const name = dottedName(e);
      if (name && TYPES.has(name)) return () => new TypeValue(name);
      const operand = compileProgram(e.operand);
      return scope => {
        spend(scope, 1);
        if (name && scope.variables.has(name)) return scope.variables.get(name);
        return e.test ? hasField(operand(scope), e.field) : field(operand(scope), e.field);
      };
    }
    case 'list':
      return listProgram(e.items.map(i => ({ optional: i.optional, value: compileProgram(i.value) })));
    case 'map':
      return mapProgram(e.entries.map(x => ({ optional: x.optional, key: compileProgram(x.key), value: compileProgram(x.value) })));
    case 'struct': {
      const { name } = e;
      const fields = mapProgram(e.fields.map(f => ({ optional: f.optional, key: () => f.name, value: compileProgram(f.value) })));
      return scope => new StructValue(name, (fields(scope) as MapValue).entries);
    }
    case 'call':
      return callProgram(e);
    case 'comprehension':
      return comprehension(e);
  }
}

function listProgram(items: readonly { readonly optional: boolean; readonly value: Program }[]): Program {
  return scope => {
    spend(scope, 10);
    return new ListValue(
      items.flatMap(({ optional, value }) => {
        const v = value(scope);
        if (!optional) return [v];
        if (!(v instanceof Optional)) throw noOverload();
        return v.present ? [v.inner] : [];
      }),
    );
  };
}

function mapProgram(entries: readonly { readonly optional: boolean; readonly key: Program; readonly value: Program }[]): Program {
  return scope => {
    spend(scope, 30);
    const pairs: (readonly [unknown, unknown])[] = [];
    for (const { optional, key, value } of entries) {
      const [k, v] = [key(scope), value(scope)];
      if (!optional) pairs.push([k, v]);
      else if (!(v instanceof Optional)) throw noOverload();
      else if (v.present) pairs.push([k, v.inner]);
    }
    const made = mapOf(pairs);
    if (made.entries.size < pairs.length) throw new CelError('Failed with repeated key');
    return made;
  };
}

function callProgram(e: Call): Program {
  const args = [...(e.target ? [e.target] : []), ...e.args].map(compileProgram);
  const [a, b, c] = args;
  const [, container] = e.args;
  if (e.name === '@in' && container?.kind === 'list' && container.items.length === 0) return () => false;
  if (e.name === '_&&_' && a && b) return logical(a, b, false);
  if (e.name === '_||_' && a && b) return logical(a, b, true);
  if (e.name === '_?_:_' && a && b && c) return scope => conditional(a(scope), b, c, scope);
  if (e.name === '@not_strictly_false' && a) return scope => outcome(a, scope).value !== false;
  if (e.name === '_?._' && a) {
    const [, name] = e.args;
    return scope => optionalField(a(scope), name?.kind === 'literal' ? String(name.value) : '');
  }
  if ((e.name === 'or' || e.name === 'orValue') && e.target && a && b) return orElse(a, b, e.name);
  const shared = FUNCTIONS.get(e.name);
  const values = SORTING.has(e.name) ? sortingArguments(args) : (scope: Scope): unknown[] => strictArguments(args, scope);
  return scope => {
    const given = values(scope);
    spend(scope, callCost(given));
    const f = shared ?? scope.functions?.get(e.name);
    if (!f) throw noOverload();
    return f(...given);
  };
}

const SORTING = new Set(['sort', 'distinct', '@sortByAssociatedKeys']);

/** All arguments are evaluated, also those after a fault. */
function strictArguments(args: readonly Program[], scope: Scope): unknown[] {
  const made = args.map(p => outcome(p, scope));
  const fault = made.find(o => o.error)?.error;
  if (fault) throw fault;
  return made.map(o => o.value);
}

/** The reference's sorting functions stumble over a list that is a fault, and say so in their own way. */
function sortingArguments(args: readonly Program[]): (scope: Scope) => unknown[] {
  return scope => {
    const made = args.map(p => outcome(p, scope));
    if (made.some(o => o.error))
      throw new InternalFault('internal error: interface conversion: *types.Err is not traits.Lister: missing method Add');
    return made.map(o => o.value);
  };
}

/** The alternative of an optional is only evaluated where it is needed. */
function orElse(a: Program, b: Program, name: string): Program {
  return scope => {
    const optional = a(scope);
    if (!(optional instanceof Optional)) throw noOverload();
    if (!optional.present) return b(scope);
    return name === 'or' ? optional : optional.inner;
  };
}

function conditional(test: unknown, yes: Program, no: Program, scope: Scope): unknown {
  if (typeof test !== 'boolean') throw noOverload();
  return test ? yes(scope) : no(scope);
}

/** One unit, and a tenth of each character of texts; each element of lists. */
function callCost(values: readonly unknown[]): number {
  let cost = 1;
  for (const v of values) {
    if (typeof v === 'string') cost += v.length / 10;
    else if (v instanceof ListValue) cost += v.items.length / 10;
  }
  return cost;
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: unknown;
}

function outcome(p: Program, scope: Scope): Outcome {
  try {
    return { value: p(scope) };
  } catch (error) {
    if (error instanceof CostExceeded || error instanceof InternalFault || !(error instanceof CelError)) throw error;
    return { error };
  }
}

function logical(a: Program, b: Program, decides: boolean): Program {
  return scope => {
    const x = outcome(a, scope);
    if (x.value === decides) return decides;
    const y = outcome(b, scope);
    if (y.value === decides) return decides;
    if (x.error) throw x.error;
    if (y.error) throw y.error;
    if (typeof x.value !== 'boolean' || typeof y.value !== 'boolean') throw noOverload();
    return !decides;
  };
}

function comprehension(e: Comprehension): Program {
  const [range, init, condition, step, result] = [e.range, e.init, e.condition, e.step, e.result].map(compileProgram) as [
    Program,
    Program,
    Program,
    Program,
    Program,
  ];
  const two = e.vars.length === 2;
  const [one = '', other = ''] = e.vars;
  return scope => {
    const items = elements(range(scope), two);
    let accu = outcome(init, scope);
    const inner = (vars: ReadonlyMap<string, unknown>): Scope => ({ ...scope, variables: vars, parent: scope });
    for (const [k, v] of items) {
      const vars = new Map<string, unknown>([
        [e.accu, settled(accu)],
        [one, two ? k : v],
      ]);
      if (two) vars.set(other, v);
      const s = inner(vars);
      const go = outcome(() => condition({ ...s, variables: new Map(vars).set(e.accu, settled(accu)) }), s);
      if (go.error || go.value === false) break;
      accu = outcome(step, { ...s, variables: withAccu(vars, e.accu, accu) });
      spend(scope, 0.1);
    }
    return result(inner(new Map([[e.accu, settled(accu)]])));
  };
}

/** A fault of the accumulator is raised when it is read. */
const settled = (o: Outcome): unknown =>
  o.error
    ? () => {
        throw o.error;
      }
    : o.value;

const withAccu = (vars: Map<string, unknown>, name: string, accu: Outcome): Map<string, unknown> => vars.set(name, settled(accu));

function elements(range: unknown, two: boolean): (readonly [unknown, unknown])[] {
  if (range instanceof ListValue) return range.items.map((v, i) => [BigInt(i), v] as const);
  if (range instanceof MapValue) return [...range.entries.values()].map(([k, v]) => [k, two ? v : k] as const);
  if (range instanceof ObjectValue) return range.names.map(n => [n, two ? range.get(n) : n] as const);
  throw noOverload();
}
