// Type checking: every expression gets a type, every call the overloads it may mean. Faults are those of the reference's checker.
import { patternError } from '../crd/pattern.ts';
import type { Call, Comprehension, Expr, Issue, ListExpr, MapExpr, Select, StructExpr } from './ast.ts';
import { UInt } from './ast.ts';
import { escapeField } from './field-names.ts';
import { formatIssues } from './format-literals.ts';
import { type Signature, signaturesOf } from './signatures.ts';
import { parseDuration, parseTimestamp } from './time-values.ts';
import {
  assignable,
  type Bindings,
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  ERROR,
  INT,
  isDyn,
  listType,
  mapType,
  NULL,
  optionalType,
  printType,
  STRING,
  substitute,
  TYPE,
  type Type,
  UINT,
} from './types.ts';

const TYPE_NAMES = new Set([
  ...['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type', 'dyn'],
  ...['google.protobuf.Timestamp', 'google.protobuf.Duration', 'optional_type', 'kubernetes.Quantity', 'net.IP', 'net.CIDR'],
]);
/** A type that is not known yet, such as that of an element of `[]`. */
const UNKNOWN: Type = { name: 'param', params: [{ name: '?', params: [] }] };

/** Checks an expression in place and returns the issues found. */
export function check(expr: Expr, variables: ReadonlyMap<string, Type>): Issue[] {
  const checker = new Checker(variables);
  checker.check(expr);
  return checker.issues.length > 0 ? checker.issues : checker.literalIssues;
}

class Checker {
  readonly issues: Issue[] = [];
  /** Faults of literals, told only when the types are right. */
  readonly literalIssues: Issue[] = [];
  readonly #scopes: ReadonlyMap<string, Type>[];

  constructor(variables: ReadonlyMap<string, Type>) {
    this.#scopes = [variables];
  }

  check(e: Expr): Type {
    const type = this.#typeOf(e);
    e.type = type;
    return type;
  }

