// Validation of a value against its schema, with the texts and the order of a Kubernetes API server: type, combinators,
// strings, formats, numbers, lists, enum, objects. With an old object, faults of parts that did not change are tolerated.
import { type FieldError, field, isObject, literalAt, NumberLiteral } from '../../kube/index.ts';
import type { Correlation } from './correlation.ts';
import { type Fault, fault } from './fault.ts';
import { matchesFormat } from './format.ts';
import { goNumber, isInt64, isWholeFloat } from './go-number.ts';
import { numberFaults } from './number.ts';
import type { Schema } from './schema.ts';
import { sortKeys } from './sort-keys.ts';

/** What one validator found; `matches` counts checks done and tells which alternative came closest. */
interface Outcome {
  readonly faults: Fault[];
  matches: number;
}

const NOTHING: Outcome = Object.freeze({ faults: [], matches: 0 }) as Outcome;

const loose = (text: string): Fault => ({ id: text, path: undefined, build: f => field.invalidValue(f, '', text) });

/** All faults of a value; `root` is the field that the value stands at ('' for an object itself). */
export function validateValue(value: unknown, schema: Schema, root: string, correlation?: Correlation): FieldError[] {
  const { faults } = validate(value, schema, '', correlation);
  return faults.map(f => {
    const name = (f.path ?? '').replace(/^\./, '');
    return f.build(name && f.path !== undefined ? field.child(root, name) : root || '<nil>');
  });
}

function add(into: Outcome, from: Outcome): void {
  into.matches += from.matches;
  for (const f of from.faults) if (!into.faults.some(known => known.id === f.id)) into.faults.push(f);
}

/** Faults of what did not change are tolerated, so an unchanged part need not be looked at. */
function validate(value: unknown, schema: Schema, path: string, correlation: Correlation | undefined): Outcome {
  return correlation?.same ? NOTHING : check(value, schema, path, correlation);
}

function check(value: unknown, schema: Schema, path: string, correlation: Correlation | undefined): Outcome {
  const outcome: Outcome = { faults: [], matches: 0 };
  const run = (part: Outcome): void => {
    add(outcome, part);
    outcome.matches++;
  };
  if (value === null) {
    add(outcome, typeCheck(value, schema, path));
    add(outcome, enumCheck(value, schema, path));
    return outcome;
  }
  if (schema.types.length > 0 || schema.format) run(typeCheck(value, schema, path));
  if (hasCombinators(schema)) run(combinators(value, schema, path));
  else outcome.matches += 2;
  if (typeof value === 'string') {
    run(stringCheck(value, schema, path));
    if (schema.format) run(formatCheck(value, schema, path));
  }
  if (typeof value === 'number' || value instanceof NumberLiteral) run({ faults: numberFaults(value, schema, path), matches: 1 });
  if (Array.isArray(value)) run(listCheck(value, schema, path, correlation));
  run(enumCheck(value, schema, path));
  if (isObject(value) && !(value instanceof NumberLiteral)) run(objectCheck(value, schema, path, correlation));
  outcome.matches++;
  return outcome;
}

/** The JSON type of a value and the Go format that its decoded form implies. */
function kindOf(value: unknown): { type: string; format: string } {
  if (Array.isArray(value)) return { type: 'array', format: '' };
  if (typeof value === 'number' || value instanceof NumberLiteral)
    return isInt64(value) ? { type: 'integer', format: 'int64' } : { type: 'number', format: 'float64' };
  return { type: typeof value, format: '' };
}

const wrongType = (path: string, want: string, got: string): Outcome => ({
  faults: [
    fault(path, `in body must be of type ${want}: ${JSON.stringify(got)}`, f =>
      field.typeInvalid(f, got, `${path} in body must be of type ${want}: ${JSON.stringify(got)}`),
    ),
  ],
  matches: 0,
});

