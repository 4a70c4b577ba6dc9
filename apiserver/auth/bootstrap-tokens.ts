// Bootstrap tokens: `<id>.<secret>`, kept in the Secret bootstrap-token-<id> of kube-system, with which a new member registers.
import { type AnyObject, at, type Clock, stringOf } from '../../kube/index.ts';
import type { TokenAuthenticator } from './bearer.ts';
import type { CoreLookup } from './service-account-tokens.ts';
import { sameText } from './static-tokens.ts';

export const BOOTSTRAP_TYPE = 'bootstrap.kubernetes.io/token';
const BOOTSTRAP_PREFIX = 'bootstrap-token-';
export const BOOTSTRAP_NAMESPACE = 'kube-system';
const DEFAULT_GROUP = 'system:bootstrappers';
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

/** What a Secret says about its token; undefined where it is no token, or none any more. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
  /** What it is for: usage-bootstrap-authentication, usage-bootstrap-signing. */
  readonly usages: ReadonlySet<string>;
  readonly groups: readonly string[];
}

export function bootstrapToken(secret: AnyObject, nowMs: number): BootstrapToken | undefined {
  const value = (key: string): string => Buffer.from(stringOf(at(secret, 'data', key)), 'base64').toString();
  const id = value('token-id');
  if (secret['type'] !== BOOTSTRAP_TYPE || secret.metadata.deletionTimestamp || !TOKEN.test(`${id}.${value('token-secret')}`))
    return undefined;
  if (secret.metadata.name !== `${BOOTSTRAP_PREFIX}${id}`) return undefined;
  const expires = bootstrapExpiry(secret);
  if (expires !== undefined && !(expires > nowMs)) return undefined;
  const extra = value('auth-extra-groups')
    .split(',')
    .filter(g => g !== '');
  if (!extra.every(g => EXTRA_GROUP.test(g))) return undefined;
  const usages = ['usage-bootstrap-authentication', 'usage-bootstrap-signing'].filter(usage => value(usage) === 'true');
  return { id, secret: value('token-secret'), usages: new Set(usages), groups: [DEFAULT_GROUP, ...extra] };
}

/** When the token ends, in ms since 1970; undefined = never, NaN where the text is no time. */
export function bootstrapExpiry(secret: AnyObject): number | undefined {
  const text = Buffer.from(stringOf(at(secret, 'data', 'expiration')), 'base64').toString();
  return text === '' ? undefined : Date.parse(text);
}

export function bootstrapTokens(o: { readonly lookup: CoreLookup; readonly clock: Clock }): TokenAuthenticator {
  return {
    name: 'bootstrap',
    authenticateToken(token, audiences) {
      const [, id = '', secret = ''] = TOKEN.exec(token) ?? [];
      if (id === '') return undefined;
      const kept = o.lookup('secrets', BOOTSTRAP_NAMESPACE, `${BOOTSTRAP_PREFIX}${id}`);
      const found = kept && bootstrapToken(kept, o.clock.now());
      if (!found?.usages.has('usage-bootstrap-authentication') || !sameText(found.secret, secret)) return undefined;
      return { user: { username: `system:bootstrap:${id}`, groups: found.groups }, audiences };
    },
  };
}