  #issue(pos: number, text: string): Type {
    if (!this.issues.some(i => i.pos === pos && i.text === text)) this.issues.push({ pos, text });
    return ERROR;
  }

  #typeOf(e: Expr): Type {
    switch (e.kind) {
      case 'literal':
        return literalType(e.value);
      case 'ident':
        return this.#lookup(e.name) ?? this.#issue(e.pos, `undeclared reference to '${e.name}' (in container '')`);
      case 'select':
        return this.#select(e);
      case 'call':
        return this.#call(e);
      case 'list':
        return this.#list(e);
      case 'map':
        return this.#map(e);
      case 'struct':
        return this.#struct(e);
      case 'comprehension':
        return this.#comprehension(e);
    }
  }

  #lookup(name: string): Type | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const found = this.#scopes[i]?.get(name);
      if (found) return found;
    }
    return TYPE_NAMES.has(name) ? TYPE : undefined;
  }

  /** A message type is declared as the variable `@struct Name`; an open one has nested types of any name. */
  #struct(e: StructExpr): Type {
    const [root = ''] = e.name.split('.');
    const declared = this.#lookup(`@struct ${root}`);
    const values = e.fields.map(f => this.check(f.value));
    if (!declared || (e.name !== root && !declared.open))
      return this.#issue(e.pos, `undeclared reference to '${e.name}' (in container '')`);
    e.fields.forEach((f, i) => {
      const wanted = declared.fields?.get(f.name) ?? (declared.open ? DYN : undefined);
      const given = values[i] ?? DYN;
      const value = f.optional && given.name === 'optional_type' ? (given.params[0] ?? DYN) : given;
      if (!wanted) this.#issue(f.pos, `undefined field '${f.name}'`);
      else if (!assignable(wanted, value, new Map()))
        this.#issue(f.pos, `expected type of field '${f.name}' is '${printed(wanted)}' but provided type is '${printed(value)}'`);
    });
    return { name: e.name, params: [] };
  }

  #select(e: Select): Type {
    const qualified = dottedName(e);
    if (qualified && TYPE_NAMES.has(qualified)) return TYPE;
    const variable = qualified ? this.#lookup(qualified) : undefined;
    if (variable) return variable;
    const type = this.check(e.operand);
    const result = this.#fieldType(type, e);
    return e.test ? (result === ERROR ? ERROR : BOOL) : result;
  }

  #fieldType(type: Type, e: Select): Type {
    if (isDyn(type) || type.name === 'param') return type === ERROR ? ERROR : DYN;
    if (type.name === 'optional_type') {
      const inner = this.#fieldType(type.params[0] ?? DYN, e);
      return inner === ERROR || inner.name === 'optional_type' ? inner : optionalType(inner);
    }
    if (type.name === 'map') return type.params[1] ?? DYN;
    if (type.fields)
      return (
        type.fields.get(e.field) ??
        type.fields.get(keywordField(e.field)) ??
        (type.open ? DYN : this.#issue(e.pos, `undefined field '${e.field}'`))
      );
    return this.#issue(e.pos, `type '${printType(type)}' does not support field selection`);
  }

  #call(e: Call): Type {
    const space = e.target ? dottedName(e.target) : undefined;
    if (space && e.target && this.#isSpace(space) && this.#offers(space) && signaturesOf(`${space}.${e.name}`).length > 0) {
      e.name = `${space}.${e.name}`;
      e.target = undefined;
    }
    if (e.name === '_?._') return this.#optionalSelect(e);
    const target = e.target ? this.check(e.target) : undefined;
    const args = e.args.map(a => this.check(a));
    if (e.name === 'format') this.#allowMixed(e.args[0]);
    const all = signaturesOf(e.name);
    if (all.length === 0) return this.#issue(e.pos, `undeclared reference to '${e.name}' (in container '')`);
    if (target === ERROR || args.includes(ERROR)) return this.#withErrors(e, all, target, args);
    if (e.name === '_&&_' || e.name === '_||_') return this.#logical(e, args);
    return this.#resolve(e, all, target, args);
  }

  /** Functions for patches are there where patches can be made. */
  #offers(space: string): boolean {
    return space !== 'jsonpatch' || this.#lookup('@struct JSONPatch') !== undefined;
  }

  #isSpace(name: string): boolean {
    return !name.includes('.') && this.#lookup(name) === undefined;
  }

  #logical(e: Call, args: readonly Type[]): Type {
    e.overloads = signaturesOf(e.name).map(s => s.id);
    args.forEach((type, i) => {
      const at = e.args[i];
      if (at && !assignable(BOOL, type, new Map())) this.#issue(at.pos, `expected type 'bool' but found '${printType(type)}'`);
    });
    return BOOL;
  }

  #optionalSelect(e: Call): Type {
    const [operand, field] = e.args;
    if (!operand || field?.kind !== 'literal') return ERROR;
    const type = this.check(operand);
    this.check(field);
    const inner = this.#fieldType(type, { kind: 'select', pos: e.pos, operand, field: String(field.value), test: false });
    return inner === ERROR || inner.name === 'optional_type' ? inner : optionalType(inner);
  }

  /** Operands that are wrong themselves fit anything: only what no overload takes even so is told. */
  #withErrors(e: Call, all: readonly Signature[], target: Type | undefined, args: readonly Type[]): Type {
    const given = target ? [target, ...args] : args;
    const fits = all.some(s => {
      const bindings: Bindings = new Map();
      return (
        s.member === (target !== undefined) &&
        s.params.length === given.length &&
        s.params.every((p, i) => given[i] === ERROR || assignable(p, given[i] ?? DYN, bindings))
      );
    });
    return fits ? ERROR : this.#unfit(e, target, args);
  }

  #unfit(e: Call, target: Type | undefined, args: readonly Type[]): Type {
    const shown = args.map(printed).join(', ');
    const applied = target ? `${printed(target)}.(${shown})` : `(${shown})`;
    return this.#issue(e.pos, `found no matching overload for '${e.name}' applied to '${applied}'`);
  }

  #resolve(e: Call, all: readonly Signature[], target: Type | undefined, args: readonly Type[]): Type {
    const given = target ? [target, ...args] : args;
    const fits: string[] = [];
    let result: Type | undefined;
    for (const s of all) {
      if (s.member !== (target !== undefined) || s.params.length !== given.length) continue;
      const bindings: Bindings = new Map();
      if (!s.params.every((p, i) => assignable(p, given[i] ?? DYN, bindings))) continue;
      fits.push(s.id);
      const made = substitute(s.result, bindings);
      result = result === undefined || same(result, made) ? (result ?? made) : DYN;
    }
    e.overloads = fits;
    if (!result) return this.#unfit(e, target, args);
    this.literalIssues.push(...literalIssues(e));
    return result;
  }

  #list(e: ListExpr): Type {
    let item: Type | undefined;
    for (const { value, optional } of e.items) {
      const type = this.check(value);
      const inner = optional && type.name === 'optional_type' ? (type.params[0] ?? DYN) : type;
      item = this.#joined(item, inner, value.pos);
    }
    return listType(item ?? UNKNOWN);
  }

  /** The list of values to format may mix types. */
  #allowMixed(list: Expr | undefined): void {
    if (list?.kind !== 'list') return;
    const places = new Set(list.items.map(i => i.value.pos));
    for (let i = this.literalIssues.length - 1; i >= 0; i--) {
      const issue = this.literalIssues[i];
      if (issue && places.has(issue.pos) && issue.text.startsWith('expected type')) this.literalIssues.splice(i, 1);
    }
  }

  /** Elements of a literal are of one type. */
  #joined(known: Type | undefined, next: Type, pos: number): Type {
    if (known === undefined) return next;
    if (!isDyn(known) && !isDyn(next) && !assignable(known, next, new Map()) && !assignable(next, known, new Map()))
      this.literalIssues.push({ pos, text: `expected type '${printed(known)}' but found '${printed(next)}'` });
    return join(known, next);
  }

  #map(e: MapExpr): Type {
    let key: Type | undefined;
    let value: Type | undefined;
    for (const entry of e.entries) {
      const k = this.check(entry.key);
      const v = this.check(entry.value);
      const inner = entry.optional && v.name === 'optional_type' ? (v.params[0] ?? DYN) : v;
      key = this.#joined(key, k, entry.key.pos);
      value = this.#joined(value, inner, entry.value.pos);
    }
    return mapType(key ?? UNKNOWN, value ?? UNKNOWN);
  }

  #comprehension(e: Comprehension): Type {
    const range = this.check(e.range);
    const init = this.check(e.init);
    const vars = this.#iterTypes(range, e);
    const accu = new Map([[e.accu, init]]);
    const inner = new Map(accu);
    e.vars.forEach((name, i) => void inner.set(name, vars[i] ?? DYN));
    this.#scopes.push(inner);
    const condition = this.check(e.condition);
    if (condition !== ERROR && !assignable(BOOL, condition, new Map()))
      this.#issue(e.condition.pos, `expected type 'bool' but found '${printType(condition)}'`);
    const step = this.check(e.step);
    this.#scopes.pop();
    const grown = step === ERROR ? init : assignable(init, step, new Map([])) ? better(init, step) : step;
    this.#scopes.push(new Map([[e.accu, grown]]));
    const result = this.check(e.result);
    this.#scopes.pop();
    return result;
  }

  #iterTypes(range: Type, e: Comprehension): Type[] {
    const two = e.vars.length === 2;
    if (isDyn(range) || range.name === 'param') return [DYN, DYN];
    if (range.name === 'list') return two ? [INT, range.params[0] ?? DYN] : [range.params[0] ?? DYN];
    if (range.name === 'map') return two ? [range.params[0] ?? DYN, range.params[1] ?? DYN] : [range.params[0] ?? DYN];
    const shown = printType(range);
    this.#issue(e.range.pos, `expression of type '${shown}' cannot be range of a comprehension (must be list, map, or dynamic)`);
    return [ERROR, ERROR];
  }
}

