// Tokens of service accounts, issued and recognised. A token is good as long as the account it names (by uid) and the object it
// is bound to are there: both are looked up with every request, so deleting either ends it at once.
//
//   bound:  from the token subresource; expires; for certain audiences; may hang on a Pod, Secret or Node
//   legacy: kept in a Secret; never expires; good while the Secret holds it
import type { JWTPayload } from 'jose';
import { type AnyObject, at, type Clock, listOf, objectOf, stringOf } from '../../kube/index.ts';
import type { TokenAuthenticator, TokenIdentity } from './bearer.ts';
import type { SigningKey } from './signing-key.ts';
import type { UserInfo } from './user.ts';

const LEGACY_ISSUER = 'kubernetes/serviceaccount';
const LEGACY = 'kubernetes.io/serviceaccount/';

/** Issuer and audience of a server that is told no other. */
export const DEFAULT_ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** Reads one object of the core group as it is now. */
export type CoreLookup = (plural: string, namespace: string, name: string) => AnyObject | undefined;

export interface ServiceAccountTokensOptions {
  readonly key: SigningKey;
  readonly clock: Clock;
  readonly lookup: CoreLookup;
  readonly issuer?: string;
  readonly audiences?: readonly string[];
}

/** What a token hangs on, beside its account. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly name: string;
  readonly uid: string;
}

export interface TokenClaims {
  readonly serviceAccount: AnyObject;
  readonly audiences: readonly string[];
  readonly seconds: number;
  readonly bound?: readonly BoundObject[];
}

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const PLURALS = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;

export class ServiceAccountTokens implements TokenAuthenticator {
  readonly name = 'serviceaccount';
  readonly issuer: string;
  /** What a token without audiences is for. */
  readonly audiences: readonly string[];
  readonly key: SigningKey;
  readonly #clock: Clock;
  readonly #lookup: CoreLookup;

  constructor(o: ServiceAccountTokensOptions) {
    this.key = o.key;
    this.issuer = o.issuer ?? DEFAULT_ISSUER;
    this.audiences = o.audiences ?? [this.issuer];
    this.#clock = o.clock;
    this.#lookup = o.lookup;
  }

  async issue(c: TokenClaims): Promise<IssuedToken> {
    const { namespace = '', name = '', uid = '' } = c.serviceAccount.metadata;
    const now = Math.floor(this.#clock.now() / 1000);
    const bound = Object.fromEntries((c.bound ?? []).map(b => [b.kind.toLowerCase(), { name: b.name, uid: b.uid }]));
    const token = await this.key.sign({
      iss: this.issuer,
      sub: subject(namespace, name),
      aud: [...c.audiences],
      iat: now,
      nbf: now,
      exp: now + c.seconds,
      jti: this.#clock.uuid(),
      'kubernetes.io': { namespace, serviceaccount: { name, uid }, ...bound },
    });
    return { token, expires: (now + c.seconds) * 1000 };
  }

  /** The token that a Secret of the account keeps. */
  legacy(serviceAccount: AnyObject, secretName: string): Promise<string> {
    const { namespace = '', name = '', uid = '' } = serviceAccount.metadata;
    return this.key.sign({
      iss: LEGACY_ISSUER,
      sub: subject(namespace, name),
      [`${LEGACY}namespace`]: namespace,
      [`${LEGACY}secret.name`]: secretName,
      [`${LEGACY}service-account.name`]: name,
      [`${LEGACY}service-account.uid`]: uid,
    });
  }

  async authenticateToken(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> {
    const claims = await this.key.verify(token, { issuer: [this.issuer, LEGACY_ISSUER], now: this.#clock.now() });
    if (!claims) return undefined;
    return claims.iss === LEGACY_ISSUER ? this.#legacyIdentity(claims, token, audiences) : this.#boundIdentity(claims, audiences);
  }

  #legacyIdentity(claims: JWTPayload, token: string, audiences: readonly string[]): TokenIdentity | undefined {
    const of = (key: string): string => stringOf(claims[`${LEGACY}${key}`]);
    const namespace = of('namespace');
    const secret = this.#lookup('secrets', namespace, of('secret.name'));
    const kept = Buffer.from(stringOf(at(secret, 'data', 'token')), 'base64').toString();
    if (!secret || secret.metadata.deletionTimestamp || kept !== token) return undefined;
    const account = { namespace, name: of('service-account.name'), uid: of('service-account.uid') };
    const good = this.audiences.filter(a => audiences.includes(a));
    if (!this.#present('serviceaccounts', account) || good.length === 0) return undefined;
    return { user: serviceAccountUser(account, {}), audiences: good };
  }

  #boundIdentity(claims: JWTPayload, audiences: readonly string[]): TokenIdentity | undefined {
    const own = objectOf(claims['kubernetes.io']);
    const namespace = stringOf(own['namespace']);
    const account = { namespace, name: stringOf(at(own, 'serviceaccount', 'name')), uid: stringOf(at(own, 'serviceaccount', 'uid')) };
    const good = [claims.aud ?? []].flat().filter(a => audiences.includes(a));
    if (claims.sub !== subject(namespace, account.name) || good.length === 0) return undefined;
    if (!this.#present('serviceaccounts', account)) return undefined;
    const extra: Record<string, string[]> = { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti ?? ''}`] };
    const isBound = (kind: keyof typeof PLURALS): boolean => Object.hasOwn(own, kind.toLowerCase());
    for (const kind of ['Pod', 'Secret', 'Node'] as const) {
      if (!isBound(kind)) continue;
      const bound = objectOf(own[kind.toLowerCase()]);
      const id = { namespace: kind === 'Node' ? '' : namespace, name: stringOf(bound['name']), uid: stringOf(bound['uid']) };
      // The node of a bound pod is only told; the token hangs on the pod.
      const decides = kind !== 'Node' || !isBound('Pod');
      if (decides && !this.#present(PLURALS[kind], id)) return undefined;
      if (kind === 'Secret') continue;
      extra[`authentication.kubernetes.io/${kind.toLowerCase()}-name`] = [id.name];
      extra[`authentication.kubernetes.io/${kind.toLowerCase()}-uid`] = [id.uid];
    }
    return { user: serviceAccountUser(account, extra), audiences: good };
  }

  /** Whether the object is there, is the very one, and is not on its way out. */
  #present(plural: string, id: { namespace: string; name: string; uid: string }): boolean {
    const found = this.#lookup(plural, id.namespace, id.name);
    return found !== undefined && found.metadata.uid === id.uid && !this.#expired(found);
  }

  #expired(object: AnyObject): boolean {
    const { deletionTimestamp } = object.metadata;
    return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + DELETION_GRACE_MS < this.#clock.now();
  }
}

/** What is being deleted may finish its work. */
const DELETION_GRACE_MS = 60_000;

const subject = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;

/** The groups of every service account of a namespace. */
export const serviceAccountGroups = (namespace: string): string[] => ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];

/** Namespace and name in a user name of the form system:serviceaccount:<namespace>:<name>. */
export function serviceAccountName(username: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  return namespace && name ? { namespace, name } : undefined;
}

function serviceAccountUser(a: { namespace: string; name: string; uid: string }, extra: Record<string, readonly string[]>): UserInfo {
  return {
    username: subject(a.namespace, a.name),
    uid: a.uid,
    groups: [...serviceAccountGroups(a.namespace), 'system:authenticated'],
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

/** The audiences a request names; none of them are those of the server. */
export const audiencesIn = (spec: Record<string, unknown>): string[] => listOf(spec['audiences']).map(stringOf);
