// Where a webhook is: an https URL, or a Service.
import { dns1123Subdomain, type FieldError, field, portNumber, stringOf } from '../../kube/index.ts';
import { parseUrl } from '../url.ts';

const FORM = '; desired format: https://host[/path]';

/** https, a host, and nothing but a path behind it. */
export function validateUrl(text: string, path: string): FieldError[] {
  const url = parseUrl(text);
  if (typeof url === 'string') return [field.required(path, `url must be a valid URL: ${url}${FORM}`)];
  const errors: FieldError[] = [];
  if (url.scheme !== 'https') errors.push(field.invalidValue(path, url.scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (!url.host) errors.push(field.invalidValue(path, url.host, `host must be specified${FORM}`));
  if (url.user !== undefined) errors.push(field.invalidValue(path, url.user, 'user information is not permitted in the URL'));
  if (url.fragment) errors.push(field.invalidValue(path, url.fragment, 'fragments are not permitted in the URL'));
  if (url.query) errors.push(field.invalidValue(path, url.query, 'query parameters are not permitted in the URL'));
  return errors;
}

/** Name, namespace, a path of DNS names, a port. */
export function validateService(service: Record<string, unknown>, path: string): FieldError[] {
  const errors = ['name', 'namespace'].filter(name => !service[name]).map(name => field.required(field.child(path, name)));
  errors.push(...validateServicePath(stringOf(service['path']), field.child(path, 'path')));
  const port = service['port'] ?? 443;
  for (const fault of portNumber(Number(port))) {
    errors.push(field.invalidValue(field.child(path, 'port'), port, `port is not valid: ${fault}`));
  }
  return errors;
}

function validateServicePath(text: string, path: string): FieldError[] {
  const fault = (detail: string): FieldError => field.invalidValue(path, text, detail);
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
