// What makes a schema structural (specification §7): types everywhere outside the logical junctors and nowhere inside them,
// nothing said in a junctor about a field that is not declared outside. Faults come sorted by text.
import { type FieldError, field } from '../../kube/index.ts';
import { patternError } from './pattern.ts';
import { isTrue, pointer, present, properties, property, type RawSchema, schemaOf, schemasOf, texts, typeOf } from './raw-schema.ts';

type Level = 'root' | 'field' | 'item';
const { child, index, mapKey, required, invalidValue, forbiddenField } = field;
const UNTYPED: Record<Level, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};
const EMBEDDED = 'x-kubernetes-embedded-resource';
const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const INT_OR_STRING = 'x-kubernetes-int-or-string';

/** All faults of a schema that make it not structural. */
export function validateStructural(schema: RawSchema, path: string): FieldError[] {
  const errors = [...invariants(schema, 'root', path), ...junctorCompleteness(schema, schema, path, path)];
  return errors.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
}

function invariants(s: RawSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const items = schemaOf(s['items']);
  if (typeOf(s) === 'array' && !items) errors.push(required(child(path, 'items'), 'must be specified'));
  if (items) errors.push(...invariants(items, 'item', child(path, 'items')));
  for (const [name, p] of properties(s)) errors.push(...invariants(p, 'field', mapKey(child(path, 'properties'), name)));
  errors.push(...additional(s, level, path), ...extensions(s, path));
  errors.push(...junctors(s, { skipAnyOf: isIntOrStringAnyOf(s), skipFirstAllOf: isIntOrStringAllOf(s) }, path));
  errors.push(...typeFaults(s, level, path), ...metadataFaults(s, level, path));
  if (isTrue(s, EMBEDDED) && !isTrue(s, PRESERVE) && properties(s).length === 0) {
    const detail = `must not be empty if ${EMBEDDED} is true without ${PRESERVE}`;
    errors.push(required(child(path, 'properties'), detail));
  }
  return errors;
}

function additional(s: RawSchema, level: Level, path: string): FieldError[] {
  const at = child(path, 'additionalProperties');
  if (!present(s['additionalProperties'])) return [];
  const inner = schemaOf(s['additionalProperties']);
  return [
    ...(level === 'root' ? [forbiddenField(at, 'must not be used at the root')] : []),
    ...(inner ? invariants(inner, 'field', at) : []),
    ...(isTrue(s, EMBEDDED) ? [forbiddenField(at, `must not be used if ${EMBEDDED} is set`)] : []),
  ];
}

function extensions(s: RawSchema, path: string): FieldError[] {
  if (!isTrue(s, INT_OR_STRING)) return [];
  return [PRESERVE, EMBEDDED]
    .filter(key => isTrue(s, key))
    .map(key => invalidValue(child(path, key), true, `must be false if ${INT_OR_STRING} is true`));
}

function typeFaults(s: RawSchema, level: Level, path: string): FieldError[] {
  const type = typeOf(s);
  const at = child(path, 'type');
  const errors: FieldError[] = [];
  if (isTrue(s, EMBEDDED) && type !== 'object') {
    const detail = `must be object if ${EMBEDDED} is true`;
    errors.push(type ? invalidValue(at, type, detail) : required(at, detail));
  } else if (!type && !isTrue(s, INT_OR_STRING) && !isTrue(s, PRESERVE)) errors.push(required(at, UNTYPED[level]));
  if (level === 'root' && type && type !== 'object') errors.push(invalidValue(at, type, 'must be object at the root'));
  return errors;
}

function metadataFaults(s: RawSchema, level: Level, path: string): FieldError[] {
  const resource = level === 'root' || isTrue(s, EMBEDDED);
  const errors: FieldError[] = [];
  const at = (name: string): string => mapKey(child(path, 'properties'), name);
  for (const name of ['kind', 'apiVersion']) {
    const p = property(s, name);
    if (p && resource && typeOf(p) !== 'string') errors.push(invalidValue(child(at(name), 'type'), typeOf(p), 'must be string'));
  }
  const metadata = property(s, 'metadata');
  if (!metadata) return errors;
  if (resource && typeOf(metadata) !== 'object')
    errors.push(invalidValue(child(at('metadata'), 'type'), typeOf(metadata), 'must be object'));
  if (level === 'root' && restrictsMetadata(metadata)) {
    const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbiddenField(at('metadata'), detail));
  }
  return errors;
}

/** Whether a schema of top-level metadata says more than properties name and generateName. */
function restrictsMetadata(s: RawSchema): boolean {
  const names = properties(s).map(([name]) => name);
  if (names.some(n => n !== 'name' && n !== 'generateName')) return true;
  const silent = new Set(['type', 'properties', 'default', 'description']);
  return Object.keys(s).some(key => !(silent.has(key) && (key !== 'description' || s[key] === '')) && present(s[key]) && s[key] !== false);
}

const onlyTypes = (list: readonly RawSchema[]): boolean =>
  list.length === 2 &&
  list.every(s => Object.keys(s).length === 1) &&
  typeOf(list[0] ?? {}) === 'integer' &&
  typeOf(list[1] ?? {}) === 'string';

