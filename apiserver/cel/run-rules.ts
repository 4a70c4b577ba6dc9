// Running the rules of a schema over an object: own rules first, then those of its parts. Rules about a change run only where an
// old value corresponds; rules of unchanged parts that fail are tolerated on update.
import { type FieldError, field, isObject } from '../../kube/index.ts';
import type { Correlation } from '../crd/correlation.ts';
import { memberSchema, type Schema } from '../crd/schema.ts';
import type { RunRules } from '../crd/validate-object.ts';
import { type Budget, CostExceeded } from './evaluate.ts';
import { type CompiledRule, compileRules } from './rule.ts';
import { CelError, fromSchema, NONE, ObjectValue, some } from './values.ts';

const PER_CALL = 1_000_000;
const PER_OBJECT = 10_000_000;
const MAX_MESSAGE = 5 * 1024;
const NO_OVERLOAD = 'call arguments did not match a supported operator, function or macro signature for rule';

interface Node {
  readonly rules: readonly CompiledRule[];
  readonly schema: Schema;
  readonly resource: boolean;
}

/** The rules of a schema and all below it as one function; undefined where there are none. Rules compile when first needed. */
export function ruleRunner(schema: Schema): RunRules | undefined {
  if (!schema.deep.rules) return undefined;
  const nodes = new Map<Schema, Node>();
  const nodeOf = (s: Schema, root: boolean): Node => {
    const known = nodes.get(s);
    if (known) return known;
    const resource = root || s.embedded;
    const node = { rules: compileRules(s, resource) ?? [], schema: s, resource };
    nodes.set(s, node);
    return node;
  };
  return (object, old, correlation) => {
    const run: Run = { nodeOf, budget: { left: PER_OBJECT }, errors: [], update: old !== undefined, stopped: false };
    visit(run, { value: object, schema, path: '', correlation, root: true });
    return run.errors;
  };
}

interface Run {
  readonly nodeOf: (s: Schema, root: boolean) => Node;
  readonly budget: Budget;
  readonly errors: FieldError[];
  readonly update: boolean;
  stopped: boolean;
}

interface Place {
  readonly value: unknown;
  readonly schema: Schema;
  readonly path: string;
  readonly correlation: Correlation | undefined;
  readonly root: boolean;
}

function visit(run: Run, p: Place): void {
  const { value, schema, path, correlation } = p;
  if (!schema.deep.rules || run.stopped || value === null) return;
  if (schema.rules.length > 0) runAll(run, p);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items)
      value.forEach(
        (v, i) => void visit(run, { value: v, schema: items, path: field.index(path, i), correlation: correlation?.item(i), root: false }),
      );
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) {
      const member = memberSchema(schema, name);
      if (!member) continue;
      const at = schema.properties.has(name) ? field.child(path, name) : field.mapKey(path, name);
      visit(run, { value: value[name], schema: member, path: at, correlation: correlation?.member(name), root: false });
    }
  }
}

