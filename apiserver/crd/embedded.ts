// Embedded resources carry apiVersion, kind and valid metadata of their own.
import {
  dns1035Label,
  dns1123Label,
  type FieldError,
  faultsAt,
  field,
  isObject,
  objectOf,
  pathSegmentName,
  stringOf,
  validateAnnotations,
  validateLabels,
} from '../../kube/index.ts';
import { memberSchema, type Schema } from './schema.ts';

/** Faults of all embedded resources in a value. */
export function validateEmbedded(value: unknown, schema: Schema, path: string): FieldError[] {
  if (!schema.deep.embedded) return [];
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, i) => validateEmbedded(item, items, field.index(path, i))) : [];
  }
  if (!isObject(value)) return [];
  const errors = schema.embedded ? validateResource(value, path) : [];
  for (const name of Object.keys(value)) {
    const member = memberSchema(schema, name);
    if (member)
      errors.push(
        ...validateEmbedded(value[name], member, schema.properties.has(name) ? field.child(path, name) : field.mapKey(path, name)),
      );
  }
  return errors;
}

function validateResource(value: Record<string, unknown>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['apiVersion', 'kind']) if (!Object.hasOwn(value, name)) errors.push(field.required(field.child(path, name)));
  for (const name of Object.keys(value)) {
    const at = field.child(path, name);
    if (name === 'apiVersion') errors.push(...validateText(value[name], at, groupVersionFaults));
    if (name === 'kind') errors.push(...validateText(value[name], at, kindFaults));
    if (name === 'metadata' && isObject(value[name])) errors.push(...validateMetadata(value[name], at));
  }
  return errors;
}

function validateText(value: unknown, at: string, check: (text: string) => string[]): FieldError[] {
  if (typeof value !== 'string') return [field.invalidValue(at, value, 'must be a string')];
  if (value === '') return [field.invalidValue(at, value, 'must not be empty')];
  return check(value).map(text => field.invalidValue(at, value, text));
}

const groupVersionFaults = (text: string): string[] => (text.split('/').length > 2 ? [`unexpected GroupVersion string: ${text}`] : []);

function kindFaults(kind: string): string[] {
  const faults = dns1035Label(kind.toLowerCase());
  return faults.length > 0 ? [`may have mixed case, but should otherwise match: ${faults.join(',')}`] : [];
}

function validateMetadata(metadata: Record<string, unknown>, path: string): FieldError[] {
  const texts = (key: string): Record<string, string> => objectOf(metadata[key]) as Record<string, string>;
  const name = stringOf(metadata['name']);
  const namespace = stringOf(metadata['namespace']);
  return [
    ...(name ? faultsAt(pathSegmentName, name, field.child(path, 'name')) : []),
    ...(namespace ? faultsAt(dns1123Label, namespace, field.child(path, 'namespace')) : []),
    ...validateLabels(texts('labels'), field.child(path, 'labels')),
    ...validateAnnotations(texts('annotations'), field.child(path, 'annotations')),
  ];
}
