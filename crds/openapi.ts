// zod → the structural OpenAPI schema of a CustomResourceDefinition: zod's own JSON Schema, minus what Kubernetes refuses
// (additionalProperties beside properties, patterns of formats, the bounds of an integer's width), plus its extensions.
import { z } from 'zod';

/** A node of a structural schema, as plain JSON. */
export interface JsonSchema {
  [keyword: string]: unknown;
  type?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  required?: string[];
}

const KEYWORD_ORDER = ['description', 'type', 'format', 'default', 'enum'];

/** The structural schema of `schema`. */
export function openapiOf(schema: z.ZodType): JsonSchema {
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', reused: 'inline', unrepresentable: 'throw', override: adapt }) as JsonSchema;
  return inOrder(json);
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;

const adapt: Override = ({ zodSchema, jsonSchema }) => {
  const json = jsonSchema as JsonSchema;
  const def = zodSchema._zod.def;
  if (json.properties) delete json.additionalProperties;
  if (json['x-kubernetes-preserve-unknown-fields']) delete json.additionalProperties;
  delete json['propertyNames'];
  if (json.type === 'integer') adaptInteger(json, def);
  if (json['format'] === 'date-time') delete json['pattern'];
  if (typeof json['pattern'] === 'string') json['pattern'] = json['pattern'].replaceAll('\\/', '/');
  if (def.type === 'union') adaptUnion(json);
};

function adaptInteger(json: JsonSchema, def: object): void {
  if ('format' in def && def.format === 'int32') json['format'] = 'int32';
  const widths = [2 ** 31 - 1, Number.MAX_SAFE_INTEGER];
  if (widths.includes(json['maximum'] as number)) delete json['maximum'];
  if (widths.some(w => json['minimum'] === -w || json['minimum'] === -w - 1)) delete json['minimum'];
}

/** The only union our API has: a number or a string. Its pattern moves up, where Kubernetes reads it. */
function adaptUnion(json: JsonSchema): void {
  const members = (json['anyOf'] ?? []) as JsonSchema[];
  const pattern = members.find(m => m['pattern'])?.['pattern'];
  json['anyOf'] = [{ type: 'integer' }, { type: 'string' }];
  if (pattern) json['pattern'] = pattern;
  json['x-kubernetes-int-or-string'] = true;
}

/** The same schema with keywords in one fixed order, so that generated files differ only where schemas do. */
function inOrder(json: JsonSchema): JsonSchema {
  const keys = Object.keys(json).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(keys.map(key => [key, orderedValue(key, json[key])]));
}

function orderedValue(key: string, value: unknown): unknown {
  if (key === 'properties') {
    return Object.fromEntries(Object.entries(value as Record<string, JsonSchema>).map(([name, child]) => [name, inOrder(child)]));
  }
  if ((key === 'items' || key === 'additionalProperties') && typeof value === 'object') return inOrder(value as JsonSchema);
  if (key === 'required') return [...(value as string[])].sort();
  return value;
}

function rank(keyword: string): number {
  const known = KEYWORD_ORDER.indexOf(keyword);
  return known < 0 ? KEYWORD_ORDER.length : known;
}
