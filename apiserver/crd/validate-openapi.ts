// Faults of a schema that have nothing to do with being structural: keywords that are not supported, list and map types that
// contradict each other, and the form of x-kubernetes-validations.
import { type FieldError, field } from '../../kube/index.ts';
import { findField } from './field-path.ts';
import { isTrue, pointer, present, properties, property, type RawSchema, schemaOf, schemasOf, texts, typeOf } from './raw-schema.ts';

const { child, index, mapKey, required, invalidValue, forbiddenField, notSupported } = field;
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const META = new Set(['apiVersion', 'kind', 'metadata']);
const LIST_TYPE = 'x-kubernetes-list-type';
const MAP_TYPE = 'x-kubernetes-map-type';
const KEYS = 'x-kubernetes-list-map-keys';
const UNSUPPORTED: readonly [key: string, set: (s: RawSchema) => boolean][] = [
  ['id', s => (pointer(s, 'id') ?? '') !== ''],
  ['additionalItems', s => present(s['additionalItems'])],
  ['patternProperties', s => Object.keys(schemaOf(s['patternProperties']) ?? {}).length > 0],
  ['definitions', s => Object.keys(schemaOf(s['definitions']) ?? {}).length > 0],
  ['dependencies', s => present(s['dependencies'])],
  ['$ref', s => pointer(s, '$ref') !== undefined],
];

/** Where in the tree a schema stands. */
export interface Position {
  readonly root: boolean;
  readonly insideMetadata: boolean;
  /** Why defaults may not be set here; undefined where they may. */
  readonly noDefaults: string | undefined;
  /** The list or map that cuts off the old value; rules below may not use oldSelf. */
  readonly uncorrelatable: string | undefined;
  /** Inside a logical junctor, where rules do not count. */
  readonly junctor: boolean;
}

const ROOT: Position = { root: true, insideMetadata: false, noDefaults: undefined, uncorrelatable: undefined, junctor: false };

/** Called for each schema whose own faults and those below it are none, innermost first; adds the faults of its rules. */
export type CheckRules = (schema: RawSchema, path: string, position: Position) => FieldError[];

interface Found {
  readonly schema: FieldError[];
  readonly rules: FieldError[];
}

/** All faults, those of rules after all others. */
export function validateOpenApi(schema: RawSchema, path: string, checkRules: CheckRules | undefined): FieldError[] {
  const found = visit(schema, path, ROOT, checkRules);
  return [...found.schema, ...found.rules];
}

function visit(s: RawSchema, path: string, at: Position, checkRules: CheckRules | undefined): Found {
  const found: Found = { schema: keywords(s, path, at), rules: [] };
  const down = (inner: RawSchema | undefined, innerPath: string, change: Partial<Position>): void => {
    if (!inner) return;
    const f = visit(inner, innerPath, { ...at, root: false, ...change }, checkRules);
    found.schema.push(...f.schema);
    found.rules.push(...f.rules);
  };
  visitMembers(s, path, at, { found, down });
  down(schemaOf(s['not']), child(path, 'not'), { junctor: true });
  for (const key of ['allOf', 'oneOf', 'anyOf'])
    schemasOf(s, key).forEach((v, i) => void down(v, index(child(path, key), i), { junctor: true }));
  const cut = pointer(s, LIST_TYPE) === 'map' ? {} : { uncorrelatable: at.uncorrelatable ?? path };
  down(schemaOf(s['items']), child(path, 'items'), cut);
  found.schema.push(...extensionFaults(s, path));
  const rules = schemasOf(s, 'x-kubernetes-validations');
  rules.forEach((rule, i) => void found.schema.push(...ruleFormFaults(rule, s, index(child(path, 'x-kubernetes-validations'), i))));
  if (rules.length > 0 && found.schema.length === 0 && !at.junctor && checkRules) found.rules.push(...checkRules(s, path, at));
  return found;
}

type Down = (inner: RawSchema | undefined, path: string, change: Partial<Position>) => void;

