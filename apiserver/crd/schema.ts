// The structural schema of one CRD version in a form that is quick to walk. It is compiled once; pruning, defaulting,
// validation, CEL and OpenAPI all read this and never the raw JSON. Property names come from users, so they live in Maps.
import { isObject, listOf } from '../../kube/index.ts';
import { pattern, type TextPattern } from './pattern.ts';

/** One entry of x-kubernetes-validations. */
export interface Rule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

export interface Schema {
  /** Types a value may have; empty accepts all. `integer` and `string` for int-or-string. */
  readonly types: readonly string[];
  /** A format we enforce or that steers number checks; unknown formats are ''. */
  readonly format: string;
  /** The format as written. */
  readonly rawFormat: string;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  readonly default: unknown;
  readonly enum: readonly unknown[] | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMaximum: boolean;
  readonly minimum: number | undefined;
  readonly exclusiveMinimum: boolean;
  readonly multipleOf: number | undefined;
  readonly maxLength: number | undefined;
  readonly minLength: number | undefined;
  readonly pattern: TextPattern | undefined;
  readonly maxItems: number | undefined;
  readonly minItems: number | undefined;
  readonly maxProperties: number | undefined;
  readonly minProperties: number | undefined;
  readonly required: readonly string[];
  readonly properties: ReadonlyMap<string, Schema>;
  /** `additionalProperties`: a schema, true for anything, undefined when not given. */
  readonly additional: Schema | true | undefined;
  readonly items: Schema | undefined;
  readonly allOf: readonly Schema[];
  readonly anyOf: readonly Schema[];
  readonly oneOf: readonly Schema[];
  readonly not: Schema | undefined;
  readonly preserveUnknown: boolean;
  readonly embedded: boolean;
  readonly intOrString: boolean;
  readonly listType: string | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapType: string | undefined;
  readonly rules: readonly Rule[];
  /** Whether this schema or one below it has rules, defaults, or list types: walks stop early where nothing waits. */
  readonly deep: { readonly rules: boolean; readonly defaults: boolean; readonly lists: boolean; readonly embedded: boolean };
}

const KNOWN_FORMATS = new Set(
  (
    'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 creditcard ssn hexcolor rgbcolor ' +
    'byte password date duration datetime date-time k8s-short-name k8s-long-name int32 int64 float double'
  ).split(' '),
);

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Compiles an `openAPIV3Schema`. It must be structural: what `validateCrd` refuses is read leniently here. */
export function compileSchema(raw: unknown): Schema {
  const s = isObject(raw) ? raw : {};
  const branches = (key: string): Schema[] => listOf(s[key]).map(compileSchema);
  const properties = new Map(isObject(s['properties']) ? Object.entries(s['properties']).map(([k, v]) => [k, compileSchema(v)]) : []);
  const additional = additionalOf(s['additionalProperties']);
  const items = isObject(s['items']) ? compileSchema(s['items']) : undefined;
  const intOrString = s['x-kubernetes-int-or-string'] === true;
  const type = textOf(s['type']);
  const rawFormat = textOf(s['format']);
  const listType = textOf(s['x-kubernetes-list-type']) || undefined;
  const children = [...properties.values(), ...(additional && additional !== true ? [additional] : []), ...(items ? [items] : [])];
  const hasDefault = s['default'] !== undefined && s['default'] !== null;
  const rules = listOf(s['x-kubernetes-validations']) as readonly Rule[];
  const embedded = s['x-kubernetes-embedded-resource'] === true;
  const any = (own: boolean, key: keyof Schema['deep']): boolean => own || children.some(c => c.deep[key]);
  return {
    types: intOrString ? ['integer', 'string'] : type ? [type] : [],
    format: KNOWN_FORMATS.has(rawFormat) ? rawFormat : '',
    rawFormat,
    nullable: s['nullable'] === true,
    hasDefault,
    default: s['default'],
    enum: Array.isArray(s['enum']) && s['enum'].length > 0 ? s['enum'] : undefined,
    maximum: numberOf(s['maximum']),
    exclusiveMaximum: s['exclusiveMaximum'] === true,
    minimum: numberOf(s['minimum']),
    exclusiveMinimum: s['exclusiveMinimum'] === true,
    multipleOf: numberOf(s['multipleOf']),
    maxLength: numberOf(s['maxLength']),
    minLength: numberOf(s['minLength']),
    pattern: textOf(s['pattern']) ? pattern(textOf(s['pattern'])) : undefined,
    maxItems: numberOf(s['maxItems']),
    minItems: numberOf(s['minItems']),
    maxProperties: numberOf(s['maxProperties']),
    minProperties: numberOf(s['minProperties']),
    required: listOf(s['required']).filter(k => typeof k === 'string'),
    properties,
    additional,
    items,
    allOf: branches('allOf'),
    anyOf: branches('anyOf'),
    oneOf: branches('oneOf'),
    not: isObject(s['not']) ? compileSchema(s['not']) : undefined,
    preserveUnknown: s['x-kubernetes-preserve-unknown-fields'] === true,
    embedded,
    intOrString,
    listType,
    listMapKeys: listOf(s['x-kubernetes-list-map-keys']).filter(k => typeof k === 'string'),
    mapType: textOf(s['x-kubernetes-map-type']) || undefined,
    rules,
    deep: {
      rules: any(rules.length > 0, 'rules'),
      defaults: any(hasDefault, 'defaults') || children.some(c => c.hasDefault),
      lists: any(listType === 'map' || listType === 'set', 'lists'),
      embedded: any(embedded, 'embedded'),
    },
  };
}

function additionalOf(raw: unknown): Schema | true | undefined {
  if (raw === true) return true;
  return isObject(raw) ? compileSchema(raw) : undefined;
}

/** The schema of a member of a map or object; undefined where nothing describes it. */
export function memberSchema(schema: Schema, name: string): Schema | undefined {
  const property = schema.properties.get(name);
  if (property) return property;
  return schema.additional === true ? undefined : schema.additional;
}

/** Whether a format means anything to us. */
export function isRecognisedFormat(format: string): boolean {
  return KNOWN_FORMATS.has(format);
}
