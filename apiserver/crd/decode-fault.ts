// Values of the wrong JSON type in a CRD, told as the reference's decoder does: the first one met, with the struct, the path
// without indexes and keys, and the type wanted.
import { badRequest, isObject, type StatusError } from '../../kube/index.ts';
import { CRD, SCHEMA, type SchemaOr, type Shape } from './crd-shape.ts';

/** A fault inside a value with a decoder of its own ends decoding at once, so it wins over plain ones met earlier. */
interface Fault {
  readonly text: string;
  readonly abrupt: boolean;
}

/** Why a CRD does not decode: a 400 with the first value of a wrong type; undefined when it does. */
export function crdDecodeFault(crd: unknown): StatusError | undefined {
  const fault = find(crd, CRD, '', '');
  const head = 'CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: json: cannot unmarshal';
  return fault && badRequest(`${head} ${fault.text}`);
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goType(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  if ('list' in shape) return `[]${goType(shape.list)}`;
  if ('map' in shape) return `map[string]${goType(shape.map)}`;
  return 'or' in shape ? 'v1.JSONSchemaProps' : `v1.${shape.name}`;
}

function find(value: unknown, shape: Shape, owner: string, path: string): Fault | undefined {
  if (value === null || value === undefined || shape === 'any') return undefined;
  const wrong = (): Fault => ({
    text: `${jsonKind(value)} into Go struct field ${owner}.${path} of type ${goType(shape)}`,
    abrupt: false,
  });
  if (typeof shape === 'string') return scalarFits(value, shape) ? undefined : wrong();
  if ('or' in shape) return findSchemaOr(value, shape, owner, path);
  if ('list' in shape) return Array.isArray(value) ? first(value, item => find(item, shape.list, owner, path)) : wrong();
  if ('map' in shape) return isObject(value) ? first(Object.values(value), item => find(item, shape.map, owner, path)) : wrong();
  if (shape.text) return typeof value === 'string' ? undefined : wrong();
  if (!isObject(value)) return wrong();
  const fields = shape.fields?.() ?? {};
  return first(Object.entries(value), ([key, inner]) => {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return field === undefined ? undefined : find(inner, field, shape.name, path ? `${path}.${key}` : key);
  });
}

function findSchemaOr(value: unknown, shape: SchemaOr, owner: string, path: string): Fault | undefined {
  if (shape.or === 'bool' && typeof value === 'boolean') return undefined;
  const list = shape.or === 'list' && Array.isArray(value);
  const fault = list
    ? first(value, item => find(item, SCHEMA, owner, path))
    : isObject(value)
      ? find(value, SCHEMA, owner, path)
      : undefined;
  return fault && { ...fault, abrupt: true };
}

function first<T>(items: readonly T[], f: (item: T) => Fault | undefined): Fault | undefined {
  let plain: Fault | undefined;
  for (const item of items) {
    const found = f(item);
    if (found?.abrupt) return found;
    plain ??= found;
  }
  return plain;
}

function scalarFits(value: unknown, shape: string): boolean {
  if (shape === 'string') return typeof value === 'string';
  if (shape === 'bool') return typeof value === 'boolean';
  return typeof value === 'number' && (shape === 'float64' || Number.isInteger(value));
}
