// A CRD as it looks once decoded and encoded again: unknown fields and nulls are gone, empty lists, texts and false flags are
// absent where absent means the same.
import { isObject } from '../../kube/index.ts';
import { CRD, type Named, SCHEMA, type Shape } from './crd-shape.ts';

type Mutable = Record<string, unknown>;

/** Brings `spec` into canonical form, in place. The CRD must have decoded: see `crdDecodeFault`. */
export function canonicaliseCrd(crd: Mutable): void {
  const { spec } = CRD.fields?.() ?? {};
  if (spec !== undefined) crd['spec'] = canonical(crd['spec'] ?? {}, spec);
}

function canonical(value: unknown, shape: Shape): unknown {
  if (typeof shape === 'string') return value;
  if ('list' in shape) return Array.isArray(value) ? value.map(item => canonical(item ?? zero(shape.list), shape.list)) : value;
  if ('map' in shape) return isObject(value) ? members(value, item => canonical(item ?? {}, shape.map)) : value;
  if ('or' in shape) {
    if (Array.isArray(value)) return value.map(item => canonical(item ?? {}, SCHEMA));
    return isObject(value) ? canonical(value, SCHEMA) : value;
  }
  return shape.text || !isObject(value) ? value : struct(value, shape);
}

function members(value: Mutable, f: (item: unknown) => unknown): Mutable {
  const made: Mutable = {};
  for (const key of Object.keys(value)) define(made, key, f(value[key]));
  return made;
}

/** Assigning would follow a property named `__proto__`. */
function define(into: Mutable, key: string, value: unknown): void {
  if (key !== '__proto__') into[key] = value;
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

function struct(value: Mutable, shape: Named): Mutable {
  const fields = shape.fields?.() ?? {};
  const made: Mutable = {};
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(fields, key)) continue;
    const field = fields[key];
    const inner = value[key];
    if (field === undefined || inner === null || inner === undefined) continue;
    const kept = canonical(inner, field);
    if (!isZero(kept) || shape.optional?.includes(key) || shape.always?.includes(key)) define(made, key, kept);
  }
  for (const key of shape.always ?? []) if (!Object.hasOwn(made, key)) define(made, key, zero(fields[key]));
  return made;
}

function isZero(value: unknown): boolean {
  if (value === '' || value === false || value === 0) return true;
  return (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
}

function zero(shape: Shape | undefined): unknown {
  if (shape === undefined || shape === 'any') return null;
  if (shape === 'string') return '';
  if (shape === 'bool') return false;
  if (typeof shape === 'string') return 0;
  if ('list' in shape) return null;
  if ('map' in shape || 'or' in shape) return {};
  return shape.text ? '' : struct({}, shape);
}
