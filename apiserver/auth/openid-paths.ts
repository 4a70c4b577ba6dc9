// What others need to verify service-account tokens: the issuer's metadata and its public keys (OpenID Connect Discovery 1.0).
import { send } from '../http/respond.ts';
import type { PathHandler } from '../http/server-parts.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

const METADATA = '/.well-known/openid-configuration';
const KEYS = '/openid/v1/jwks';

/** /.well-known/openid-configuration and /openid/v1/jwks. */
export function openidPaths(tokens: ServiceAccountTokens): PathHandler {
  const metadata = JSON.stringify({
    issuer: tokens.issuer,
    jwks_uri: `${tokens.issuer.replace(/\/$/, '')}${KEYS}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  });
  const keys = JSON.stringify(tokens.key.jwks);
  return {
    methods: ['GET'],
    matches: path => path === METADATA || path === KEYS,
    serve(x, path) {
      const [body, type] = path === METADATA ? [metadata, 'application/json'] : [keys, 'application/jwk-set+json'];
      send(x, 200, body, { 'Content-Type': type });
    },
  };
}
