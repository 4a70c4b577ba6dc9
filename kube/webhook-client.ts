// Where a webhook is: an https URL, or a Service.
import { child, type FieldError, invalidValue, required } from './field-error.ts';
import { stringOf } from './json.ts';
import { dns1123Subdomain, portNumber } from './names.ts';
import { parseUrl } from './url.ts';

const FORM = '; desired format: https://host[/path]';

/** https, a host, and nothing but a path behind it. */
export function validateWebhookUrl(text: string, path: string): FieldError[] {
  const url = parseUrl(text);
  if (typeof url === 'string') return [required(path, `url must be a valid URL: ${url}${FORM}`)];
  const errors: FieldError[] = [];
  if (url.scheme !== 'https') errors.push(invalidValue(path, url.scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (!url.host) errors.push(invalidValue(path, url.host, `host must be specified${FORM}`));
  if (url.user !== undefined) errors.push(invalidValue(path, url.user, 'user information is not permitted in the URL'));
  if (url.fragment) errors.push(invalidValue(path, url.fragment, 'fragments are not permitted in the URL'));
  if (url.query) errors.push(invalidValue(path, url.query, 'query parameters are not permitted in the URL'));
  return errors;
}

/** Name, namespace, a port, a path of DNS names. */
export function validateWebhookService(service: Record<string, unknown>, path: string): FieldError[] {
  const errors = ['name', 'namespace'].filter(name => !service[name]).map(name => required(child(path, name)));
  const port = service['port'] ?? 443;
  const faults = portNumber(Number(port));
  if (faults.length > 0) errors.push(invalidValue(child(path, 'port'), port, `port is not valid: ${faults.join(', ')}`));
  return [...errors, ...validateServicePath(stringOf(service['path']), child(path, 'path'))];
}

function validateServicePath(text: string, path: string): FieldError[] {
  const fault = (detail: string): FieldError => invalidValue(path, text, detail);
  if (text === '' || text === '/') return [];
  if (text === '//') return [fault('segment[0] may not be empty')];
  const errors = text.startsWith('/') ? [] : [fault("must start with a '/'")];
  const segments = text.slice(1).replace(/\/$/, '').split('/');
  for (const [i, segment] of segments.entries()) {
    if (segment === '') errors.push(fault(`segment[${i}] may not be empty`));
    else for (const problem of dns1123Subdomain(segment)) errors.push(fault(`segment[${i}]: ${problem}`));
  }
  return errors;
}
