// A recursive-descent parser with CEL's precedences. Macros are expanded while parsing; nesting is bounded.
import { type Expr, type Issue, printIssues } from './ast.ts';
import { type Token, tokenize } from './lexer.ts';
import { expandMacro, MacroError } from './macros.ts';

const STARTERS = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const RESERVED = new Set('as break const continue else for function if import let loop package namespace return var void while'.split(' '));
const KEYWORDS = new Set(['true', 'false', 'null', 'in']);
const INFIX = new Set('* / % + == != < <= > >= in && ||'.split(' '));
const MAX_DEPTH = 250;

/** An expression that does not parse or compile; the message is what users see. */
export class CompileError extends Error {}

class Stop extends Error {}

/** Parses an expression; throws a CompileError with all issues. */
export function parse(source: string): Expr {
  const { tokens, issues } = tokenize(source);
  const parser = new Parser(tokens, issues);
  const expr = parser.run();
  if (!expr || issues.length > 0) throw new CompileError(printIssues(source, issues));
  return expr;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #issues: Issue[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], issues: Issue[]) {
    this.#tokens = tokens;
    this.#issues = issues;
  }

  run(): Expr | undefined {
    try {
      const expr = this.#expr();
      const rest = this.#peek;
      if (rest.kind !== 'end') this.#issue(rest.pos, `Syntax error: ${this.#trailing(rest)}`);
      return expr;
    } catch (error) {
      if (error instanceof Stop) return undefined;
      throw error;
    }
  }

  #trailing(rest: Token): string {
    const last = this.#tokens[this.#at + 1]?.kind === 'end';
    return `${last ? 'extraneous' : 'mismatched'} input '${rest.text}' expecting <EOF>`;
  }

  #issue(pos: number, text: string): void {
    this.#issues.push({ pos, text });
  }

  #fail(pos: number, text: string): never {
    this.#issue(pos, text);
    throw new Stop();
  }

  get #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '<EOF>', pos: 0 };
  }

  #take(): Token {
    const token = this.#peek;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #is(text: string): boolean {
    const t = this.#peek;
    return t.text === text && (t.kind === 'op' || (t.kind === 'ident' && text === 'in'));
  }

  #accept(text: string): Token | undefined {
    return this.#is(text) ? this.#take() : undefined;
  }

  #need(text: string): Token {
    const token = this.#accept(text);
    if (token) return token;
    const { pos, text: got } = this.#peek;
    return this.#fail(pos, `Syntax error: missing '${text}' at '${got}'`);
  }

  #expr(): Expr {
    if (++this.#depth > MAX_DEPTH) this.#fail(this.#peek.pos, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    const condition = this.#or();
    const op = this.#accept('?');
    let expr = condition;
    if (op) {
      const yes = this.#or();
      this.#need(':');
      const no = this.#expr();
      expr = call(op.pos, '_?_:_', [condition, yes, no]);
    }
    this.#depth--;
    return expr;
  }

  #or(): Expr {
    return this.#chain('||', '_||_', () => this.#chain('&&', '_&&_', () => this.#relation()));
  }

  /** Long chains of a logical operator become a balanced tree. */
  #chain(op: string, name: string, operand: () => Expr): Expr {
    const terms = [operand()];
    const places: number[] = [];
    for (let t = this.#accept(op); t; t = this.#accept(op)) {
      places.push(t.pos);
      terms.push(operand());
    }
    const balance = (lo: number, hi: number): Expr => {
      const mid = Math.floor((lo + hi + 1) / 2);
      const left = mid === lo ? terms[mid] : balance(lo, mid - 1);
      const right = mid === hi ? terms[mid + 1] : balance(mid + 1, hi);
      return call(places[mid] ?? 0, name, [left as Expr, right as Expr]);
    };
    return places.length === 0 ? (terms[0] as Expr) : balance(0, places.length - 1);
  }

  #relation(): Expr {
    let left = this.#sum();
    for (;;) {
      const op = ['==', '!=', '<=', '>=', '<', '>', 'in'].find(o => this.#is(o));
      if (!op) return left;
      const { pos } = this.#take();
      left = call(pos, op === 'in' ? '@in' : `_${op}_`, [left, this.#sum()]);
    }
  }

  #sum(): Expr {
    return this.#left(['+', '-'], () => this.#left(['*', '/', '%'], () => this.#unary()));
  }

  #left(ops: readonly string[], operand: () => Expr): Expr {
    let left = operand();
    for (;;) {
      const op = ops.find(o => this.#is(o));
      if (!op) return left;
      const { pos } = this.#take();
      left = call(pos, `_${op}_`, [left, operand()]);
    }
  }

  #unary(): Expr {
    const op = ['!', '-'].find(o => this.#is(o));
    if (!op) return this.#member();
    const first = this.#take();
    let count = 1;
    while (this.#accept(op)) count++;
    const next = this.#peek;
    if (op === '-' && count === 1 && next.kind === 'literal' && (typeof next.value === 'bigint' || typeof next.value === 'number')) {
      this.#take();
      const value = typeof next.value === 'bigint' ? -next.value : -(next.value as number);
      return this.#suffixes({ kind: 'literal', pos: first.pos, value });
    }
    const operand = this.#member();
    return count % 2 === 0 ? operand : call(first.pos, op === '!' ? '!_' : '-_', [operand]);
  }

  #member(): Expr {
    return this.#suffixes(this.#primary());
  }

  #suffixes(start: Expr): Expr {
    let expr = start;
    for (;;) {
      const dot = this.#accept('.');
      if (dot) expr = this.#field(expr, dot);
      else {
        const open = this.#accept('[');
        if (!open) return expr;
        const optional = this.#accept('?') !== undefined;
        const index = this.#expr();
        this.#need(']');
        expr = call(open.pos, optional ? '_[?_]' : '_[_]', [expr, index]);
      }
    }
  }

  #field(operand: Expr, dot: Token): Expr {
    const optional = this.#accept('?') !== undefined;
    const name = this.#peek;
    if (name.kind !== 'ident' || KEYWORDS.has(name.text)) {
      if (name.kind === 'ident') this.#missingName(dot, name);
      this.#fail(name.pos, `Syntax error: no viable alternative at input '.${name.kind === 'end' ? '' : name.text}'`);
    }
    this.#take();
    if (optional) return call(dot.pos, '_?._', [operand, { kind: 'literal', pos: name.pos, value: name.text }]);
    const open = this.#accept('(');
    if (!open) return { kind: 'select', pos: dot.pos, operand, field: name.text, test: false };
    return this.#macro(open.pos, name.text, operand, this.#args(')'));
  }

  /** A keyword after a dot: the parser of the reference stumbles over it, and again over what follows. */
  #missingName(dot: Token, word: Token): never {
    this.#issue(word.pos, `Syntax error: no viable alternative at input '.${word.text}'`);
    const next = this.#tokens[this.#at + 1];
    if (word.text === 'in' && next && next.kind === 'op' && next.text !== ')')
      this.#issue(next.pos, `Syntax error: extraneous input '${next.text}' expecting ${STARTERS}`);
    throw new Stop(dot.text);
  }

  #args(close: string): Expr[] {
    const args: Expr[] = [];
    if (this.#accept(close)) return args;
    const { kind, pos, text } = this.#peek;
    if (kind === 'end')
      this.#fail(pos, `Syntax error: mismatched input '${text}' expecting ${STARTERS.replace("'(',", `'(', '${close}',`)}`);
    do args.push(this.#expr());
    while (this.#accept(','));
    this.#need(close);
    return args;
  }

  #macro(pos: number, name: string, target: Expr | undefined, args: readonly Expr[]): Expr {
    try {
      return expandMacro(pos, name, target, args) ?? call(pos, name, args, target);
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      this.#issue(error.pos, error.message);
      return call(pos, name, args, target);
    }
  }

  #primary(): Expr {
    const token = this.#take();
    if (token.kind === 'literal') {
      if (token.value === 2n ** 63n) this.#issue(token.pos, 'invalid int literal');
      return { kind: 'literal', pos: token.pos, value: token.value };
    }
    if (token.kind === 'ident' && token.text !== 'in') return this.#identifier(token);
    if (token.text === '(' && token.kind === 'op') {
      const inner = this.#expr();
      this.#need(')');
      return inner;
    }
    if (token.text === '[' && token.kind === 'op') return this.#list(token);
    if (token.text === '{' && token.kind === 'op') return this.#map(token);
    if (token.text === '.' && token.kind === 'op') return this.#rooted();
    this.#issue(token.pos, `Syntax error: mismatched input '${token.text}' expecting ${STARTERS}`);
    if (!INFIX.has(token.text)) throw new Stop();
    // The parser of the reference goes on with the operator as if its left side had been there.
    this.#at--;
    return { kind: 'literal', pos: token.pos, value: null };
  }

  /** A name with a leading dot. */
  #rooted(): Expr {
    const name = this.#peek;
    if (name.kind === 'ident') return this.#identifier(this.#take());
    return this.#fail(name.pos, `Syntax error: no viable alternative at input '.${name.kind === 'end' ? '' : name.text}'`);
  }

  #identifier(token: Token): Expr {
    if (token.text === 'true' || token.text === 'false') return { kind: 'literal', pos: token.pos, value: token.text === 'true' };
    if (token.text === 'null') return { kind: 'literal', pos: token.pos, value: null };
    if (RESERVED.has(token.text)) this.#issue(token.pos, `reserved identifier: ${token.text}`);
    const open = this.#accept('(');
    if (open) return this.#macro(open.pos, token.text, undefined, this.#args(')'));
    return this.#struct({ kind: 'ident', pos: token.pos, name: token.text });
  }

  /** `Name{field: value}` and `a.b.Name{…}`: the dots of the name are read here. */
  #struct(ident: Expr & { readonly kind: 'ident' }): Expr {
    let end = this.#at;
    let name = ident.name;
    while (this.#tokens[end]?.text === '.' && this.#tokens[end + 1]?.kind === 'ident') {
      name += `.${this.#tokens[end + 1]?.text}`;
      end += 2;
    }
    const open = this.#tokens[end];
    if (open?.kind !== 'op' || open.text !== '{') return ident;
    this.#at = end + 1;
    const fields: { name: string; value: Expr; optional: boolean; pos: number }[] = [];
    while (!this.#accept('}')) {
      const optional = this.#accept('?') !== undefined;
      const field = this.#take();
      if (field.kind !== 'ident')
        this.#fail(field.pos, `Syntax error: mismatched input '${field.text}' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}`);
      const { pos } = this.#need(':');
      fields.push({ name: field.text, value: this.#expr(), optional, pos });
      if (!this.#accept(',') && !this.#is('}')) this.#need('}');
    }
    return { kind: 'struct', pos: open.pos, name, fields };
  }

  #list(open: Token): Expr {
    const items: { value: Expr; optional: boolean }[] = [];
    while (!this.#accept(']')) {
      const optional = this.#accept('?') !== undefined;
      items.push({ value: this.#expr(), optional });
      if (!this.#accept(',') && !this.#is(']')) this.#need(']');
    }
    return { kind: 'list', pos: open.pos, items };
  }

  #map(open: Token): Expr {
    const entries: { key: Expr; value: Expr; optional: boolean }[] = [];
    while (!this.#accept('}')) {
      const optional = this.#accept('?') !== undefined;
      const key = this.#expr();
      this.#need(':');
      entries.push({ key, value: this.#expr(), optional });
      if (!this.#accept(',') && !this.#is('}')) this.#need('}');
    }
    return { kind: 'map', pos: open.pos, entries };
  }
}

function call(pos: number, name: string, args: readonly Expr[], target?: Expr): Expr {
  return { kind: 'call', pos, name, args, target };
}
