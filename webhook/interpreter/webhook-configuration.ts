// ResourceInterpreterWebhookConfiguration: hooks that can be reached and know what they are asked.
import {
  at,
  dns1035Label,
  type FieldError,
  faultsAt,
  field,
  inRange,
  isObject,
  listOf,
  objectOf,
  stringOf,
  validateFullyQualifiedDomainName,
  validateWebhookService,
  validateWebhookUrl,
} from '../../kube/index.ts';
import { objectIn, type Validate, verdictOf } from '../admission.ts';

const OPERATIONS = [
  '*',
  'AggregateStatus',
  'InterpretComponent',
  'InterpretDependency',
  'InterpretHealth',
  'InterpretReplica',
  'InterpretStatus',
  'Retain',
  'ReviseReplica',
];
const VERSION = 'v1alpha1';

export const validateInterpreterWebhookConfiguration: Validate = request => {
  const names = new Set<string>();
  const errors = listOf(objectIn(request)['webhooks']).flatMap((hook, i) => {
    const path = `webhooks[${i}]`;
    const name = stringOf(at(hook, 'name'));
    const found = validateHook(objectOf(hook), path);
    if (names.has(name)) found.push(field.duplicate(field.child(path, 'name'), name));
    names.add(name);
    return found;
  });
  return verdictOf(errors);
};

function validateHook(hook: Record<string, unknown>, path: string): FieldError[] {
  const errors = validateFullyQualifiedDomainName(stringOf(hook['name']), field.child(path, 'name'));
  errors.push(...listOf(hook['rules']).flatMap((rule, i) => validateRule(objectOf(rule), field.index(field.child(path, 'rules'), i))));
  const timeout = hook['timeoutSeconds'];
  if (typeof timeout === 'number' && inRange(timeout, 1, 30).length) {
    errors.push(field.invalidValue(field.child(path, 'timeoutSeconds'), timeout, 'the timeout value must be between 1 and 30 seconds'));
  }
  errors.push(...validateClientConfig(objectOf(hook['clientConfig']), field.child(path, 'clientConfig')));
  errors.push(...validateVersions(hook['interpreterContextVersions'], field.child(path, 'interpreterContextVersions')));
  return errors;
}

function validateRule(rule: Record<string, unknown>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const check = (name: string, words: string, each: (item: string, itemPath: string) => FieldError[]): void => {
    const items = listOf(rule[name]).map(stringOf);
    const here = field.child(path, name);
    if (items.length === 0) errors.push(field.required(here));
    if (items.length > 1 && items.includes('*')) {
      errors.push(field.invalidValue(here, items, `if '*' is present, must not specify other ${words}`));
    }
    for (const [i, item] of items.entries()) errors.push(...each(item, field.index(here, i)));
  };
  const nonEmpty = (item: string, itemPath: string): FieldError[] => (item ? [] : [field.required(itemPath)]);
  check('operations', 'operations', (item, p) => (OPERATIONS.includes(item) ? [] : [field.notSupported(p, item, OPERATIONS)]));
  check('apiGroups', 'API groups', () => []);
  check('apiVersions', 'API versions', nonEmpty);
  check('kinds', 'kinds', nonEmpty);
  return errors;
}

function validateClientConfig(config: Record<string, unknown>, path: string): FieldError[] {
  const { url, service } = config;
  const hasUrl = typeof url === 'string';
  if (hasUrl === isObject(service)) return [field.required(path, 'exactly one of url or service is required')];
  if (hasUrl) return validateWebhookUrl(url, field.child(path, 'url'));
  return validateWebhookService(objectOf(service), field.child(path, 'service'));
}

function validateVersions(versions: unknown, path: string): FieldError[] {
  const given = listOf(versions).map(stringOf);
  if (given.length === 0) return [field.required(path, `must specify one of ${VERSION}`)];
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  for (const [i, version] of given.entries()) {
    const here = field.index(path, i);
    if (seen.has(version)) errors.push(field.invalidValue(here, version, 'duplicate version'));
    else errors.push(...faultsAt(dns1035Label, version, here));
    seen.add(version);
  }
  if (!seen.has(VERSION)) errors.push(field.invalidValue(path, given, `must include at least one of ${VERSION}`));
  return errors;
}
