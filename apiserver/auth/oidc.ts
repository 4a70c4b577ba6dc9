// Tokens of identity providers (OpenID Connect, specification §6): a JWT of a known issuer for one of our audiences, signed by one
// of the provider's keys, valid now. Tokens of other issuers are left to others; those that are not good are refused.
import { type CryptoKey, decodeJwt, decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type Clock, errorText, type Logger } from '../../kube/index.ts';
import type { TokenAuthenticator } from './bearer.ts';
import { ClaimFault, type ClaimMapping, checkRules, type Rule, userOfClaims } from './claim-mapping.ts';
import { KeySource } from './key-source.ts';

export interface JwtIssuer {
  readonly url: string;
  readonly discoveryUrl?: string | undefined;
  /** PEM of who signs the provider's certificate; the system's trust without it. */
  readonly ca?: string | undefined;
  /** The token must be for one of these. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly claimRules: readonly Rule[];
  readonly mapping: ClaimMapping;
  readonly userRules: readonly Rule[];
}

/** Signatures that say who signed; `none` and shared secrets do not. */
export const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'EdDSA'] as const;

const SKEW_SECONDS = 10;
const MAX_TOKEN_BYTES = 64 * 1024;

export function oidcTokens(issuers: readonly JwtIssuer[], o: { readonly clock: Clock; readonly log: Logger }): TokenAuthenticator {
  const known = new Map(issuers.map(i => [i.url, { issuer: i, keys: new KeySource({ ...i, issuer: i.url, ...o }) }]));
  return {
    name: 'oidc',
    async authenticateToken(token, audiences) {
      const found = known.get(issuerOf(token) ?? '');
      if (!found) return undefined;
      try {
        const claims = await verified(token, { ...found, now: o.clock.now() });
        checkRules(found.issuer.claimRules, 'claims', claims);
        const user = userOfClaims(found.issuer.mapping, claims);
        const { username, uid = '', groups, extra = {} } = user;
        checkRules(found.issuer.userRules, 'user', { username, uid, groups, extra });
        return { user, audiences };
      } catch (error) {
        if (!(error instanceof ClaimFault || error instanceof errors.JOSEError)) throw error;
        o.log.info({ issuer: found.issuer.url, why: errorText(error) }, 'a token of an identity provider was not taken');
        return undefined;
      }
    },
  };
}

/** The issuer that a token names, unverified; undefined where it is no JWT. */
function issuerOf(token: string): string | undefined {
  if (token.length > MAX_TOKEN_BYTES || token.split('.').length !== 3) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch {
    // A token of another kind.
    return undefined;
  }
}

async function verified(
  token: string,
  o: { readonly issuer: JwtIssuer; readonly keys: KeySource; readonly now: number },
): Promise<JWTPayload> {
  const keys = await o.keys.keysFor(decodeProtectedHeader(token).kid);
  if (!keys) throw new ClaimFault('the keys of the provider are not known');
  const options = {
    issuer: o.issuer.url,
    audience: [...o.issuer.audiences],
    algorithms: [...o.issuer.algorithms],
    currentDate: new Date(o.now),
    clockTolerance: SKEW_SECONDS,
    requiredClaims: ['exp'],
  };
  const verify = async (key: JWTVerifyGetKey | CryptoKey): Promise<JWTPayload> =>
    (await (typeof key === 'function' ? jwtVerify(token, key, options) : jwtVerify(token, key, options))).payload;
  try {
    return await verify(keys);
  } catch (error) {
    // A token that names no key may be of any of them.
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const payload = await verify(key).catch((e: unknown) => {
        if (e instanceof errors.JWSSignatureVerificationFailed) return undefined;
        throw e;
      });
      if (payload) return payload;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}
