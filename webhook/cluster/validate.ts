// Cluster: what its API accepts. The faults are returned as they are, for a 422 of the API server.
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
  parseUrl,
  qualifiedName,
  stringOf,
} from '../../kube/index.ts';
import { type AdmissionRequest, objectIn } from '../admission.ts';
import { clusterName } from '../cluster-name.ts';
import { validateMetadata, validateMetadataUpdate } from '../metadata.ts';
import { print } from '../print/go-json.ts';
import { invalidAs } from '../print/invalid.ts';
import * as shapes from '../print/shapes.ts';
import { validateModels } from './models.ts';

/** Every fault of a Cluster that is created or updated. */
export function validateCluster(request: AdmissionRequest): FieldError[] {
  const object: AnyObject = objectIn(request);
  const rules = { namespaced: false, name: clusterName };
  const old = request.operation === 'UPDATE' ? request.oldObject : undefined;
  const errors = old ? validateMetadataUpdate(object, old, rules) : validateMetadata(object, rules);
  return [...errors, ...validateSpec(objectOf(object['spec']))];
}

const SYNC_MODES = ['Pull', 'Push'];

function validateSpec(spec: Record<string, unknown>): FieldError[] {
  const errors: FieldError[] = [];
  const syncMode = stringOf(spec['syncMode']);
  if (!syncMode) errors.push(field.required('spec.syncMode'));
  if (!SYNC_MODES.includes(syncMode)) errors.push(field.notSupported('spec.syncMode', syncMode, SYNC_MODES));
  const endpoint = stringOf(spec['apiEndpoint']);
  if (endpoint) errors.push(...validateEndpoint(endpoint));
  for (const name of ['secretRef', 'impersonatorSecretRef']) errors.push(...validateSecretReference(spec[name], `spec.${name}`));
  const proxy = stringOf(spec['proxyURL']);
  if (proxy) errors.push(...validateProxy(proxy));
  errors.push(...validatePlace(spec), ...validateTaints(spec['taints']));
  const models = listOf(spec['resourceModels']);
  return models.length ? [...errors, ...validateModels(models, 'spec.resourceModels')] : errors;
}

const FORM = '; desired format: hostname, hostname:port, IP or IP:port';

function validateEndpoint(text: string): FieldError[] {
  const path = 'spec.apiEndpoint';
  const url = parseUrl(text);
  if (typeof url === 'string') return [field.invalidValue(path, text, `apiEndpoint must be a valid URL: ${url}${FORM}`)];
  const errors: FieldError[] = [];
  if (!url.host) errors.push(field.invalidValue(path, url.host, `host must be provided${FORM}`));
  if (url.user !== undefined) errors.push(field.invalidValue(path, url.user, 'user information is not permitted in the URL'));
  if (url.fragment) errors.push(field.invalidValue(path, url.fragment, 'fragments are not permitted in the URL'));
  if (url.query) errors.push(field.invalidValue(path, url.query, 'query parameters are not permitted in the URL'));
  return errors;
}

const PROXY_SCHEMES = ['http', 'https', 'socks5'];

function validateProxy(text: string): FieldError[] {
  const path = 'spec.proxyURL';
  const url = parseUrl(text);
  if (typeof url === 'string') return [field.invalidValue(path, text, `apiEndpoint must be a valid URL: ${url}`)];
  if (PROXY_SCHEMES.includes(url.scheme)) return [];
  return [field.invalidValue(path, text, `unsupported scheme ${JSON.stringify(url.scheme)}, must be http, https, or socks5`)];
}

function validateSecretReference(reference: unknown, path: string): FieldError[] {
  if (!isObject(reference)) return [];
  return ['namespace', 'name'].filter(name => !reference[name]).map(name => field.required(field.child(path, name)));
}

function validatePlace(spec: Record<string, unknown>): FieldError[] {
  const zones = listOf(spec['zones']).map(stringOf);
  const zone = stringOf(spec['zone']);
  const errors = ['provider', 'region'].flatMap(name => faultsAt(labelValue, stringOf(spec[name]), `spec.${name}`));
  if (zone && zones.length) return [...errors, invalidAs('spec.spec', spec, shapes.clusterSpec, 'Zone and Zones cannot co-exist')];
  errors.push(...faultsAt(labelValue, zone, 'spec.Zone'));
  return [...errors, ...zones.flatMap(z => faultsAt(labelValue, z, 'spec.Zones'))];
}

const EFFECTS = ['NoSchedule', 'NoExecute'];

function validateTaints(taints: unknown): FieldError[] {
  const seen = new Set<string>();
  return listOf(taints).flatMap((taint, i) => {
    const path = `spec.taints[${i}]`;
    const key = stringOf(at(taint, 'key'));
    const effect = stringOf(at(taint, 'effect'));
    const effectPath = field.child(path, 'effect');
    const errors = [
      ...faultsAt(qualifiedName, key, field.child(path, 'key')),
      ...faultsAt(labelValue, stringOf(at(taint, 'value')), field.child(path, 'value')),
    ];
    if (!effect) errors.push(field.required(effectPath));
    else if (!EFFECTS.includes(effect)) errors.push(field.notSupported(effectPath, effect, EFFECTS));
    const identity = JSON.stringify([key, effect]);
    if (seen.has(identity)) {
      const body = `Duplicate value: ${print(taint, shapes.taint)}: taints must be unique by key and effect pair`;
      errors.push({ reason: 'FieldValueDuplicate', field: path, body, text: `${path}: ${body}` });
    }
    seen.add(identity);
    return errors;
  });
}
