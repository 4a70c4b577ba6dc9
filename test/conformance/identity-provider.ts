// An OpenID Connect provider of a check's own: HTTPS on a free port, its certificate authority in a file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Pki } from '../../apiserver/index.ts';
import { systemClock } from '../../kube/index.ts';
import type { Json } from './http.ts';

export interface IdentityProvider {
  readonly url: string;
  /** PEM. */
  readonly caFile: string;
  /** A signed token; it is good for a minute from now unless the claims say otherwise. */
  token(claims: Json): Promise<string>;
  close(): Promise<void>;
}

export async function identityProvider(): Promise<IdentityProvider> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-oidc-'));
  const pki = await Pki.open(dir, systemClock);
  const leaf = await pki.issue({ commonName: 'idp', hosts: ['127.0.0.1'] });
  const caFile = join(dir, 'provider.crt');
  writeFileSync(caFile, pki.caCert);
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }];
  const server = createServer({ cert: leaf.cert, key: leaf.key }, (request, response) => {
    response.end(JSON.stringify(request.url === '/keys' ? { keys } : { issuer: url, jwks_uri: `${url}/keys` }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    url,
    caFile,
    token(claims) {
      const seconds = Math.floor(systemClock.now() / 1000);
      return new SignJWT({ iss: url, iat: seconds, exp: seconds + 60, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .sign(privateKey);
    },
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
