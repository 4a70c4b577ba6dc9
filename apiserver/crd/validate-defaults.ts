// Defaults must be what the schema would leave untouched and find valid.
import { clone, equal, type FieldError, field, isObject } from '../../kube/index.ts';
import { validateEmbedded } from './embedded.ts';
import { prunePart } from './prune.ts';
import { isTrue, present, properties, type RawSchema, schemaOf } from './raw-schema.ts';
import { compileSchema, type Schema } from './schema.ts';
import { sortKeys } from './sort-keys.ts';
import { validateValue } from './validate.ts';

const { child, mapKey, invalidValue } = field;

/** Faults of all defaults of a structural schema. */
export function validateDefaults(schema: RawSchema, path: string): FieldError[] {
  return visit(schema, path, false);
}

function visit(s: RawSchema, path: string, insideMetadata: boolean): FieldError[] {
  const errors = present(s['default']) && !insideMetadata ? defaultFaults(s, child(path, 'default')) : [];
  const items = schemaOf(s['items']);
  if (items) errors.push(...visit(items, child(path, 'items'), insideMetadata));
  for (const [name, p] of properties(s)) {
    const meta = isTrue(s, 'x-kubernetes-embedded-resource') && ['apiVersion', 'kind', 'metadata'].includes(name);
    errors.push(...visit(p, mapKey(child(path, 'properties'), name), insideMetadata || meta));
  }
  return errors;
}

function defaultFaults(s: RawSchema, path: string): FieldError[] {
  const compiled = compileSchema(s);
  const value = clone(s['default']);
  prunePart(value, compiled);
  return [
    ...(equal(value, s['default']) ? [] : [invalidValue(path, sortKeys(s['default']), 'must not have unknown fields')]),
    ...metadataOrValueFaults(value, compiled, path),
  ];
}

function metadataOrValueFaults(value: unknown, schema: Schema, path: string): FieldError[] {
  const metadata = isObject(value) || Array.isArray(value) ? validateEmbedded(value, schema, '') : [];
  if (metadata.length === 0) return validateValue(value, schema, path);
  const list = metadata.map(e => e.text);
  return [invalidValue(path, sortKeys(value), `must result in valid metadata: ${list.length === 1 ? list[0] : `[${list.join(', ')}]`}`)];
}
