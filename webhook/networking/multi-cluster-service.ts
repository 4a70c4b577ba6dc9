// MultiClusterService: name, ports, one exposure type for good, cluster names.
import {
  at,
  dns1035Label,
  dns1123Label,
  equal,
  type FieldError,
  faultsAt,
  field,
  listOf,
  objectOf,
  portNumber,
  stringOf,
} from '../../kube/index.ts';
import { objectIn, type Validate, verdictOf } from '../admission.ts';
import { clusterName } from '../cluster-name.ts';
import { validateMetadata, validateMetadataUpdate } from '../metadata.ts';
import { list, text } from '../print/go-json.ts';
import { invalidAs } from '../print/invalid.ts';
import { validateLoadBalancer } from './load-balancer.ts';

const TYPES = new Set(['CrossCluster', 'LoadBalancer']);

export const validateMultiClusterService: Validate = request => {
  const object = objectIn(request);
  const rules = { namespaced: true, name: dns1035Label };
  const old = request.operation === 'UPDATE' ? request.oldObject : undefined;
  const spec = objectOf(object['spec']);
  const errors = old ? validateMetadataUpdate(object, old, rules) : validateMetadata(object, rules);
  errors.push(...validatePorts(spec['ports']), ...validateTypes(spec['types'], old && { types: at(old, 'spec', 'types') }));
  for (const name of ['providerClusters', 'consumerClusters']) errors.push(...validateClusters(spec[name], `spec.range.${name}`));
  if (old) errors.push(...validateLoadBalancer(object['status']));
  return verdictOf(errors);
};

function validatePorts(ports: unknown): FieldError[] {
  const names = new Set<string>();
  return listOf(ports).flatMap((port, i) => {
    const path = `spec.ports[${i}]`;
    const name = stringOf(at(port, 'name'));
    const number = Number(at(port, 'port') ?? 0);
    const errors = name ? faultsAt(dns1123Label, name, field.child(path, 'name')) : [];
    if (name && names.has(name)) errors.push(field.duplicate(field.child(path, 'name'), name));
    names.add(name);
    for (const fault of portNumber(number)) errors.push(field.invalidValue(field.child(path, 'port'), number, fault));
    return errors;
  });
}

function validateTypes(types: unknown, old: { readonly types: unknown } | undefined): FieldError[] {
  const given = listOf(types).map(stringOf);
  const fault = (detail: string): FieldError => invalidAs('spec.types', types, list(text), detail);
  const errors = given.flatMap((type, i) => (TYPES.has(type) ? [] : [field.invalidValue(`spec.types[${i}]`, type, 'ExposureType Error')]));
  if (new Set(given).size > 1) errors.push(fault('MultiClusterService types should not contain more than one type'));
  const isChanged = old && (!equal(given, listOf(old.types)) || Array.isArray(types) !== Array.isArray(old.types));
  if (isChanged) errors.push(invalidAs('spec.types', old.types ?? null, list(text), 'MultiClusterService types are immutable'));
  return errors;
}

function validateClusters(selectors: unknown, path: string): FieldError[] {
  return listOf(selectors).flatMap((selector, i) => faultsAt(clusterName, stringOf(at(selector, 'name')), field.index(path, i)));
}
