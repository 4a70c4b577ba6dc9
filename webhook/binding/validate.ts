// ResourceBinding: the recorded dependencies must be readable, components named, and quotas kept.
import { annotations, gateEnabled, type ResourceBinding } from '../../crds/index.ts';
import { type AnyObject, at, type FieldError, field, isObject, listOf, stringOf } from '../../kube/index.ts';
import { type AdmissionReader, type AdmissionRequest, allowed, objectIn, type Validate, type Verdict, verdictOf } from '../admission.ts';
import { changesUsage, enforceQuotas } from '../quota/enforcement.ts';

/** Unreadable dependencies first, then the quotas of the namespace, then the components; what is refused uses no quota. */
export const validateResourceBinding: Validate = async (request, { reader }, signal) => {
  const object = objectIn(request);
  const errors = validateDependencies(object);
  if (errors.length) return verdictOf(errors);
  const verdict = await quotaVerdict(request, reader, signal);
  if (!verdict.allowed || !gateEnabled(request.gates, 'MultiplePodTemplatesScheduling')) return verdict;
  const faults = validateComponents(object);
  return faults.length ? verdictOf(faults) : verdict;
};

async function quotaVerdict(request: AdmissionRequest, reader: AdmissionReader, signal: AbortSignal): Promise<Verdict> {
  if (!gateEnabled(request.gates, 'FederatedQuotaEnforcement')) return allowed;
  const object = objectIn(request);
  const binding = object as unknown as ResourceBinding;
  const old = request.operation === 'UPDATE' ? (request.oldObject as unknown as ResourceBinding | undefined) : undefined;
  if (!changesUsage(binding, old)) return allowed;
  return enforceQuotas(binding, old, await reader.quotas(object.metadata.namespace ?? '', signal));
}

function validateDependencies(object: AnyObject): FieldError[] {
  const { annotations: given } = object.metadata;
  if (!given || !Object.hasOwn(given, annotations.dependencies)) return [];
  const value = given[annotations.dependencies] ?? '';
  if (isDependencies(value)) return [];
  const path = field.child('metadata.annotations', annotations.dependencies);
  return [field.invalidValue(path, value, 'annotation value must be a valid JSON')];
}

function isDependencies(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return value === null || (Array.isArray(value) && value.every(isDependency));
  } catch {
    return false;
  }
}

function isDependency(value: unknown): boolean {
  if (value === null) return true;
  if (!isObject(value)) return false;
  return ['apiVersion', 'kind', 'namespace', 'name'].every(key => {
    const item = Object.hasOwn(value, key) ? value[key] : undefined;
    return item === undefined || item === null || typeof item === 'string';
  });
}

function validateComponents(object: AnyObject): FieldError[] {
  const names = new Set<string>();
  const errors: FieldError[] = [];
  for (const [i, component] of listOf(at(object, 'spec', 'components')).entries()) {
    const name = stringOf(at(component, 'name'));
    const path = `spec.components[${i}].name`;
    if (name === '') errors.push(field.invalidValue(path, name, 'component names must be non-empty'));
    else if (names.has(name)) errors.push(field.invalidValue(path, name, 'component names must be unique'));
    names.add(name);
  }
  return errors;
}