function typeCheck(value: unknown, schema: Schema, path: string): Outcome {
  const { types, format } = schema;
  if (value === null) {
    return types.length > 0 && !types.includes('null') && !schema.nullable
      ? wrongType(path, types.join(','), 'null')
      : { faults: [], matches: 1 };
  }
  const got = kindOf(value);
  const texty = typeof value === 'string' || Array.isArray(value);
  const number =
    (got.type === 'number' && types.includes('integer') && isWholeFloat(Number(value))) ||
    (got.type === 'integer' && types.includes('number'));
  const fits = number || types.includes(got.type);
  if (!texty && format && !fits && got.format !== format) return wrongType(path, format, got.format);
  if (format && texty && !types.includes('number') && !types.includes('integer')) return { faults: [], matches: 1 };
  return fits || types.length === 0 ? { faults: [], matches: 1 } : wrongType(path, types.join(','), got.type);
}

const hasCombinators = ({ anyOf, oneOf, allOf, not }: Schema): boolean =>
  anyOf.length > 0 || oneOf.length > 0 || allOf.length > 0 || not !== undefined;

/** Inside alternatives nothing is tolerated: they decide, they do not only complain. */
function combinators(value: unknown, schema: Schema, path: string): Outcome {
  const outcome: Outcome = { faults: [], matches: 0 };
  const quoted = JSON.stringify(path);
  if (schema.anyOf.length > 0) add(outcome, anyOf(value, schema.anyOf, path));
  if (schema.oneOf.length > 0) add(outcome, oneOf(value, schema.oneOf, path));
  if (schema.allOf.length > 0) {
    const results = schema.allOf.map(s => check(value, s, path, undefined));
    const valid = results.filter(r => r.faults.length === 0).length;
    for (const r of results) add(outcome, r);
    if (valid !== results.length)
      add(outcome, {
        faults: [loose(`${quoted} must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`)],
        matches: 0,
      });
  }
  if (schema.not && check(value, schema.not, path, undefined).faults.length === 0) {
    add(outcome, { faults: [loose(`${quoted} must not validate the schema (not)`)], matches: 0 });
  }
  outcome.matches++;
  return outcome;
}

function anyOf(value: unknown, schemas: readonly Schema[], path: string): Outcome {
  let best: Outcome | undefined;
  for (const s of schemas) {
    const r = check(value, s, path, undefined);
    if (r.faults.length === 0) return r;
    if (!best || r.matches > best.matches) best = r;
  }
  const outcome: Outcome = { faults: [loose(`${JSON.stringify(path)} must validate at least one schema (anyOf)`)], matches: 0 };
  if (best) add(outcome, best);
  return outcome;
}

function oneOf(value: unknown, schemas: readonly Schema[], path: string): Outcome {
  let best: Outcome | undefined;
  let first: Outcome | undefined;
  let valid = 0;
  for (const s of schemas) {
    const r = check(value, s, path, undefined);
    if (r.faults.length === 0) {
      valid++;
      first ??= r;
      best = undefined;
    } else if (valid === 0 && (!best || r.matches > best.matches)) best = r;
  }
  if (valid === 1 && first) return first;
  const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
  const outcome: Outcome = {
    faults: [loose(`${JSON.stringify(path)} must validate one and only one schema (oneOf). ${found}`)],
    matches: 0,
  };
  if (best) add(outcome, best);
  return outcome;
}

/** Only the first fault of a string is told. */
function stringCheck(value: string, schema: Schema, path: string): Outcome {
  const { maxLength, minLength } = schema;
  const length = maxLength === undefined && minLength === undefined ? 0 : runes(value);
  const one = (text: string, build?: (f: string) => FieldError): Outcome => ({
    faults: [fault(path, text, build ?? (f => field.invalidValue(f, value, `${path} ${text}`)))],
    matches: 0,
  });
  if (maxLength !== undefined && length > maxLength)
    return one(`in body should be at most ${maxLength} chars long`, f => field.tooLong(f, maxLength));
  if (minLength !== undefined && length < minLength) return one(`in body should be at least ${minLength} chars long`);
  if (schema.pattern && !schema.pattern.test(value)) return one(`in body should match '${schema.pattern.source}'`);
  return NOTHING;
}