function visitMembers(s: RawSchema, path: string, at: Position, { found, down }: { found: Found; down: Down }): void {
  const additional = s['additionalProperties'];
  if (present(additional)) {
    const place = child(path, 'additionalProperties');
    if (properties(s).length > 0 && additional !== true)
      found.schema.push(forbiddenField(place, 'additionalProperties and properties are mutual exclusive'));
    down(schemaOf(additional), place, at.insideMetadata ? { noDefaults: 'inside additionalProperties applying to object metadata' } : {});
  }
  for (const [name, p] of properties(s)) {
    const meta = (at.root || isTrue(s, 'x-kubernetes-embedded-resource')) && META.has(name);
    const noDefaults = meta && at.root ? { noDefaults: `in top-level ${name}` } : {};
    down(p, mapKey(child(path, 'properties'), name), meta ? { insideMetadata: true, ...noDefaults } : {});
  }
}

function keywords(s: RawSchema, path: string, at: Position): FieldError[] {
  const errors: FieldError[] = [];
  const type = typeOf(s);
  if (type && !TYPES.includes(type)) errors.push(notSupported(child(path, 'type'), type, TYPES));
  if (present(s['default']) && at.noDefaults) errors.push(forbiddenField(child(path, 'default'), `must not be set ${at.noDefaults}`));
  for (const [key, set] of UNSUPPORTED) if (set(s)) errors.push(forbiddenField(child(path, key), `${key} is not supported`));
  if (type === 'null') errors.push(forbiddenField(child(path, 'type'), 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(s['items']) && s['items'].length > 0)
    errors.push(forbiddenField(child(path, 'items'), 'items must be a schema object and not an array'));
  if (at.insideMetadata && isTrue(s, 'x-kubernetes-embedded-resource'))
    errors.push(forbiddenField(child(path, 'x-kubernetes-embedded-resource'), 'must not be used inside of resource meta'));
  if (isTrue(s, 'uniqueItems')) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenField(child(path, 'uniqueItems'), detail));
  }
  return errors;
}

function extensionFaults(s: RawSchema, path: string): FieldError[] {
  const preserve = 'x-kubernetes-preserve-unknown-fields';
  return [
    ...(s[preserve] === false ? [invalidValue(child(path, preserve), false, 'must be true or undefined')] : []),
    ...mapTypeFaults(s, path),
    ...listTypeFaults(s, path),
    ...mapListFaults(s, path),
    ...keyFaults(s, path),
  ];
}

function wrongType(s: RawSchema, path: string, detail: string): FieldError {
  const at = child(path, 'type');
  return typeOf(s) ? invalidValue(at, typeOf(s), detail) : required(at, detail);
}

function mapTypeFaults(s: RawSchema, path: string): FieldError[] {
  const mapType = pointer(s, MAP_TYPE);
  if (mapType === undefined) return [];
  return [
    ...(typeOf(s) === 'object' ? [] : [wrongType(s, path, `must be object if ${MAP_TYPE} is specified`)]),
    ...(['atomic', 'granular'].includes(mapType) ? [] : [notSupported(child(path, MAP_TYPE), mapType, ['atomic', 'granular'])]),
  ];
}

function listTypeFaults(s: RawSchema, path: string): FieldError[] {
  const listType = pointer(s, LIST_TYPE);
  const errors: FieldError[] = [];
  const items = schemaOf(s['items']);
  if (listType !== undefined && typeOf(s) !== 'array') errors.push(wrongType(s, path, `must be array if ${LIST_TYPE} is specified`));
  else if (listType === 'set' && items) {
    const detail = `must be atomic as item of a list with ${LIST_TYPE}=set`;
    const [list, map] = [pointer(items, LIST_TYPE), pointer(items, MAP_TYPE)];
    if (typeOf(items) === 'array' && list !== undefined && list !== 'atomic')
      errors.push(invalidValue(child(child(path, 'items'), LIST_TYPE), list, detail));
    if (typeOf(items) === 'object' && map !== 'atomic') errors.push(invalidValue(child(child(path, 'items'), MAP_TYPE), map, detail));
  }
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType))
    errors.push(notSupported(child(path, LIST_TYPE), listType, ['atomic', 'set', 'map']));
  if (texts(s, KEYS).length > 0) {
    const detail = `must be map if ${KEYS} is non-empty`;
    if (listType === undefined) errors.push(required(child(path, LIST_TYPE), detail));
    else if (listType !== 'map') errors.push(invalidValue(child(path, LIST_TYPE), listType, detail));
  }
  return errors;
}

