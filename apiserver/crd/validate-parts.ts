// Faults of the smaller parts of a CRD: names, subresources, printer columns, selectable fields, conversion.
import {
  dns1035Label,
  type FieldError,
  field,
  isObject,
  listOf,
  objectOf,
  stringOf,
  validateWebhookService,
  validateWebhookUrl,
} from '../../kube/index.ts';
import { findField } from './field-path.ts';
import { present, type RawSchema, typeOf } from './raw-schema.ts';

const { child, index, required, invalidValue, forbiddenField, notSupported, duplicate, tooMany } = field;
type Raw = Readonly<Record<string, unknown>>;
const MIXED_CASE = 'may have mixed case, but should otherwise match: ';

const labelFaults = (value: unknown, path: string): FieldError[] => {
  const faults = dns1035Label(stringOf(value));
  return faults.length > 0 ? [invalidValue(path, value, faults.join(','))] : [];
};

/** spec.names, those required included. */
export function validateNames(names: Raw, path: string): FieldError[] {
  const at = (key: string): string => child(path, key);
  const errors = ['plural', 'singular', 'kind', 'listKind'].filter(key => !stringOf(names[key])).map(key => required(at(key)));
  for (const key of ['plural', 'singular']) if (stringOf(names[key])) errors.push(...labelFaults(names[key], at(key)));
  for (const key of ['kind', 'listKind']) {
    const faults = stringOf(names[key]) ? dns1035Label(stringOf(names[key]).toLowerCase()) : [];
    if (faults.length > 0) errors.push(invalidValue(at(key), names[key], MIXED_CASE + faults.join(',')));
  }
  listOf(names['shortNames']).forEach((n, i) => void errors.push(...labelFaults(n, index(at('shortNames'), i))));
  if (stringOf(names['kind']) && names['kind'] === names['listKind'])
    errors.push(invalidValue(at('listKind'), names['listKind'], 'kind and listKind may not be the same'));
  listOf(names['categories']).forEach((n, i) => void errors.push(...labelFaults(n, index(at('categories'), i))));
  return errors;
}

function simplePathFaults(text: string, path: string): FieldError[] {
  return text.startsWith('.') ? [] : [invalidValue(path, text, 'must be a simple json path starting with .')];
}

