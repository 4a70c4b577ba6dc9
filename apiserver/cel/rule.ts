// One entry of x-kubernetes-validations, compiled against the schema it stands at.
import type { Rule, Schema } from '../crd/schema.ts';
import { compileExpression, type Expression } from './expression.ts';
import { CompileError } from './parser.ts';
import { schemaType } from './schema-type.ts';
import { optionalType, type Type } from './types.ts';

export interface CompiledRule {
  readonly rule: Rule;
  readonly expression: Expression | undefined;
  /** Why the rule does not compile. */
  readonly fault: string | undefined;
  readonly message: Expression | undefined;
  readonly messageFault: string | undefined;
  /** Runs only where an old value corresponds. */
  readonly transition: boolean;
  readonly usesOldSelf: boolean;
}

/** Compiles the rules of one schema; undefined where rules cannot see values of it. */
export function compileRules(schema: Schema, resource: boolean): readonly CompiledRule[] | undefined {
  const self = schemaType(schema, resource);
  return self && schema.rules.map(rule => compileRule(rule, self));
}

function compileRule(rule: Rule, self: Type): CompiledRule {
  const variables = new Map([
    ['self', self],
    ['oldSelf', rule.optionalOldSelf === true ? optionalType(self) : self],
  ]);
  const [expression, fault] = attempt(rule.rule, variables, 'bool');
  const [message, messageFault] = rule.messageExpression ? attempt(rule.messageExpression, variables, 'string') : [undefined, undefined];
  const usesOldSelf = expression?.uses.has('oldSelf') ?? false;
  return {
    rule,
    expression,
    fault,
    message,
    messageFault,
    transition: usesOldSelf && rule.optionalOldSelf !== true,
    usesOldSelf,
  };
}

function attempt(
  source: string,
  variables: ReadonlyMap<string, Type>,
  want: 'bool' | 'string',
): [Expression | undefined, string | undefined] {
  try {
    const expression = compileExpression(source, variables);
    if (expression.type.name === want || (want === 'bool' && expression.type.name === 'dyn')) return [expression, undefined];
    return [undefined, want === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string'];
  } catch (error) {
    if (error instanceof CompileError) return [undefined, want === 'bool' ? error.message : `messageExpression ${error.message}`];
    throw error;
  }
}
