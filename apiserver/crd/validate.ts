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
interface Found {
  readonly faults: readonly Fault[];
  readonly matches: number;
}

interface Outcome extends Found {
  readonly faults: Fault[];
  matches: number;
}

/** Most values are as they should be: what says so is not made anew for each. */
const NOTHING: Found = { faults: [], matches: 0 };
const FITS: Found = { faults: [], matches: 1 };

const loose = (text: string): Fault => ({ id: text, path: undefined, build: f => field.invalidValue(f, '', text) });

/** All faults of a value; `root` is the field that the value stands at ('' for an object itself). */
export function validateValue(value: unknown, schema: Schema, root: string, correlation?: Correlation): FieldError[] {
  const { faults } = validate(value, schema, '', correlation);
  return faults.map(f => {
    const name = (f.path ?? '').replace(/^\./, '');
    return f.build(name && f.path !== undefined ? field.child(root, name) : root || '<nil>');
  });
}

function add(into: Outcome, from: Found): void {
  into.matches += from.matches;
  for (const f of from.faults) if (!into.faults.some(known => known.id === f.id)) into.faults.push(f);
}

/** The same for a validator that has run to its end. */
function ran(into: Outcome, from: Found): void {
  add(into, from);
  into.matches++;
}

/** Faults of what did not change are tolerated, so an unchanged part need not be looked at. */
function validate(value: unknown, schema: Schema, path: string, correlation: Correlation | undefined): Found {
  return correlation?.same ? NOTHING : check(value, schema, path, correlation);
}

function check(value: unknown, schema: Schema, path: string, correlation: Correlation | undefined): Outcome {
  const outcome: Outcome = { faults: [], matches: 0 };
  if (value === null) {
    add(outcome, typeCheck(value, schema, path));
    add(outcome, enumCheck(value, schema, path));
    return outcome;
  }
  if (schema.types.length > 0 || schema.format) ran(outcome, typeCheck(value, schema, path));
  if (hasCombinators(schema)) ran(outcome, combinators(value, schema, path));
  else outcome.matches += 2;
  if (typeof value === 'string') {
    ran(outcome, stringCheck(value, schema, path));
    if (schema.format) ran(outcome, formatCheck(value, schema, path));
  }
  if (typeof value === 'number' || value instanceof NumberLiteral) ran(outcome, { faults: numberFaults(value, schema, path), matches: 1 });
  if (Array.isArray(value)) ran(outcome, listCheck(value, schema, path, correlation));
  ran(outcome, enumCheck(value, schema, path));
  if (isObject(value) && !(value instanceof NumberLiteral)) ran(outcome, objectCheck(value, schema, path, correlation));
  outcome.matches++;
  return outcome;
}

interface ValueKind {
  readonly type: string;
  readonly format: string;
}

const INTEGER: ValueKind = { type: 'integer', format: 'int64' };
const FLOAT: ValueKind = { type: 'number', format: 'float64' };
const WITHOUT_FORMAT: Readonly<Record<string, ValueKind>> = Object.fromEntries(
  ['array', 'object', 'string', 'boolean', 'undefined'].map(type => [type, { type, format: '' }]),
);

/** The JSON type of a value and the Go format that its decoded form implies. */
function kindOf(value: unknown): ValueKind {
  if (typeof value === 'number' || value instanceof NumberLiteral) return isInt64(value) ? INTEGER : FLOAT;
  const type = Array.isArray(value) ? 'array' : typeof value;
  return WITHOUT_FORMAT[type] ?? { type, format: '' };
}

const wrongType = (path: string, want: string, got: string): Found => ({
  faults: [
    fault(path, `in body must be of type ${want}: ${JSON.stringify(got)}`, f =>
      field.typeInvalid(f, got, `${path} in body must be of type ${want}: ${JSON.stringify(got)}`),
    ),
  ],
  matches: 0,
});

function typeCheck(value: unknown, schema: Schema, path: string): Found {
  const { types, format } = schema;
  if (value === null) {
    return types.length > 0 && !types.includes('null') && !schema.nullable ? wrongType(path, types.join(','), 'null') : FITS;
  }
  const got = kindOf(value);
  const texty = typeof value === 'string' || Array.isArray(value);
  const number =
    (got.type === 'number' && types.includes('integer') && isWholeFloat(Number(value))) ||
    (got.type === 'integer' && types.includes('number'));
  const fits = number || types.includes(got.type);
  if (!texty && format && !fits && got.format !== format) return wrongType(path, format, got.format);
  if (format && texty && !types.includes('number') && !types.includes('integer')) return FITS;
  return fits || types.length === 0 ? FITS : wrongType(path, types.join(','), got.type);
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

function anyOf(value: unknown, schemas: readonly Schema[], path: string): Found {
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

function oneOf(value: unknown, schemas: readonly Schema[], path: string): Found {
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
function stringCheck(value: string, schema: Schema, path: string): Found {
  const { maxLength, minLength } = schema;
  const length = maxLength === undefined && minLength === undefined ? 0 : runes(value);
  if (maxLength !== undefined && length > maxLength)
    return one(fault(path, `in body should be at most ${maxLength} chars long`, f => field.tooLong(f, maxLength)));
  if (minLength !== undefined && length < minLength) return badText(value, path, `in body should be at least ${minLength} chars long`);
  if (schema.pattern && !schema.pattern.test(value)) return badText(value, path, `in body should match '${schema.pattern.source}'`);
  return NOTHING;
}

const one = (found: Fault): Found => ({ faults: [found], matches: 0 });

const badText = (value: string, path: string, text: string): Found =>
  one(fault(path, text, f => field.invalidValue(f, value, `${path} ${text}`)));

/** Length in code points. */
function runes(text: string): number {
  let n = 0;
  for (const _ of text) n++;
  return n;
}

function formatCheck(value: string, schema: Schema, path: string): Found {
  return matchesFormat(schema.format, value) ? NOTHING : wrongType(path, schema.format, value);
}

function enumCheck(given: unknown, schema: Schema, path: string): Found {
  if (!schema.enum) return NOTHING;
  const value = given instanceof NumberLiteral ? given.number : given;
  if (schema.enum.some(allowed => sameAsEnum(value, allowed))) return NOTHING;
  const names = schema.enum.map(v => (typeof v === 'string' ? v : typeof v === 'number' ? goNumber(v) : JSON.stringify(v)));
  const text = `in body should be one of ${JSON.stringify(schema.enum)}`;
  return one(fault(path, text, f => field.notSupported(f, sortKeys(value), names)));
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
    add(outcome, one(fault(`${path}.${name}`, 'in body is required', f => field.required(f))));
  }
  return outcome;
}