function runAll(run: Run, p: Place): void {
  const node = run.nodeOf(p.schema, p.root);
  const self = lazy(() => selfValue(p.value, node));
  const { correlation } = p;
  const old = lazy(() => (correlation ? selfValue(correlation.old, node) : undefined));
  for (const r of node.rules) {
    if (run.stopped || !r.expression) return;
    if (r.transition && !correlation) continue;
    const tolerated = run.update && !r.usesOldSelf && correlation?.same;
    const variables = new Map<string, unknown>([
      ['self', self],
      ['oldSelf', r.rule.optionalOldSelf === true ? lazy(() => (correlation ? some(old()) : NONE)) : old],
    ]);
    const error = evaluate(run, r, p, variables);
    if (error && !tolerated) run.errors.push(error);
  }
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** A resource's rules see apiVersion, kind and metadata besides what its schema says. */
function selfValue(json: unknown, node: Node): unknown {
  if (!node.resource || !isObject(json)) return fromSchema(json, node.schema);
  return new ObjectValue(json, resourceSchema(node.schema));
}

const resources = new WeakMap<Schema, Schema>();

function resourceSchema(schema: Schema): Schema {
  const known = resources.get(schema);
  if (known) return known;
  const text: Schema = {
    ...schema,
    types: ['string'],
    properties: new Map(),
    additional: undefined,
    enum: undefined,
    rawFormat: '',
    rules: [],
  };
  const metadata: Schema = {
    ...text,
    types: ['object'],
    properties: new Map([
      ['name', text],
      ['generateName', text],
    ]),
  };
  const properties = new Map(schema.properties);
  for (const name of ['apiVersion', 'kind']) properties.set(name, text);
  properties.set('metadata', metadata);
  const made: Schema = { ...schema, properties };
  resources.set(schema, made);
  return made;
}

function evaluate(run: Run, r: CompiledRule, p: Place, variables: ReadonlyMap<string, unknown>): FieldError | undefined {
  const budget: Budget = { left: PER_CALL };
  try {
    const result = r.expression?.run({ variables, budget });
    charge(run, PER_CALL - budget.left);
    if (run.stopped) return outOfBudget(p.path);
    return result === true ? undefined : failure(run, r, p, variables);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    charge(run, PER_CALL - Math.max(budget.left, 0));
    return faultOf(run, error, r, p);
  }
}

function charge(run: Run, cost: number): void {
  run.budget.left -= cost;
  if (run.budget.left < 0) run.stopped = true;
}

const at = (path: string): string => path || '<nil>';
const outOfBudget = (path: string): FieldError =>
  field.invalidValue(at(path), '', 'validation failed due to running out of cost budget, no further validation rules will be run');

function faultOf(run: Run, error: CelError, r: CompiledRule, p: Place): FieldError {
  const type = p.schema.types[0] ?? '';
  if (error instanceof CostExceeded) {
    run.stopped = true;
    const detail = `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${r.rule.rule}`;
    return field.invalidValue(at(p.path), type, detail);
  }
  if (error.message === 'no such overload')
    return field.invalidValue(at(p.path), type, `'no such overload': ${NO_OVERLOAD}: ${r.rule.rule}`);
  return field.invalidValue(at(p.path), type, `${error.message} evaluating rule: ${r.rule.rule}`);
}

/** The fault of a rule that is not true, at the field and with the reason it names. */
function failure(run: Run, r: CompiledRule, p: Place, variables: ReadonlyMap<string, unknown>): FieldError {
  const message = messageOf(run, r, variables);
  const path = at(r.rule.fieldPath ? fieldPath(p, r.rule.fieldPath) : p.path);
  switch (r.rule.reason) {
    case 'FieldValueForbidden':
      return field.forbiddenField(path, message);
    case 'FieldValueRequired':
      return field.required(path, message);
    case 'FieldValueDuplicate':
      return duplicate(path, p.value);
    default:
      return invalid(path, p, message);
  }
}

function duplicate(path: string, value: unknown): FieldError {
  if (typeof value !== 'object' || value === null) return field.duplicate(path, value);
  return { reason: 'FieldValueDuplicate', field: path, body: 'Duplicate value', text: `${path}: Duplicate value` };
}

/** Scalars are printed, composite values are not. */
function invalid(path: string, p: Place, message: string): FieldError {
  if (typeof p.value !== 'object' || p.value === null) return field.invalidValue(path, p.value, message);
  const body = `Invalid value: ${message}`;
  return { reason: 'FieldValueInvalid', field: path, body, text: `${path}: ${body}` };
}

/** Steps into maps are printed as keys, however they are written. */
function fieldPath({ path: parent, schema: start }: Place, text: string): string {
  let path = parent;
  let schema: Schema | undefined = start;
  for (const [, dotted, quoted] of text.matchAll(/\.([^.[]+)|\['((?:[^'\\]|\\.)*)'\]/g)) {
    const name: string = dotted ?? (quoted ?? '').replace(/\\(.)/g, '$1');
    const inMap = dotted === undefined || (schema !== undefined && !schema.properties.has(name) && schema.additional !== undefined);
    path = inMap ? field.mapKey(path, name) : field.child(path, name);
    schema = schema && memberSchema(schema, name);
  }
  return path;
}

function messageOf(run: Run, r: CompiledRule, variables: ReadonlyMap<string, unknown>): string {
  const fallback = r.rule.message?.trim() || `failed rule: ${r.rule.rule.trim()}`;
  if (!r.message) return fallback;
  const budget: Budget = { left: PER_CALL };
  try {
    const text = r.message.run({ variables, budget });
    charge(run, PER_CALL - budget.left);
    const told = typeof text === 'string' ? text.trim() : '';
    return told !== '' && !told.includes('\n') && told.length <= MAX_MESSAGE ? told : fallback;
  } catch (error) {
    if (error instanceof CelError) return fallback;
    throw error;
  }
}