/** The paths of the scale subresource. */
export function validateSubresources(subresources: unknown, path: string): FieldError[] {
  const scale = objectOf(subresources)['scale'];
  if (!isObject(scale)) return [];
  const at = (key: string): string => child(child(path, 'scale'), key);
  const below = (key: string, prefixes: readonly string[], where: string): FieldError[] => {
    const text = stringOf(scale[key]);
    const faults = simplePathFaults(text, at(key));
    if (faults.length > 0 || prefixes.some(p => text.startsWith(p))) return faults;
    return [invalidValue(at(key), text, `should be a json path under ${where}`)];
  };
  const needed = (key: string, root: string): FieldError[] => (stringOf(scale[key]) ? below(key, [`${root}.`], root) : [required(at(key))]);
  return [
    ...needed('specReplicasPath', '.spec'),
    ...needed('statusReplicasPath', '.status'),
    ...(stringOf(scale['labelSelectorPath']) ? below('labelSelectorPath', ['.spec.', '.status.'], 'either .spec or .status') : []),
  ];
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

/** additionalPrinterColumns. */
export function validateColumns(columns: unknown, path: string): FieldError[] {
  return listOf(columns).flatMap((raw, i) => {
    const c = objectOf(raw);
    const at = (key: string): string => child(index(path, i), key);
    const [type, format, jsonPath] = [stringOf(c['type']), stringOf(c['format']), stringOf(c['jsonPath'])];
    const oneOf = (list: readonly string[]): string => `must be one of ${list.join(',')}`;
    const errors: FieldError[] = [];
    if (!stringOf(c['name'])) errors.push(required(at('name')));
    if (!type) errors.push(required(at('type'), oneOf(COLUMN_TYPES)));
    else if (!COLUMN_TYPES.includes(type)) errors.push(invalidValue(at('type'), type, oneOf(COLUMN_TYPES)));
    if (format && !COLUMN_FORMATS.includes(format)) errors.push(invalidValue(at('format'), format, oneOf(COLUMN_FORMATS)));
    errors.push(...(jsonPath ? simplePathFaults(jsonPath, at('JSONPath')) : [required(at('JSONPath'))]));
    return errors;
  });
}

const MAX_SELECTABLE = 8;
const SELECTABLE = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';

/** selectableFields, whose paths must lead to scalar fields of the schema. */
export function validateSelectableFields(fields: unknown, schema: RawSchema | undefined, path: string): FieldError[] {
  const list = listOf(fields);
  if (list.length === 0) return [];
  if (!schema) return [invalidValue(path, '', 'may only be set when validations.schema is included')];
  const seen = new Set<string>();
  const errors = list.flatMap((raw, i): FieldError[] => {
    const at = child(index(path, i), 'jsonPath');
    const text = stringOf(objectOf(raw)['jsonPath']);
    if (!text) return [required(at)];
    const found = findField(text, schema);
    if ('fault' in found) return [invalidValue(at, text, `is an invalid path: ${found.fault}`)];
    const faults: FieldError[] = [];
    if (found.steps[0] === 'metadata') faults.push(invalidValue(at, text, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(typeOf(found.schema))) faults.push(invalidValue(at, text, SELECTABLE));
    if (seen.has(found.path)) faults.push(duplicate(at, text));
    seen.add(found.path);
    return faults;
  });
  if (seen.size > MAX_SELECTABLE) errors.push(tooMany(path, seen.size, MAX_SELECTABLE));
  return errors;
}

/** spec.conversion. */
export function validateConversion(conversion: unknown, path: string): FieldError[] {
  if (!isObject(conversion)) return [];
  const strategy = stringOf(conversion['strategy']);
  const webhook = objectOf(conversion['webhook']);
  const client = webhook['clientConfig'];
  const reviews = listOf(webhook['conversionReviewVersions']).map(stringOf);
  const [clientAt, reviewsAt] = [child(path, 'webhookClientConfig'), child(path, 'conversionReviewVersions')];
  const errors: FieldError[] = [];
  if (!strategy) errors.push(required(child(path, 'strategy')));
  else if (!['None', 'Webhook'].includes(strategy)) errors.push(notSupported(child(path, 'strategy'), strategy, ['None', 'Webhook']));
  if (strategy === 'Webhook') {
    if (isObject(client)) errors.push(...validateClientConfig(client, clientAt));
    else errors.push(required(clientAt, 'required when strategy is set to Webhook'));
    return [...errors, ...validateReviewVersions(reviews, reviewsAt)];
  }
  const unwanted = 'should not be set when strategy is not set to Webhook';
  if (present(client)) errors.push(forbiddenField(clientAt, unwanted));
  if (reviews.length > 0) errors.push(forbiddenField(reviewsAt, unwanted));
  return errors;
}

function validateReviewVersions(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const errors = versions.flatMap((v, i) => {
    if (versions.indexOf(v) < i) return [invalidValue(index(path, i), v, 'duplicate version')];
    return dns1035Label(v).map(text => invalidValue(index(path, i), v, text));
  });
  if (!versions.some(v => v === 'v1' || v === 'v1beta1'))
    errors.push(invalidValue(path, versions, 'must include at least one of v1, v1beta1'));
  return errors;
}

function validateClientConfig(client: Raw, path: string): FieldError[] {
  const [url, service] = [client['url'], client['service']];
  if (present(url) === present(service)) return [required(path, 'exactly one of url or service is required')];
  return present(url)
    ? validateWebhookUrl(stringOf(url), child(path, 'url'))
    : validateWebhookService(swapped(objectOf(service)), child(path, 'service'));
}

/** The reference takes one for the other here. */
const swapped = (service: Raw): Raw => ({ ...service, name: service['namespace'], namespace: service['name'] });
