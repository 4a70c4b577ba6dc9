// ValidatingAdmissionPolicies as pure functions: `compilePolicy` once per policy, `evaluatePolicy` for a request, a binding and a
// parameter. Variables are evaluated when first read; failurePolicy decides what a fault means.
import { type FieldError, field, listOf, objectOf, stringOf } from '../../kube/index.ts';
import type { UserInfo } from '../auth/user.ts';
import { type Authorize, authorizerFunctions, authorizerValue, requestResource } from './authorizer.ts';
import { printed } from './checker.ts';
import type { Scope } from './evaluate.ts';
import { compileExpression, type Expression } from './expression.ts';
import { CompileError } from './parser.ts';
import { ADMISSION_TYPES, MUTATION_TYPES } from './policy-types.ts';
import { toJson } from './to-json.ts';
import type { Type } from './types.ts';
import { CelError, fromJson, MapValue, mapOf } from './values.ts';

type Raw = Readonly<Record<string, unknown>>;

interface Validation {
  readonly expression: Expression;
  readonly text: string;
  readonly message: string;
  readonly messageExpression: Expression | undefined;
  readonly reason: string;
}

interface NamedExpression {
  readonly name: string;
  readonly expression: Expression;
}

/** One change of a mutating policy. */
export interface Mutation {
  readonly type: 'ApplyConfiguration' | 'JSONPatch';
  readonly expression: Expression;
}

