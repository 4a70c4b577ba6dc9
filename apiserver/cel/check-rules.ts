// Validation of the rules in a CRD's schema: each must compile, none may cost too much, and all together neither.
import { type FieldError, field, objectOf } from '../../kube/index.ts';
import { printedRule } from '../crd/internal-form.ts';
import type { RawSchema } from '../crd/raw-schema.ts';
import { compileSchema, type Schema } from '../crd/schema.ts';
import type { RuleChecking } from '../crd/validate-crd.ts';
import type { Position } from '../crd/validate-openapi.ts';
import { type CompiledRule, compileRules } from './rule.ts';

const PER_RULE = 10_000_000;
const PER_SCHEMA = 100_000_000;
const MOST_EXPENSIVE = 4;
/** Cheaper rules are not blamed for a total that is too high. */
const EXPENSIVE = PER_SCHEMA / 100;
const TRY = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

interface Cost {
  readonly path: string;
  readonly cost: number;
}

export const crdRuleChecking: RuleChecking = {
  start(root, rootPath) {
    const costs: Cost[] = [];
    const repeats = cardinalities(compileSchema(root), rootPath);
    return {
      check: (schema, path, position) => checkSchema(schema, path, { position, costs, times: repeats.get(path) ?? 1 }),
      finish: () => totalFaults(costs, rootPath),
    };
  },
};

interface Context {
  readonly position: Position;
  readonly costs: Cost[];
  /** How many values of the schema one object can hold. */
  readonly times: number;
}

function checkSchema(raw: RawSchema, path: string, c: Context): FieldError[] {
  const schema = compileSchema(raw);
  const compiled = compileRules(schema, c.position.root || schema.embedded) ?? [];
  return compiled.flatMap((r, i) =>
    checkRule(r, objectOf(schema.rules[i]), field.index(field.child(path, 'x-kubernetes-validations'), i), c),
  );
}

function checkRule(r: CompiledRule, raw: Readonly<Record<string, unknown>>, path: string, c: Context): FieldError[] {
  const errors: FieldError[] = [];
  const at = field.child(path, 'rule');
  const observe = (cost: number, place: string, what: string): void => {
    const total = Math.min(cost * c.times, 2 ** 64);
    if (total > PER_RULE) errors.push(field.forbiddenField(place, budgetText(what, total, PER_RULE)));
    c.costs.push({ path: place, cost: total });
  };
  if (r.expression) observe(r.expression.cost, at, 'estimated rule cost');
  if (r.fault !== undefined) errors.push(invalidRule(at, raw, r.fault));
  const messageAt = field.child(path, 'messageExpression');
  if (r.messageFault !== undefined) errors.push(invalidRule(messageAt, raw, r.messageFault));
  else if (r.message) observe(r.message.cost, messageAt, 'estimated messageExpression cost');
  if (r.usesOldSelf) {
    const cut = c.position.uncorrelatable;
    if (cut !== undefined) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${cut}`;
      errors.push(field.invalidValue(at, r.rule.rule, detail));
    }
  } else if (typeof r.rule.optionalOldSelf === 'boolean') {
    errors.push(
      field.invalidValue(field.child(path, 'optionalOldSelf'), r.rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'),
    );
  }
  return errors;
}

const HTML: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };

/** The fault of a rule, which prints the whole rule with the escapes of Go's JSON. */
function invalidRule(path: string, raw: Readonly<Record<string, unknown>>, detail: string): FieldError {
  const printed = JSON.stringify(printedRule(raw)).replace(/[<>&]/g, c => HTML[c] ?? c);
  const body = `Invalid value: ${printed}: ${detail}`;
  return { reason: 'FieldValueInvalid', field: path, body, text: `${path}: ${body}` };
}

function budgetText(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const by = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${by} ${TRY}`;
}

function totalFaults(costs: readonly Cost[], path: string): FieldError[] {
  const total = costs.reduce((sum, c) => sum + c.cost, 0);
  if (total <= PER_SCHEMA) return [];
  const worst = [...costs]
    .sort((a, b) => b.cost - a.cost)
    .slice(0, MOST_EXPENSIVE)
    .filter(c => c.cost >= EXPENSIVE);
  return [
    ...worst.map(c =>
      field.forbiddenField(c.path, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'),
    ),
    field.forbiddenField(
      path,
      budgetText('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', total, PER_SCHEMA),
    ),
  ];
}

const REQUEST_BYTES = 3 * 1024 * 1024;

/** By path of each schema, how often it can occur in one object. */
function cardinalities(root: Schema, path: string): Map<string, number> {
  const found = new Map<string, number>();
  const visit = (s: Schema, at: string, times: number): void => {
    found.set(at, times);
    for (const [name, p] of s.properties) visit(p, field.mapKey(field.child(at, 'properties'), name), times);
    if (s.items) visit(s.items, field.child(at, 'items'), times * (s.maxItems ?? REQUEST_BYTES / 2));
    if (s.additional && s.additional !== true)
      visit(s.additional, field.child(at, 'additionalProperties'), times * (s.maxProperties ?? REQUEST_BYTES / 4));
  };
  visit(root, path, 1);
  return found;
}