/** Length in code points. */
function runes(text: string): number {
  let n = 0;
  for (const _ of text) n++;
  return n;
}

function formatCheck(value: string, schema: Schema, path: string): Outcome {
  return matchesFormat(schema.format, value) ? NOTHING : wrongType(path, schema.format, value);
}

function enumCheck(given: unknown, schema: Schema, path: string): Outcome {
  const value = given instanceof NumberLiteral ? given.number : given;
  if (!schema.enum || schema.enum.some(allowed => sameAsEnum(value, allowed))) return NOTHING;
  const names = schema.enum.map(v => (typeof v === 'string' ? v : typeof v === 'number' ? goNumber(v) : JSON.stringify(v)));
  return {
    faults: [fault(path, `in body should be one of ${JSON.stringify(schema.enum)}`, f => field.notSupported(f, sortKeys(value), names))],
    matches: 0,
  };
}

/** Numbers are first converted to the type of the allowed value: 2.5 counts as the integer 2, as it does in the reference. */
function sameAsEnum(value: unknown, allowed: unknown): boolean {
  if (value === null || allowed === null) return false;
  if (typeof value === 'number' && typeof allowed === 'number') return isInt64(allowed) ? Math.trunc(value) === allowed : value === allowed;
  if (typeof value === 'number' && typeof allowed === 'string') return isInt64(value) && runeText(value) === allowed;
  return JSON.stringify(value) === JSON.stringify(allowed);
}

/** An integer converted to text the way Go does: the character of that code point. */
function runeText(code: number): string {
  return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}

function listCheck(value: readonly unknown[], schema: Schema, path: string, correlation: Correlation | undefined): Outcome {
  const outcome: Outcome = { faults: [], matches: 0 };
  const { items, minItems, maxItems } = schema;
  if (items)
    for (let i = 0; i < value.length; i++)
      add(outcome, validate(literalAt(value, i, value[i]), items, `${path}[${i}]`, correlation?.item(i)));
  if (minItems !== undefined && value.length < minItems) {
    const text = `in body should have at least ${minItems} items`;
    outcome.faults.push(fault(path, text, f => field.invalidValue(f, value.length, `${path} ${text}`)));
  }
  if (maxItems !== undefined && value.length > maxItems)
    outcome.faults.push(fault(path, `in body should have at most ${maxItems} items`, f => field.tooMany(f, value.length, maxItems)));
  outcome.matches++;
  return outcome;
}

function objectCheck(value: Record<string, unknown>, schema: Schema, path: string, correlation: Correlation | undefined): Outcome {
  const outcome: Outcome = { faults: [], matches: 0 };
  const names = Object.keys(value);
  const { minProperties, maxProperties, additional } = schema;
  if (minProperties !== undefined && names.length < minProperties) {
    const text = `in body should have at least ${minProperties} properties`;
    outcome.faults.push(fault(path, text, f => field.invalidValue(f, names.length, `${path} ${text}`)));
  }
  if (maxProperties !== undefined && names.length > maxProperties)
    outcome.faults.push(
      fault(path, `in body should have at most ${maxProperties} properties`, f => field.tooMany(f, names.length, maxProperties)),
    );
  if (additional && additional !== true) {
    for (const name of names)
      if (!schema.properties.has(name))
        add(outcome, validate(literalAt(value, name, value[name]), additional, `${path}.${name}`, correlation?.member(name)));
  }
  for (const [name, property] of schema.properties) {
    if (!Object.hasOwn(value, name)) continue;
    add(outcome, validate(literalAt(value, name, value[name]), property, path ? `${path}.${name}` : name, correlation?.member(name)));
  }
  for (const name of schema.required) {
    if (Object.hasOwn(value, name)) continue;
    add(outcome, { faults: [fault(`${path}.${name}`, 'in body is required', f => field.required(f))], matches: 0 });
  }
  return outcome;
}
