// What a URL and a method ask for (specification §2.1): a verb on a resource, or a path that is no resource.

export interface RequestInfo {
  /** Path as sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly method: string;
  readonly resource?: ResourceRequest;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface ResourceRequest {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** '' without one. */
  readonly subresource: string;
  /** What follows the subresource: the path of a proxy. */
  readonly rest: string;
  readonly namespace: string;
  readonly name: string;
  /** '' for a method that no verb has (HEAD, OPTIONS). */
  readonly verb: Verb | '';
}

const CONNECTIONS = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/** Watches and connections: nobody knows when they end. */
export const isLongRunning = ({ resource }: RequestInfo): boolean =>
  resource !== undefined && (resource.verb === 'watch' || CONNECTIONS.has(resource.subresource));

/** Subresources below a namespace itself; anything else there is a resource in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** Nobody changes the query of a request. */
const NO_QUERY = new URLSearchParams();

export function requestInfo(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? NO_QUERY : new URLSearchParams(url.slice(mark + 1));
  const base = { path, query, method };
  const parts = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  const [root, ...after] = parts;
  if (root === 'api' && after.length >= 2) return withResource(base, { group: '', version: after[0] ?? '', parts: after.slice(1) });
  if (root === 'apis' && after.length >= 3)
    return withResource(base, { group: after[0] ?? '', version: after[1] ?? '', parts: after.slice(2) });
  return base;
}

function withResource(base: RequestInfo, o: { group: string; version: string; parts: readonly string[] }): RequestInfo {
  let parts = o.parts;
  const oldWatch = parts[0] === 'watch' && parts.length > 1;
  if (oldWatch) parts = parts.slice(1);
  let decoded: string[];
  try {
    decoded = base.path.includes('%') ? parts.map(decodeURIComponent) : [...parts];
  } catch {
    return base;
  }
  if (decoded.some(p => p === '') && !isProxy(decoded)) return base;
  const { namespace, plural, name, subresource, rest } = place(decoded);
  const verb = oldWatch ? 'watch' : verbOf(base.method, name, base.query);
  const byName = name === '' && (verb === 'list' || verb === 'watch' || verb === 'deletecollection') ? nameSelected(base.query) : '';
  return {
    ...base,
    resource: {
      group: o.group,
      version: o.version,
      namespace,
      plural,
      name: name || byName,
      subresource,
      rest,
      verb: name !== '' && verb === 'list' ? 'get' : verb,
    },
  };
}

const isProxy = (parts: readonly string[]): boolean => parts.includes('proxy');

function place(parts: readonly string[]): { namespace: string; plural: string; name: string; subresource: string; rest: string } {
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2] ?? '');
  const own = inNamespace ? parts.slice(2) : parts;
  const [plural = '', name = '', subresource = '', ...rest] = own;
  return { namespace: inNamespace ? (parts[1] ?? '') : '', plural, name, subresource, rest: rest.join('/') };
}

function verbOf(method: string, name: string, query: URLSearchParams): Verb | '' {
  switch (method) {
    case 'GET':
      if (wantsWatch(query)) return 'watch';
      return name === '' ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      return '';
  }
}

/** Anything but 0 and false counts as true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

const wantsWatch = (query: URLSearchParams): boolean => isTrue(query.get('watch'));

function nameSelected(query: URLSearchParams): string {
  const clause = (query.get('fieldSelector') ?? '').split(',').find(c => /^metadata\.name==?[^=]/.test(c));
  return clause?.replace(/^metadata\.name==?/, '') ?? '';
}
