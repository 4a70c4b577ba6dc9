// The public keys of an identity provider: found by OpenID Connect discovery, kept, and fetched again when they are old or a token
// names a key that is not among them. One fetch at a time, at most one in ten seconds, bounded in time and size; while the
// provider does not answer, the keys that were last seen stay good.
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { type Clock, errorText, type Logger } from '../../kube/index.ts';

const FRESH_MS = 10 * 60_000;
const COOLDOWN_MS = 10_000;
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

export interface KeySourceOptions {
  readonly issuer: string;
  /** Where the discovery document is, when it is not below the issuer. */
  readonly discoveryUrl?: string | undefined;
  /** PEM; the system's trust without it. */
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Keys {
  readonly get: JWTVerifyGetKey;
  readonly ids: ReadonlySet<string>;
  readonly fetchedMs: number;
}

export class KeySource {
  readonly #o: KeySourceOptions;
  #keys: Keys | undefined;
  #fetching: Promise<void> | undefined;
  #triedMs = Number.NEGATIVE_INFINITY;

  constructor(o: KeySourceOptions) {
    this.#o = o;
  }

  /** A function that finds the key of a token's header; undefined while no key was ever fetched. */
  async keysFor(kid: string | undefined): Promise<JWTVerifyGetKey | undefined> {
    const now = this.#o.clock.monotonic();
    const known = this.#keys && (kid === undefined || this.#keys.ids.has(kid)) && now - this.#keys.fetchedMs < FRESH_MS;
    if (!known && (this.#fetching || now - this.#triedMs >= COOLDOWN_MS)) {
      this.#fetching ??= this.#refresh().finally(() => {
        this.#fetching = undefined;
      });
      await this.#fetching;
    }
    return this.#keys?.get;
  }

  async #refresh(): Promise<void> {
    this.#triedMs = this.#o.clock.monotonic();
    try {
      const jwks = await this.#fetchKeys();
      const ids = new Set(jwks.keys.flatMap(k => k.kid ?? []));
      this.#keys = { get: createLocalJWKSet(jwks), ids, fetchedMs: this.#o.clock.monotonic() };
    } catch (error) {
      this.#o.log.warn({ issuer: this.#o.issuer, err: errorText(error) }, 'the keys of an identity provider could not be fetched');
    }
  }

  async #fetchKeys(): Promise<JSONWebKeySet> {
    const { issuer, discoveryUrl } = this.#o;
    const document = await this.#getJson(discoveryUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    if (document['issuer'] !== issuer) throw new Error(`the discovery document is of issuer ${JSON.stringify(document['issuer'])}`);
    const url = document['jwks_uri'];
    if (typeof url !== 'string' || !url.startsWith('https://')) throw new Error('the discovery document names no https jwks_uri');
    const jwks = await this.#getJson(url);
    if (!Array.isArray(jwks['keys'])) throw new Error(`${url} holds no keys`);
    return jwks as unknown as JSONWebKeySet;
  }

  async #getJson(url: string): Promise<Record<string, unknown>> {
    // Loaded with the first token of a provider.
    const { Agent, request } = await import('undici');
    const { ca, clock } = this.#o;
    const dispatcher = new Agent({ ...(ca ? { connect: { ca } } : {}), connections: 1 });
    const deadline = new AbortController();
    const timer = clock.after(TIMEOUT_MS, () => deadline.abort(new Error(`${url} did not answer within ${TIMEOUT_MS / 1000} seconds`)));
    try {
      const answer = await request(url, { dispatcher, signal: deadline.signal, headers: { accept: 'application/json' } });
      if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`);
      return JSON.parse(await bounded(answer.body)) as Record<string, unknown>;
    } finally {
      timer.cancel();
      await dispatcher.destroy();
    }
  }
}

async function bounded(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MAX_BYTES) throw new Error(`the answer is bigger than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
