// URLs as Go's net/url reads them, because error texts quote its verdict. WHATWG's URL mends what must be refused here.

export interface GoUrl {
  readonly scheme: string;
  /** Before the last `@` of the authority; undefined where there is none. */
  readonly user: string | undefined;
  readonly host: string;
  readonly query: string;
  readonly fragment: string;
}

/** The parts, or the fault as `parse "<url>": <why>`. */
export function parseUrl(text: string): GoUrl | string {
  const hash = text.indexOf('#');
  const url = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? '' : text.slice(hash + 1);
  const parsed = parseWithoutFragment(url);
  if (typeof parsed === 'string') return `parse ${JSON.stringify(url)}: ${parsed}`;
  const fault = faultOfEscapes(fragment);
  return fault ? `parse ${JSON.stringify(text)}: ${fault}` : { ...parsed, fragment };
}

type Rest = Omit<GoUrl, 'fragment'>;

function parseWithoutFragment(url: string): Rest | string {
  if (/[\x00-\x1f\x7f]/.test(url)) return 'net/url: invalid control character in URL';
  if (url.startsWith(':')) return 'missing protocol scheme';
  const schemeMatch = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(url);
  const scheme = schemeMatch?.[1]?.toLowerCase() ?? '';
  const afterScheme = schemeMatch ? url.slice(schemeMatch[0].length) : url;
  const mark = afterScheme.indexOf('?');
  const query = mark < 0 ? '' : afterScheme.slice(mark + 1);
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const none: Rest = { scheme, user: undefined, host: '', query };
  if (!rest.startsWith('/')) {
    if (scheme) return none;
    if (rest.split('/')[0]?.includes(':')) return 'first path segment in URL cannot contain colon';
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  if (!hasAuthority) return faultOfEscapes(rest) ?? none;
  const slash = rest.indexOf('/', 2);
  const authority = parseAuthority(slash < 0 ? rest.slice(2) : rest.slice(2, slash));
  if (typeof authority === 'string') return authority;
  const path = slash < 0 ? '' : rest.slice(slash);
  return faultOfEscapes(path) ?? { scheme, ...authority, query };
}

function parseAuthority(authority: string): Pick<GoUrl, 'user' | 'host'> | string {
  const sign = authority.lastIndexOf('@');
  const host = authority.slice(sign + 1);
  const fault = faultOfHost(host);
  if (fault) return fault;
  if (sign < 0) return { user: undefined, host };
  const user = authority.slice(0, sign);
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) ? (faultOfEscapes(user) ?? { user, host }) : 'net/url: invalid userinfo';
}

function faultOfHost(host: string): string | undefined {
  const bracket = host.startsWith('[') ? host.lastIndexOf(']') : -1;
  if (host.startsWith('[') && bracket < 0) return "missing ']' in host";
  const colon = bracket >= 0 ? bracket + 1 : host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  if (!/^(:[0-9]*)?$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const bad = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.exec(host);
  if (bad) return `invalid character ${JSON.stringify(bad[0])} in host name`;
  return faultOfEscapes(host);
}

function faultOfEscapes(text: string): string | undefined {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text);
  return bad ? `invalid URL escape ${JSON.stringify(bad[0])}` : undefined;
}
