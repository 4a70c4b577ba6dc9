// MultiClusterIngress: the rules of networking.k8s.io/v1 Ingress.
import {
  at,
  dns1035Label,
  dns1123Subdomain,
  type FieldError,
  faultsAt,
  field,
  isObject,
  listOf,
  objectOf,
  parseAddress,
  pathSegmentName,
  portName,
  portNumber,
  stringOf,
  wildcardDNS1123Subdomain,
} from '../../kube/index.ts';
import { objectIn, type Validate, verdictOf } from '../admission.ts';
import { validateMetadata, validateMetadataUpdate } from '../metadata.ts';
import { validateLoadBalancer } from './load-balancer.ts';

export const validateMultiClusterIngress: Validate = request => {
  const object = objectIn(request);
  const rules = { namespaced: true, name: dns1123Subdomain };
  const old = request.operation === 'UPDATE' ? request.oldObject : undefined;
  const errors = old ? validateMetadataUpdate(object, old, rules) : validateMetadata(object, rules);
  errors.push(...validateSpec(objectOf(object['spec'])));
  if (old) errors.push(...validateLoadBalancer(object['status']));
  return verdictOf(errors);
};

function validateSpec(spec: Record<string, unknown>): FieldError[] {
  const { defaultBackend, ingressClassName } = spec;
  const rules = listOf(spec['rules']);
  const errors: FieldError[] = [];
  if (rules.length === 0 && !isObject(defaultBackend)) {
    errors.push(field.invalidValue('spec', spec['rules'] ?? null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (isObject(defaultBackend)) errors.push(...validateBackend(defaultBackend, 'spec.defaultBackend'));
  errors.push(...rules.flatMap((rule, i) => validateRule(rule, `spec.rules[${i}]`)));
  errors.push(...listOf(spec['tls']).flatMap((tls, i) => validateTls(tls, `spec.tls[${i}]`)));
  if (typeof ingressClassName === 'string') errors.push(...faultsAt(dns1123Subdomain, ingressClassName, 'spec.ingressClassName'));
  return errors;
}

const hostCheck = (host: string): typeof dns1123Subdomain => (host.includes('*') ? wildcardDNS1123Subdomain : dns1123Subdomain);

function validateRule(rule: unknown, path: string): FieldError[] {
  const host = stringOf(at(rule, 'host'));
  const hostPath = field.child(path, 'host');
  const errors: FieldError[] = [];
  if (host) {
    if (parseAddress(host)) errors.push(field.invalidValue(hostPath, host, 'must be a DNS name, not an IP address'));
    errors.push(...faultsAt(hostCheck(host), host, hostPath));
  }
  const http = at(rule, 'http');
  if (!isObject(http)) return errors;
  const paths = listOf(http['paths']);
  const pathsPath = field.child(path, 'http.paths');
  if (paths.length === 0) errors.push(field.required(pathsPath));
  return [...errors, ...paths.flatMap((item, i) => validatePath(item, field.index(pathsPath, i)))];
}

const SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const ENDINGS = ['/..', '/.'];
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function validatePath(item: unknown, path: string): FieldError[] {
  const { pathType, backend } = objectOf(item);
  const typePath = field.child(path, 'pathType');
  if (pathType === undefined || pathType === null) return [field.required(typePath, 'pathType must be specified')];
  const type = stringOf(pathType);
  const text = stringOf(at(item, 'path'));
  const faults: string[] = [];
  if (type === 'Exact' || type === 'Prefix') {
    if (!text.startsWith('/')) faults.push('must be an absolute path');
    faults.push(...SEQUENCES.filter(s => text.includes(s)).map(s => `must not contain '${s}'`));
    faults.push(...ENDINGS.filter(s => text.endsWith(s)).map(s => `cannot end with '${s}'`));
  } else if (type === 'ImplementationSpecific' && text && !text.startsWith('/')) faults.push('must be an absolute path');
  const errors = faults.map(fault => field.invalidValue(field.child(path, 'path'), text, fault));
  if (!PATH_TYPES.includes(type)) errors.push(field.notSupported(typePath, type, PATH_TYPES));
  return [...errors, ...validateBackend(objectOf(backend), field.child(path, 'backend'))];
}

function validateBackend(backend: Record<string, unknown>, path: string): FieldError[] {
  const { resource, service } = backend;
  if (isObject(resource) && isObject(service)) return [field.invalidValue(path, '', 'cannot set both resource and service backends')];
  if (isObject(resource)) return validateResource(resource, field.child(path, 'resource'));
  if (isObject(service)) return validateService(service, path);
  return [field.invalidValue(path, '', 'resource or service backend is required')];
}

function validateResource(resource: Record<string, unknown>, path: string): FieldError[] {
  const group = stringOf(resource['apiGroup']);
  const errors = group ? faultsAt(dns1123Subdomain, group, field.child(path, 'apiGroup')) : [];
  for (const name of ['kind', 'name']) {
    const value = stringOf(resource[name]);
    const here = field.child(path, name);
    if (value) errors.push(...faultsAt(pathSegmentName, value, here));
    else errors.push(field.required(here, `${name} is required`));
  }
  return errors;
}

function validateService(service: Record<string, unknown>, path: string): FieldError[] {
  const inside = field.child(path, 'service');
  const name = stringOf(service['name']);
  const namePath = field.child(inside, 'name');
  const errors = name ? faultsAt(dns1035Label, name, namePath) : [field.required(namePath)];
  const port = stringOf(at(service, 'port', 'name'));
  const number = Number(at(service, 'port', 'number') ?? 0);
  if (port && number) return [...errors, field.invalidValue(path, '', 'cannot set both port name & port number')];
  if (port) return [...errors, ...faultsAt(portName, port, field.child(inside, 'port.name'))];
  if (number) return [...errors, ...portNumber(number).map(fault => field.invalidValue(field.child(inside, 'port.number'), number, fault))];
  return [...errors, field.required(path, 'port name or number is required')];
}

function validateTls(tls: unknown, path: string): FieldError[] {
  const errors = listOf(at(tls, 'hosts')).flatMap((item, i) => {
    const host = stringOf(item);
    return faultsAt(hostCheck(host), host, field.index(field.child(path, 'hosts'), i));
  });
  const secret = stringOf(at(tls, 'secretName'));
  return secret ? [...errors, ...faultsAt(dns1123Subdomain, secret, field.child(path, 'secretName'))] : errors;
}