function mapListFaults(s: RawSchema, path: string): FieldError[] {
  if (pointer(s, LIST_TYPE) !== 'map') return [];
  const errors: FieldError[] = [];
  const keys = texts(s, KEYS);
  const items = schemaOf(s['items']);
  if (keys.length === 0) errors.push(required(child(path, KEYS), `must not be empty if ${LIST_TYPE} is map`));
  if (!present(s['items'])) errors.push(required(child(path, 'items'), `must have a schema if ${LIST_TYPE} is map`));
  if (items && typeOf(items) !== 'object') {
    const detail = `must be object if parent array's ${LIST_TYPE} is map`;
    errors.push(invalidValue(child(child(path, 'items'), 'type'), typeOf(items), detail));
  }
  if (!items || typeOf(items) !== 'object') return errors;
  keys.forEach((k, i) => {
    const p = property(items, k);
    const at = mapKey(child(child(path, 'items'), 'properties'), k);
    if (!p) errors.push(invalidValue(child(path, KEYS), keys, 'entries must all be names of item properties'));
    else if (['array', 'object'].includes(typeOf(p)))
      errors.push(invalidValue(child(at, 'type'), typeOf(items), `must be a scalar type if parent array's ${LIST_TYPE} is map`));
    if (keys.indexOf(k) < i) errors.push(invalidValue(child(path, KEYS), keys, 'must not contain duplicate entries'));
  });
  return errors;
}

function keyFaults(s: RawSchema, path: string): FieldError[] {
  const listType = pointer(s, LIST_TYPE);
  const items = schemaOf(s['items']);
  if (!items || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = [];
  const place = child(path, 'items');
  if (isTrue(items, 'nullable'))
    errors.push(forbiddenField(child(place, 'nullable'), `cannot be nullable when ${LIST_TYPE} is ${listType}`));
  if (listType === 'set') return errors;
  for (const k of texts(s, KEYS)) {
    const p = property(items, k);
    if (!p) continue;
    const at = mapKey(child(place, 'properties'), k);
    const why = `this property is in ${KEYS}, so it`;
    if (!texts(items, 'required').includes(k) && !present(p['default']))
      errors.push(required(child(at, 'default'), `${why} must have a default or be a required property`));
    if (isTrue(p, 'nullable')) errors.push(forbiddenField(child(at, 'nullable'), `${why} cannot be nullable`));
  }
  return errors;
}

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const NON_EMPTY = 'must be non-empty if specified';
const multiline = (text: string): boolean => /[\n\r]/.test(text);

function ruleFormFaults(rule: RawSchema, schema: RawSchema, path: string): FieldError[] {
  const text = (key: string): string => pointer(rule, key) ?? '';
  const [message, trimmed] = [text('message'), text('message').trim()];
  const errors: FieldError[] = [];
  if (text('rule').trim() === '') errors.push(required(child(path, 'rule'), 'rule is not specified'));
  else if (message && !trimmed) errors.push(invalidValue(child(path, 'message'), message, NON_EMPTY));
  else if (multiline(trimmed)) errors.push(invalidValue(child(path, 'message'), message, 'must not contain line breaks'));
  else if (multiline(text('rule').trim()) && !trimmed)
    errors.push(required(child(path, 'message'), 'must be specified if rule contains line breaks'));
  if (text('messageExpression') && !text('messageExpression').trim()) errors.push(required(child(path, 'messageExpression'), NON_EMPTY));
  const reason = pointer(rule, 'reason');
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(child(path, 'reason'), reason, REASONS));
  errors.push(...fieldPathFaults(text('fieldPath'), schema, child(path, 'fieldPath')));
  return errors;
}

function fieldPathFaults(fieldPath: string, schema: RawSchema, at: string): FieldError[] {
  if (!fieldPath) return [];
  const errors: FieldError[] = [];
  if (!fieldPath.trim()) errors.push(invalidValue(at, fieldPath, NON_EMPTY));
  if (multiline(fieldPath)) errors.push(invalidValue(at, fieldPath, 'must not contain line breaks'));
  if ('fault' in findField(fieldPath, schema)) errors.push(invalidValue(at, fieldPath, 'must be a valid path'));
  return errors;
}