export interface CompiledPolicy {
  readonly name: string;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly variables: readonly NamedExpression[];
  readonly matchConditions: readonly NamedExpression[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly NamedExpression[];
  readonly mutations: readonly Mutation[];
  /** Why it does not compile; a policy with errors is never evaluated. */
  readonly errors: readonly FieldError[];
}

/** What a policy sees of a request. */
export interface PolicyRequest {
  /** The AdmissionRequest as JSON, without objects. */
  readonly request: Raw;
  readonly object: Raw | null;
  readonly oldObject: Raw | null;
  readonly user: UserInfo;
  readonly authorize: Authorize;
}

/** One failed validation or fault. */
export interface PolicyFailure {
  readonly message: string;
  readonly reason: string;
}

export interface PolicyOutcome {
  /** False when a match condition excludes the request. */
  readonly matched: boolean;
  readonly failures: readonly PolicyFailure[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

const PER_EXPRESSION = 1_000_000;

/** Compiles all expressions of a policy. */
export function compilePolicy(policy: Raw): CompiledPolicy {
  const spec = objectOf(policy['spec']);
  const errors: FieldError[] = [];
  const attempt = (
    source: string,
    path: string,
    o: { readonly want: readonly string[]; readonly types: ReadonlyMap<string, Type> },
  ): Expression | undefined => {
    const found = compileFor(source, o.types, o.want);
    if (typeof found !== 'string') return found;
    errors.push(field.invalidValue(path, source, found));
    return undefined;
  };
  const base = new Map([...ADMISSION_TYPES, ...(spec['mutations'] ? MUTATION_TYPES : [])]);
  if (spec['paramKind']) base.set('params', { name: 'dyn', params: [] });
  const conditions = named(spec['matchConditions'], 'expression', (source, i) =>
    attempt(source, `spec.matchConditions[${i}].expression`, { want: ['bool'], types: base }),
  );
  const types = new Map(base);
  const fields = new Map<string, Type>();
  if (listOf(spec['variables']).length > 0) types.set('variables', { name: 'object', params: [], fields });
  const variables = named(spec['variables'], 'expression', (source, i, name) => {
    const expression = attempt(source, `spec.variables[${i}].expression`, { want: [], types });
    if (expression) fields.set(name, expression.type);
    return expression;
  });
  const validations = listOf(spec['validations']).flatMap((raw, i): Validation[] => {
    const v = objectOf(raw);
    const text = stringOf(v['expression']);
    const expression = attempt(text, `spec.validations[${i}].expression`, { want: ['bool'], types });
    const messageText = stringOf(v['messageExpression']);
    const messageExpression = messageText
      ? attempt(messageText, `spec.validations[${i}].messageExpression`, { want: ['string'], types })
      : undefined;
    return expression
      ? [{ expression, text, message: stringOf(v['message']), messageExpression, reason: stringOf(v['reason']) || 'Invalid' }]
      : [];
  });
  const auditAnnotations = named(spec['auditAnnotations'], 'valueExpression', (source, i) =>
    attempt(source, `spec.auditAnnotations[${i}].valueExpression`, { want: ['string', 'null_type'], types }),
  );
  const mutations = listOf(spec['mutations']).flatMap((raw, i): Mutation[] => {
    const apply = objectOf(raw)['patchType'] === 'ApplyConfiguration';
    const [type, key, want] = apply
      ? (['ApplyConfiguration', 'applyConfiguration', 'Object'] as const)
      : (['JSONPatch', 'jsonPatch', 'list(JSONPatch)'] as const);
    const source = stringOf(objectOf(objectOf(raw)[key])['expression']);
    const expression = source ? attempt(source, `spec.mutations[${i}].${key}.expression`, { want: [want], types }) : undefined;
    return expression ? [{ type, expression }] : [];
  });
  const failurePolicy = spec['failurePolicy'] === 'Ignore' ? 'Ignore' : 'Fail';
  return {
    name: stringOf(objectOf(policy['metadata'])['name']),
    failurePolicy,
    variables,
    matchConditions: conditions,
    validations,
    auditAnnotations,
    mutations,
    errors,
  };
}

function compileFor(source: string, types: ReadonlyMap<string, Type>, want: readonly string[]): Expression | string {
  try {
    const expression = compileExpression(source, types);
    return want.length === 0 || want.includes(printed(expression.type))
      ? expression
      : `must evaluate to ${want.length > 1 ? `one of [${want.join(' ')}]` : want[0]} but got ${printed(expression.type)}`;
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
}

function named(raw: unknown, key: string, make: (source: string, i: number, name: string) => Expression | undefined): NamedExpression[] {
  return listOf(raw).flatMap((item, i) => {
    const o = objectOf(item);
    const name = stringOf(o['name']) || stringOf(o['key']);
    const expression = make(stringOf(o[key]), i, name);
    return expression ? [{ name, expression }] : [];
  });
}

/** The values of a mutating policy's expressions, each made when asked for from the object as it is then; [] where a condition excludes it. */
export function evaluateMutations(
  policy: CompiledPolicy,
  r: PolicyRequest,
  params: Raw | null,
  namespaceObject: Raw | null,
): MutationOutcome {
  const scope = scopeOf(policy, r, params, namespaceObject);
  const excluded = conditionOutcome(policy, scope);
  if (excluded) return { matched: false, fault: excluded.failures[0]?.message };
  return { matched: true, value: m => toJson(m.expression.run(fresh(scope))) };
}

/** Whether a mutating policy takes a request. */
export type MutationOutcome =
  | { readonly matched: false; readonly fault: string | undefined }
  | { readonly matched: true; readonly value: (m: Mutation) => unknown };

/** Runs a policy: its conditions, then all its validations. */
export function evaluatePolicy(policy: CompiledPolicy, r: PolicyRequest, params: Raw | null, namespaceObject: Raw | null): PolicyOutcome {
  const scope = scopeOf(policy, r, params, namespaceObject);
  const excluded = conditionOutcome(policy, scope);
  if (excluded) return excluded;
  const failures: PolicyFailure[] = [];
  for (const v of policy.validations) {
    try {
      if (v.expression.run(fresh(scope)) !== true) failures.push({ message: messageOf(v, scope), reason: v.reason });
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      if (policy.failurePolicy === 'Fail')
        failures.push({ message: `expression '${v.text}' resulted in error: ${error.message}`, reason: 'Invalid' });
    }
  }
  return { matched: true, failures, auditAnnotations: annotationsOf(policy, scope) };
}

function conditionOutcome(policy: CompiledPolicy, scope: Scope): PolicyOutcome | undefined {
  let fault: PolicyFailure | undefined;
  for (const c of policy.matchConditions) {
    try {
      if (c.expression.run(fresh(scope)) !== true) return { matched: false, failures: [], auditAnnotations: {} };
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      fault ??= { message: `expression '${c.expression.source}' resulted in error: ${error.message}`, reason: 'Invalid' };
    }
  }
  if (!fault) return undefined;
  return { matched: policy.failurePolicy === 'Fail', failures: policy.failurePolicy === 'Fail' ? [fault] : [], auditAnnotations: {} };
}

const fresh = (scope: Scope): Scope => ({ ...scope, budget: { left: PER_EXPRESSION } });

function messageOf(v: Validation, scope: Scope): string {
  const fallback = v.message.trim() || `failed expression: ${v.text.trim()}`;
  if (!v.messageExpression) return fallback;
  try {
    const text = v.messageExpression.run(fresh(scope));
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') && text.length <= 5120 ? text.trim() : fallback;
  } catch (error) {
    if (error instanceof CelError) return fallback;
    throw error;
  }
}

function annotationsOf(policy: CompiledPolicy, scope: Scope): Record<string, string> {
  const made: Record<string, string> = {};
  for (const a of policy.auditAnnotations) {
    try {
      const value = a.expression.run(fresh(scope));
      if (typeof value === 'string') made[`${policy.name}/${a.name}`] = value;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
    }
  }
  return made;
}

function scopeOf(policy: CompiledPolicy, r: PolicyRequest, params: Raw | null, namespaceObject: Raw | null): Scope {
  const once = (make: () => unknown): (() => unknown) => {
    let made: { readonly value: unknown } | undefined;
    return () => {
      made ??= { value: make() };
      return made.value;
    };
  };
  const variables = new Map<string, unknown>([
    ['object', once(() => fromJson(r.object))],
    ['oldObject', once(() => fromJson(r.oldObject))],
    ['request', once(() => fromJson(r.request))],
    ['params', once(() => fromJson(params))],
    ['namespaceObject', once(() => fromJson(namespaceObject))],
    ['authorizer', authorizerValue(r.user)],
    ['authorizer.requestResource', requestResource(r.user, askedResource(r.request))],
  ]);
  const scope: Scope = { variables, budget: { left: PER_EXPRESSION }, functions: authorizerFunctions(r.authorize) };
  variables.set('variables', new LazyVariables(policy.variables, scope));
  return scope;
}

function askedResource(request: Raw): {
  group: string;
  version: string;
  plural: string;
  subresource: string;
  namespace: string;
  name: string;
} {
  const resource = objectOf(request['resource']);
  return {
    group: stringOf(resource['group']),
    version: stringOf(resource['version']),
    plural: stringOf(resource['resource']),
    subresource: stringOf(request['subResource']),
    namespace: stringOf(request['namespace']),
    name: stringOf(request['name']),
  };
}

/** Variables by name, each evaluated once and only when read. */
class LazyVariables extends MapValue {
  readonly #expressions: ReadonlyMap<string, Expression>;
  readonly #scope: Scope;
  readonly #made = new Map<string, { readonly value?: unknown; readonly error?: CelError }>();

  constructor(variables: readonly NamedExpression[], scope: Scope) {
    super(mapOf(variables.map(v => [v.name, null] as const)).entries);
    this.#expressions = new Map(variables.map(v => [v.name, v.expression]));
    this.#scope = scope;
  }

  override get(key: unknown): unknown {
    const name = String(key);
    const made = this.#made.get(name) ?? this.#evaluate(name);
    this.#made.set(name, made);
    if (made.error) throw made.error;
    return made.value;
  }

  #evaluate(name: string): { readonly value?: unknown; readonly error?: CelError } {
    try {
      return { value: this.#expressions.get(name)?.run(fresh(this.#scope)) };
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      return { error: new CelError(`composited variable "${name}" fails to evaluate: ${error.message}`) };
    }
  }
}
