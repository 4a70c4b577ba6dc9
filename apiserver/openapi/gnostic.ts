// OpenAPI v2 on the wire of gnostic's protobuf messages (specification §1.4): just the fields that clients read.
import { isObject, listOf, objectOf, stringOf } from '../../kube/index.ts';

type Raw = Readonly<Record<string, unknown>>;

function varint(n: number): Buffer {
  const bytes: number[] = [];
  let rest = n;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** A length-delimited field. */
function bytes(field: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

const text = (field: number, value: string): Buffer => (value === '' ? Buffer.alloc(0) : bytes(field, Buffer.from(value)));
const flag = (field: number, value: unknown): Buffer => (value === true ? Buffer.concat([varint(field * 8), varint(1)]) : Buffer.alloc(0));
/** Extensions and defaults travel as YAML, which JSON is. */
const any = (value: unknown): Buffer => text(2, `${JSON.stringify(value)}\n`);
const named = (field: number, name: string, value: Buffer): Buffer => bytes(field, text(1, name), bytes(2, value));
const extensions = (field: number, o: Raw): Buffer[] =>
  Object.entries(o)
    .filter(([key]) => key.startsWith('x-'))
    .map(([key, value]) => named(field, key, any(value)));

function schema(raw: unknown): Buffer {
  const s = objectOf(raw);
  const type = stringOf(s['type']);
  const additional = s['additionalProperties'];
  const properties = Object.entries(objectOf(s['properties'])).map(([name, p]) => named(1, name, schema(p)));
  return Buffer.concat([
    text(1, stringOf(s['$ref'])),
    text(2, stringOf(s['format'])),
    text(4, stringOf(s['description'])),
    ...(s['default'] === undefined ? [] : [bytes(5, any(s['default']))]),
    ...listOf(s['required']).map(r => text(19, stringOf(r))),
    ...(isObject(additional) ? [bytes(21, bytes(1, schema(additional)))] : []),
    ...(type ? [bytes(22, text(1, type))] : []),
    ...(isObject(s['items']) ? [bytes(23, bytes(1, schema(s['items'])))] : []),
    ...listOf(s['allOf']).map(inner => bytes(24, schema(inner))),
    ...(properties.length > 0 ? [bytes(25, ...properties)] : []),
    ...extensions(31, s),
  ]);
}

/** ParametersItem { parameter = 1 { body = 1, non_body = 2 { query = 3 } } } */
function parameter(raw: unknown): Buffer {
  const p = objectOf(raw);
  if (p['in'] === 'body') {
    const body = Buffer.concat([text(2, stringOf(p['name'])), text(3, 'body'), flag(4, p['required']), bytes(5, schema(p['schema']))]);
    return bytes(1, bytes(1, body));
  }
  const query = Buffer.concat([text(2, 'query'), text(4, stringOf(p['name'])), text(6, stringOf(p['type']))]);
  return bytes(1, bytes(2, bytes(3, query)));
}

const METHODS: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };

function operation(raw: unknown): Buffer {
  const o = objectOf(raw);
  return Buffer.concat([
    text(5, stringOf(o['operationId'])),
    ...listOf(o['parameters']).map(p => bytes(8, parameter(p))),
    bytes(9, bytes(1, text(1, '200'), bytes(2, bytes(1, text(1, 'OK'))))),
    ...extensions(13, o),
  ]);
}

/** A NamedPathItem of Paths. */
export function encodePath(path: string, item: Raw): Buffer {
  const operations = Object.entries(METHODS).flatMap(([method, field]) =>
    isObject(item[method]) ? [bytes(field, operation(item[method]))] : [],
  );
  return named(2, path, Buffer.concat(operations));
}

/** A NamedSchema of Definitions. */
export const encodeDefinition = (name: string, definition: unknown): Buffer => named(1, name, schema(definition));

/** Document { swagger = 1, info = 2, paths = 8, definitions = 9 } */
export function encodeDocument(o: {
  readonly title: string;
  readonly version: string;
  readonly paths: Buffer[];
  readonly definitions: Buffer[];
}): Buffer {
  return Buffer.concat([text(1, '2.0'), bytes(2, text(1, o.title), text(2, o.version)), bytes(8, ...o.paths), bytes(9, ...o.definitions)]);
}