/** Keywords name their property with and without underscores around them. */
function keywordField(name: string): string {
  const escaped = escapeField(name);
  return escaped === `__${name}__` ? escaped : name;
}

/** `a.b.c` of a chain of selections; undefined for anything else. */
export function dottedName(e: Expr): string | undefined {
  if (e.kind === 'ident') return e.name;
  if (e.kind !== 'select' || e.test) return undefined;
  const head = dottedName(e.operand);
  return head === undefined ? undefined : `${head}.${e.field}`;
}

/** How messages show a type. */
export const printed = (t: Type): string => printType(generic(t));

/** Types not known yet count as dyn where they are used. */
function generic(t: Type): Type {
  if (t.name === 'param') return DYN;
  return t.params.some(p => generic(p) !== p) ? { ...t, params: t.params.map(generic) } : t;
}

function literalType(value: unknown): Type {
  if (value === null) return NULL;
  if (value instanceof UInt) return UINT;
  if (value instanceof Uint8Array) return BYTES;
  if (typeof value === 'bigint') return INT;
  if (typeof value === 'number') return DOUBLE;
  return typeof value === 'boolean' ? BOOL : STRING;
}

const same = (a: Type, b: Type): boolean => printType(a) === printType(b);

/** The common type of elements of a literal: the same, or dyn. */
function join(a: Type, b: Type): Type {
  if (a === ERROR || b === ERROR) return ERROR;
  if (assignable(a, b, new Map())) return isDyn(b) ? DYN : a.name === 'null_type' ? b : a;
  return assignable(b, a, new Map()) ? b : DYN;
}

/** The accumulator's type once the step's is known. */
function better(init: Type, step: Type): Type {
  if (init.name === 'param') return step;
  if (init.params.some(p => p.name === 'param')) return step;
  return init;
}

function literalIssues(e: Call): Issue[] {
  if (e.name === 'format' && e.target?.kind === 'literal') return formatIssues(String(e.target.value), e);
  const [arg] = e.args;
  if (e.args.length !== 1 || arg?.kind !== 'literal' || typeof arg.value !== 'string') return [];
  return LITERALS.get(e.name)?.(arg.value) ? [{ pos: arg.pos, text: `invalid ${e.name} argument` }] : [];
}

const LITERALS = new Map<string, (text: string) => boolean>([
  ['matches', text => patternError(text) !== undefined],
  ['duration', text => parseDuration(text) === undefined],
  ['timestamp', text => parseTimestamp(text) === undefined],
]);
