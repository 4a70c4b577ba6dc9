// Rules about metadata that several kinds repeat, with the texts of the reference.
import {
  type AnyObject,
  dns1123Label,
  type FieldError,
  faultsAt,
  field,
  type TextCheck,
  validateAnnotations,
  validateLabels,
} from '../kube/index.ts';

interface MetadataRules {
  readonly namespaced: boolean;
  readonly name: TextCheck;
}

/** What metadata of a new object must satisfy. */
export function validateMetadata(object: AnyObject, rules: MetadataRules): FieldError[] {
  const { name = '', generateName = '', namespace = '', labels, annotations } = object.metadata;
  const errors: FieldError[] = [];
  if (!name && !generateName) errors.push(field.required('metadata.name', 'name or generateName is required'));
  if (name) errors.push(...faultsAt(rules.name, name, 'metadata.name'));
  if (rules.namespaced && !namespace) errors.push(field.required('metadata.namespace'));
  if (rules.namespaced && namespace) errors.push(...faultsAt(dns1123Label, namespace, 'metadata.namespace'));
  if (!rules.namespaced && namespace) errors.push(field.forbiddenField('metadata.namespace', 'not allowed on this type'));
  if (labels) errors.push(...validateLabels(labels, 'metadata.labels'));
  if (annotations) errors.push(...validateAnnotations(annotations, 'metadata.annotations'));
  return errors;
}

/** What metadata must keep on update, then what it must satisfy anyway. */
export function validateMetadataUpdate(object: AnyObject, old: AnyObject, rules: MetadataRules): FieldError[] {
  return [...validateKept(object, old), ...validateMetadata(object, rules)];
}

function validateKept(object: AnyObject, old: AnyObject): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersion = '', generation = 0 } = object.metadata;
  if (!resourceVersion) errors.push(field.invalidValue('metadata.resourceVersion', '', 'must be specified for an update'));
  if (generation < (old.metadata.generation ?? 0)) {
    errors.push(field.invalidValue('metadata.generation', generation, 'must not be decremented'));
  }
  for (const key of ['name', 'namespace', 'uid'] as const) {
    const now = object.metadata[key] ?? '';
    if (now !== (old.metadata[key] ?? '')) errors.push(field.invalidValue(`metadata.${key}`, now, 'field is immutable'));
  }
  return errors;
}

/** The object with a label set. */
export function withLabel(object: AnyObject, key: string, value: string): AnyObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [key]: value } } };
}
