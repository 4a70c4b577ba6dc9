// OverridePolicy and ClusterOverridePolicy: defaults and rules.
import {
  type AnyObject,
  at,
  type FieldError,
  faultsAt,
  field,
  isObject,
  labelValue,
  listOf,
  objectOf,
  qualifiedName,
  stringOf,
} from '../../kube/index.ts';
import { type Mutate, objectIn, type Validate, verdictOf } from '../admission.ts';
import { validateClusterAffinity } from '../cluster-affinity.ts';
import { invalidAs } from '../print/invalid.ts';
import * as shapes from '../print/shapes.ts';
import { faultOfJsonPointer } from './json-pointer.ts';
import { validateSelectorNamespaces, withSelectorNamespaces } from './selectors.ts';

/** Selectors without a namespace select in that of the policy. */
export const mutateOverridePolicy: Mutate = request => {
  const object = objectIn(request);
  const { spec } = object;
  if (!isObject(spec)) return object;
  return { ...object, spec: { ...spec, ...withSelectorNamespaces(spec, request.namespace ?? '') } };
};

/** Faults of the spec; a namespaced policy selects only in its namespace. */
export const validateOverridePolicy =
  (o: { readonly namespaced: boolean }): Validate =>
  request => {
    const object: AnyObject = objectIn(request);
    const spec = objectOf(object['spec']);
    const selectorErrors = o.namespaced ? validateSelectorNamespaces(spec, request.namespace ?? '') : [];
    return verdictOf([...validateOverrideSpec(spec), ...selectorErrors]);
  };

function validateOverrideSpec(spec: Record<string, unknown>): FieldError[] {
  const { overrideRules, targetCluster, overriders } = spec;
  const errors = validateClusterAffinity(targetCluster, 'spec.targetCluster');
  const rules = Array.isArray(overrideRules) ? overrideRules : undefined;
  if (rules && isObject(targetCluster)) {
    errors.push(invalidAs('spec.targetCluster', targetCluster, shapes.clusterAffinity, "overrideRules and targetCluster can't co-exist"));
  }
  if (rules && hasLegacyOverriders(overriders)) {
    errors.push(invalidAs('spec.overriders', overriders, shapes.overriders, "overrideRules and overriders can't co-exist"));
  }
  for (const [i, rule] of (rules ?? []).entries()) errors.push(...validateRule(rule, `spec.overrideRules[${i}]`));
  return errors;
}

const LEGACY = ['plaintext', 'imageOverrider', 'commandOverrider', 'argsOverrider', 'labelsOverrider', 'annotationsOverrider'];

function hasLegacyOverriders(overriders: unknown): boolean {
  return LEGACY.some(name => listOf(at(overriders, name)).length > 0);
}

function validateRule(rule: unknown, path: string): FieldError[] {
  const overriders = at(rule, 'overriders');
  const inside = field.child(path, 'overriders');
  const each = (name: string, check: (item: unknown, itemPath: string) => FieldError[]): FieldError[] =>
    listOf(at(overriders, name)).flatMap((item, i) => check(item, field.index(field.child(inside, name), i)));
  return [
    ...each('annotationsOverrider', (item, p) => validatePairs(item, p, [])),
    ...each('labelsOverrider', (item, p) => validatePairs(item, p, [labelValue])),
    ...each('imageOverrider', validateImage),
    ...each('fieldOverrider', validateFieldOverrider),
    ...validateClusterAffinity(at(rule, 'targetCluster'), field.child(path, 'targetCluster')),
  ];
}

function validatePairs(overrider: unknown, path: string, valueChecks: readonly (typeof labelValue)[]): FieldError[] {
  const valuePath = field.child(path, 'value');
  return Object.entries(objectOf(at(overrider, 'value'))).flatMap(([key, value]) => [
    ...(valueChecks.length ? qualifiedName(key) : qualifiedName(key.toLowerCase())).map(fault => field.invalidValue(valuePath, key, fault)),
    ...valueChecks.flatMap(check => faultsAt(check, stringOf(value), valuePath)),
  ]);
}

function validateImage(overrider: unknown, path: string): FieldError[] {
  const predicate = at(overrider, 'predicate');
  return isObject(predicate) ? validatePointer(predicate['path'], field.child(path, 'predicate.path')) : [];
}

function validatePointer(pointer: unknown, path: string): FieldError[] {
  const fault = faultOfJsonPointer(stringOf(pointer));
  return fault ? [field.invalidValue(path, stringOf(pointer), fault)] : [];
}

function validateFieldOverrider(overrider: unknown, path: string): FieldError[] {
  const json = listOf(at(overrider, 'json'));
  const yaml = listOf(at(overrider, 'yaml'));
  const errors: FieldError[] = [];
  if (json.length && yaml.length) {
    errors.push(invalidAs(path, overrider, shapes.fieldOverrider, 'FieldOverrider has both YAML and JSON set. Only one is allowed'));
  }
  if (!json.length && !yaml.length) errors.push(field.required(path, 'FieldOverrider must have either JSON or YAML set'));
  errors.push(...validatePointer(at(overrider, 'fieldPath'), field.child(path, 'fieldPath')));
  for (const [name, patches] of Object.entries({ yaml, json })) {
    for (const [i, patch] of patches.entries()) errors.push(...validateSubPatch(patch, field.index(field.child(path, name), i)));
  }
  return errors;
}

function validateSubPatch(patch: unknown, path: string): FieldError[] {
  const { subPath, operator, value } = objectOf(patch);
  const errors = validatePointer(subPath, field.child(path, 'subPath'));
  const valuePath = field.child(path, 'value');
  const isMissing = value === undefined || value === null;
  if (operator === 'remove' && !isMissing) {
    errors.push(invalidAs(valuePath, value, shapes.rawValue, 'value is not allowed for remove operation'));
  }
  if ((operator === 'add' || operator === 'replace') && isMissing) {
    errors.push(invalidAs(valuePath, value, shapes.rawValue, 'value is required for add or replace operation'));
  }
  return errors;
}
