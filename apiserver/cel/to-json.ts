// Values that expressions make, as JSON. Messages must be named after the place they stand in.
import { UInt } from './ast.ts';
import { toText } from './functions.ts';
import { CelError, ListValue, MapValue, ObjectValue, Optional, StructValue } from './values.ts';

/** The JSON of a value; times and other values of libraries become their text. */
export function toJson(value: unknown, place = 'Object'): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof UInt) return Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Optional) return value.present ? toJson(value.inner, place) : null;
  if (value instanceof ListValue) return value.items.map(item => toJson(item, place));
  if (value instanceof ObjectValue) return value.json;
  if (value instanceof MapValue) return mapJson(value, place);
  return toText(value);
}

function mapJson(value: MapValue, place: string): Record<string, unknown> {
  if (value instanceof StructValue && value.type !== place && value.type !== 'JSONPatch')
    throw new CelError(
      `unexpected type name ${JSON.stringify(value.type)}, expected ${JSON.stringify(place)}, which matches field name path from root Object type`,
    );
  const made: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of value.entries.values()) {
    const name = typeof key === 'string' ? key : String(toJson(key));
    made[name] = toJson(item, `${place}.${name}`);
  }
  return { ...made };
}