function isIntOrStringAnyOf(s: RawSchema): boolean {
  return isTrue(s, INT_OR_STRING) && onlyTypes(schemasOf(s, 'anyOf'));
}

function isIntOrStringAllOf(s: RawSchema): boolean {
  return isTrue(s, INT_OR_STRING) && onlyTypes(schemasOf(schemasOf(s, 'allOf')[0] ?? {}, 'anyOf'));
}

interface Skips {
  readonly skipAnyOf: boolean;
  readonly skipFirstAllOf: boolean;
}

const NO_SKIPS: Skips = { skipAnyOf: false, skipFirstAllOf: false };

function junctors(s: RawSchema, skips: Skips, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = (key: string, i: number): string => index(child(path, key), i);
  if (!skips.skipAnyOf) schemasOf(s, 'anyOf').forEach((v, i) => void errors.push(...nested(v, NO_SKIPS, at('anyOf', i))));
  schemasOf(s, 'allOf').forEach(
    (v, i) => void errors.push(...nested(v, { skipAnyOf: skips.skipFirstAllOf && i === 0, skipFirstAllOf: false }, at('allOf', i))),
  );
  schemasOf(s, 'oneOf').forEach((v, i) => void errors.push(...nested(v, NO_SKIPS, at('oneOf', i))));
  const not = schemaOf(s['not']);
  if (not) errors.push(...nested(not, NO_SKIPS, child(path, 'not')));
  const pattern = pointer(s, 'pattern');
  const wrong = pattern ? patternError(pattern) : undefined;
  if (wrong) errors.push(invalidValue(child(path, 'pattern'), pattern, `must be a valid regular expression, but isn't: ${wrong}`));
  return errors;
}

const EMPTY = 'must be empty to be structural';
const FALSE = 'must be false to be structural';
const UNDEFINED = 'must be undefined to be structural';
/** What a junctor may not say. */
const FORBIDDEN: readonly (readonly [key: string, detail: string, said: (s: RawSchema) => boolean])[] = [
  ['type', EMPTY, s => typeOf(s) !== ''],
  ['additionalProperties', UNDEFINED, s => present(s['additionalProperties'])],
  ['default', UNDEFINED, s => present(s['default'])],
  ['title', EMPTY, s => (pointer(s, 'title') ?? '') !== ''],
  ['description', EMPTY, s => (pointer(s, 'description') ?? '') !== ''],
  ['nullable', FALSE, s => isTrue(s, 'nullable')],
  [PRESERVE, FALSE, s => isTrue(s, PRESERVE)],
  [EMBEDDED, FALSE, s => isTrue(s, EMBEDDED)],
  [INT_OR_STRING, FALSE, s => isTrue(s, INT_OR_STRING)],
  ['x-kubernetes-list-map-keys', EMPTY, s => texts(s, 'x-kubernetes-list-map-keys').length > 0],
  ['x-kubernetes-list-type', UNDEFINED, s => pointer(s, 'x-kubernetes-list-type') !== undefined],
  ['x-kubernetes-map-type', UNDEFINED, s => pointer(s, 'x-kubernetes-map-type') !== undefined],
  ['x-kubernetes-validations', EMPTY, s => schemasOf(s, 'x-kubernetes-validations').length > 0],
];

function nested(s: RawSchema, skips: Skips, path: string): FieldError[] {
  const errors = junctors(s, skips, path);
  const items = schemaOf(s['items']);
  if (items) errors.push(...nested(items, NO_SKIPS, child(path, 'items')));
  for (const [name, p] of properties(s)) errors.push(...nested(p, NO_SKIPS, mapKey(child(path, 'properties'), name)));
  for (const [key, detail, said] of FORBIDDEN) if (said(s)) errors.push(forbiddenField(child(path, key), detail));
  if (property(s, 'metadata'))
    errors.push(forbiddenField(mapKey(child(path, 'properties'), 'metadata'), 'must not be specified in a nested context'));
  return errors;
}

/** Everything that the junctors of the root speak of must be declared outside them. */
function junctorCompleteness(v: RawSchema, s: RawSchema | undefined, path: string, from: string): FieldError[] {
  if (!s) return [required(path, `because it is defined in ${from}`)];
  const errors: FieldError[] = [];
  for (const key of ['allOf', 'anyOf', 'oneOf'])
    schemasOf(v, key).forEach((inner, i) => void errors.push(...nestedCompleteness(inner, s, path, index(child(from, key), i))));
  const not = schemaOf(v['not']);
  if (not) errors.push(...nestedCompleteness(not, s, path, child(from, 'not')));
  return errors;
}

function nestedCompleteness(v: RawSchema, s: RawSchema | undefined, path: string, from: string): FieldError[] {
  const errors = junctorCompleteness(v, s, path, from);
  if (!s) return errors;
  const items = schemaOf(v['items']);
  if (items) errors.push(...nestedCompleteness(items, schemaOf(s['items']), child(path, 'items'), child(from, 'items')));
  for (const [name, p] of properties(v)) {
    const [at, there] = [mapKey(child(path, 'properties'), name), mapKey(child(from, 'properties'), name)];
    const declared = property(s, name);
    if (declared) errors.push(...nestedCompleteness(p, declared, at, there));
    else errors.push(required(at, `because it is defined in ${there}`));
  }
  return errors;
}
