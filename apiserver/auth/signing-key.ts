// The key that signs service-account tokens: ECDSA P-256, kept in one file of mode 0600. Whoever knows the public half,
// which /openid/v1/jwks hands out, can verify a token without asking the server.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';

const ALGORITHM = 'ES256';

export interface Verification {
  readonly issuer: string | string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export class SigningKey {
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #jwk: JWK;

  private constructor(key: { private: KeyObject; public: KeyObject; jwk: JWK }) {
    this.#private = key.private;
    this.#public = key.public;
    this.#jwk = key.jwk;
  }

  /** Reads the key's file, making it where it is missing. */
  static async open(file: string): Promise<SigningKey> {
    if (!existsSync(file)) {
      writeFileSync(`${file}.new`, newKey(), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    }
    return SigningKey.#from(readFileSync(file, 'utf8'));
  }

  /** A fresh key that is kept nowhere. */
  static generate(): Promise<SigningKey> {
    return SigningKey.#from(newKey());
  }

  static async #from(pem: string): Promise<SigningKey> {
    const secret = createPrivateKey(pem);
    const open = createPublicKey(secret);
    const jwk = await exportJWK(open);
    return new SigningKey({
      private: secret,
      public: open,
      jwk: { use: 'sig', ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALGORITHM },
    });
  }

  /** The public half as a JSON Web Key Set. */
  get jwks(): { readonly keys: readonly JWK[] } {
    return { keys: [this.#jwk] };
  }

  sign(claims: JWTPayload): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid: this.#jwk.kid ?? '' }).sign(this.#private);
  }

  /** The claims of a token of ours that is valid now; undefined for any other. */
  async verify(token: string, v: Verification): Promise<JWTPayload | undefined> {
    try {
      if (decodeProtectedHeader(token).kid !== this.#jwk.kid) return undefined;
      const { payload } = await jwtVerify(token, this.#public, {
        algorithms: [ALGORITHM],
        issuer: v.issuer,
        currentDate: new Date(v.now),
      });
      return payload;
    } catch {
      // A token of somebody else, broken or expired: the answer is the same.
      return undefined;
    }
  }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
