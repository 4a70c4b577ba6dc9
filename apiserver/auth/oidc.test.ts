import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silent, simulatedClock, systemClock } from '../../kube/index.ts';
import { memoryServer } from '../memory-server.ts';
import { authenticationConfig, issuerOfFlags, type OidcFlags } from './authentication-config.ts';
import { type JwtIssuer, oidcTokens } from './oidc.ts';
import { Pki } from './pki.ts';

let provider: Server;
let dir: string;
let ca: string;
let url: string;
/** What the provider serves, and how often its keys were asked for. */
const made: Key[] = [];
let keys: Key[] = [];
interface Key {
  kid: string;
  private: CryptoKey;
  jwk: object;
}
let issuer: string;
let asked = 0;
let down = false;

beforeAll(async () => {
  // Making RSA keys is slow.
  made.push(...(await Promise.all(['one', 'two', 'one'].map(newKey))));
  dir = mkdtempSync(join(tmpdir(), 'flotilla-oidc-'));
  const pki = await Pki.open(dir, systemClock);
  ca = pki.caCert;
  const leaf = await pki.issue({ commonName: 'idp', hosts: ['127.0.0.1'] });
  provider = createServer({ cert: leaf.cert, key: leaf.key }, (request, response) => {
    if (down) return void response.writeHead(503).end();
    if (request.url === '/keys') asked++;
    const body = request.url === '/keys' ? { keys: keys.map(k => k.jwk) } : { issuer, jwks_uri: `${url}/keys` };
    response.end(JSON.stringify(body));
  });
  await new Promise<void>(resolve => provider.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});
afterAll(() => {
  provider.close();
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  keys = made.slice(0, 1);
  issuer = url;
  asked = 0;
  down = false;
});

function keyAt(i: number): Key {
  const key = made[i];
  if (!key) throw new Error('no key');
  return key;
}

async function newKey(kid: string): Promise<Key> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  return { kid, private: pair.privateKey, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg: 'RS256', use: 'sig' } };
}

const clock = simulatedClock({ start: Date.UTC(2026, 5, 1) });
const seconds = (): number => Math.floor(clock.now() / 1000);

function token(claims: Record<string, unknown> = {}, key = keyAt(0)): Promise<string> {
  const all = { iss: url, aud: 'flotilla', sub: 'jane', iat: seconds(), exp: seconds() + 60, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(key.private);
}

const FLAGS: OidcFlags = {
  oidcIssuerUrl: '',
  oidcClientId: 'flotilla',
  oidcUsernameClaim: 'sub',
  oidcUsernamePrefix: '',
  oidcGroupsClaim: '',
  oidcGroupsPrefix: '',
  oidcRequiredClaim: [],
  oidcSigningAlgs: ['RS256'],
};
const byFlags = (flags: Partial<OidcFlags> = {}): JwtIssuer => {
  const made = issuerOfFlags({ ...FLAGS, oidcIssuerUrl: url, ...flags }, ca);
  if (!made) throw new Error('no issuer');
  return made;
};
const byFile = (jwt: object): JwtIssuer => {
  const source = { issuer: { url, audiences: ['flotilla', 'other'], certificateAuthority: ca }, ...jwt };
  const [made] = authenticationConfig({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [source],
  }).issuers;
  if (!made) throw new Error('no issuer');
  return made;
};

async function userOf(text: string, made = byFlags()) {
  return (await oidcTokens([made], { clock, log: silent }).authenticateToken(text, ['api']))?.user;
}

describe('with flags', () => {
  test('the subject is the user, under the name of its issuer unless another prefix is given', async () => {
    expect(await userOf(await token())).toEqual({ username: `${url}#jane`, groups: [] });
    expect(await userOf(await token(), byFlags({ oidcUsernamePrefix: 'oidc:' }))).toMatchObject({ username: 'oidc:jane' });
    expect(await userOf(await token(), byFlags({ oidcUsernamePrefix: '-' }))).toMatchObject({ username: 'jane' });
  });

  test('groups come from their claim, one or many, with their prefix', async () => {
    const made = byFlags({ oidcGroupsClaim: 'roles', oidcGroupsPrefix: 'oidc:' });
    expect(await userOf(await token({ roles: ['a', 'b'] }), made)).toMatchObject({ groups: ['oidc:a', 'oidc:b'] });
    expect(await userOf(await token({ roles: 'a' }), made)).toMatchObject({ groups: ['oidc:a'] });
    expect(await userOf(await token({ roles: { a: 1 } }), made)).toBeUndefined();
  });

  test('an email address must be verified, and has no prefix', async () => {
    const made = byFlags({ oidcUsernameClaim: 'email' });
    expect(await userOf(await token({ email: 'j@x.io', email_verified: true }), made)).toMatchObject({ username: 'j@x.io' });
    expect(await userOf(await token({ email: 'j@x.io', email_verified: false }), made)).toBeUndefined();
  });

  test('required claims must be as they are required', async () => {
    const made = byFlags({ oidcRequiredClaim: ['hd=x.io'] });
    expect(await userOf(await token({ hd: 'x.io' }), made)).toBeDefined();
    expect(await userOf(await token({ hd: 'y.io' }), made)).toBeUndefined();
    expect(await userOf(await token(), made)).toBeUndefined();
  });

  test('a token for somebody else, of somebody else, expired, endless, unsigned or signed by a stranger is not taken', async () => {
    const stranger = keyAt(2);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ iss: url, aud: 'flotilla', sub: 'x', exp: seconds() + 60 })).toString('base64url')}.`;
    const bad = [
      await token({ aud: 'else' }),
      await token({ iss: 'https://else' }),
      await token({ exp: seconds() - 60 }),
      await token({ exp: undefined }),
      await token({ nbf: seconds() + 3600 }),
      await token({}, stranger),
      unsigned,
      'no.jwt.atall',
      'nothing',
    ];
    for (const text of bad) expect(await userOf(text)).toBeUndefined();
    expect(await userOf(await token({ exp: seconds() - 5 }))).toBeDefined();
  });

  test('flags that say too little are refused', () => {
    expect(issuerOfFlags({ ...FLAGS, oidcClientId: '' })).toBeUndefined();
    expect(() => issuerOfFlags(FLAGS)).toThrow(/go together/);
    expect(() => byFlags({ oidcIssuerUrl: 'http://x' })).toThrow(/--oidc-issuer-url.*https/);
    expect(() => byFlags({ oidcSigningAlgs: ['HS256'] })).toThrow(/--oidc-signing-algs/);
    expect(() => byFlags({ oidcRequiredClaim: ['x'] })).toThrow(/claim=value/);
  });
});

describe('keys of the provider', () => {
  test('are fetched once, again for a new key but not for every unknown one, and stay good while the provider is down', async () => {
    const tokens = oidcTokens([byFlags()], { clock, log: silent });
    const takes = async (text: string): Promise<boolean> => (await tokens.authenticateToken(text, [])) !== undefined;
    expect(await Promise.all([takes(await token()), takes(await token())])).toEqual([true, true]);
    expect(asked).toBe(1);
    const next = keyAt(1);
    keys.push(next);
    expect(await takes(await token({}, next))).toBe(false);
    await clock.advance(10_000);
    expect(await takes(await token({}, next))).toBe(true);
    expect(asked).toBe(2);
    down = true;
    await clock.advance(11 * 60_000);
    expect(await takes(await token())).toBe(true);
  });

  test('of a document of another issuer are not believed', async () => {
    issuer = 'https://else';
    expect(await userOf(await token())).toBeUndefined();
  });
});

describe('with a configuration file', () => {
  test('claims are mapped and judged by expressions', async () => {
    const made = byFile({
      claimValidationRules: [{ expression: 'claims.hd == "x.io"', message: 'wrong domain' }],
      claimMappings: {
        username: { expression: '"corp:" + claims.sub.lowerAscii()' },
        groups: { expression: 'claims.roles.split(",")' },
        uid: { claim: 'oid' },
        extra: [{ key: 'x.io/team', valueExpression: 'claims.team' }],
      },
      userValidationRules: [{ expression: "!user.username.startsWith('system:')" }, { expression: 'user.groups.size() < 3' }],
    });
    const claims = { hd: 'x.io', sub: 'JANE', roles: 'a,b', oid: '7', team: 'core', jti: 'j' };
    expect(await userOf(await token(claims), made)).toEqual({
      username: 'corp:jane',
      uid: '7',
      groups: ['a', 'b'],
      extra: { 'x.io/team': ['core'], 'authentication.kubernetes.io/credential-id': ['JTI=j'] },
    });
    expect(await userOf(await token({ ...claims, hd: 'y.io' }), made)).toBeUndefined();
    expect(await userOf(await token({ ...claims, roles: 'a,b,c' }), made)).toBeUndefined();
    expect(await userOf(await token({ ...claims, roles: undefined }), made)).toBeUndefined();
  });

  test.each([
    [{ issuer: { url: 'https://x', audiences: [] } }, /jwt\[0\]\.issuer\.audiences/],
    [{ issuer: { url: 'http://x', audiences: ['a'] }, claimMappings: { username: { claim: 'sub', prefix: '' } } }, /issuer\.url.*https/],
    [{ claimMappings: { username: { claim: 'sub' } } }, /username\.prefix/],
    [{ claimMappings: {} }, /claimMappings\.username/],
    [{ claimMappings: { username: { claim: 'a', prefix: '', expression: 'claims.b' } } }, /not both/],
    [{ claimMappings: { username: { expression: 'claims.' } } }, /username\.expression: compilation failed/],
    [{ claimMappings: { username: { claim: 'a', prefix: '' } }, claimValidationRules: [{ expression: '"x"' }] }, /evaluate to bool/],
  ])('what is not clear is refused with its place: %j', (jwt, message) => expect(() => byFile(jwt)).toThrow(message));

  test('anonymous requests are taken where it says', () => {
    const of = (anonymous: object) =>
      authenticationConfig({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', anonymous }).anonymousPaths;
    expect(of({ enabled: false })).toEqual([]);
    expect(of({ enabled: true, conditions: [{ path: '/livez' }] })).toEqual(['/livez']);
    expect(of({ enabled: true })).toBeUndefined();
  });
});

test('over sockets: the user of a token is judged by RBAC, and anonymous requests pass only where they may', async () => {
  const tokens = oidcTokens([byFlags({ oidcUsernamePrefix: 'oidc:' })], { clock: systemClock, log: silent });
  const plane = await memoryServer({ tokens: [tokens], anonymousPaths: ['/livez'] });
  const { Agent, request } = await import('undici');
  const listening = await plane.listen();
  const dispatcher = new Agent({ connect: { ca: plane.pki.caCert } });
  const get = async (path: string, bearer?: string) => {
    const headers = bearer ? { authorization: `Bearer ${bearer}` } : {};
    const answer = await request(`https://127.0.0.1:${listening.port}${path}`, { dispatcher, headers });
    return { code: answer.statusCode, body: (await answer.body.json().catch(() => ({}))) as { message?: string } };
  };
  const now = Math.floor(systemClock.now() / 1000);
  const jane = await token({ iat: now, exp: now + 60 });
  expect(await get('/api/v1/secrets', jane)).toMatchObject({
    code: 403,
    body: { message: expect.stringContaining('User "oidc:jane" cannot list') as string },
  });
  expect(await get('/api', jane)).toMatchObject({ code: 200 });
  expect(await get('/api/v1/secrets', await token({ iat: now, exp: now + 60, aud: 'else' }))).toMatchObject({ code: 401 });
  expect(await get('/version')).toMatchObject({ code: 401 });
  expect(await get('/livez')).toMatchObject({ code: 200 });
  await dispatcher.close();
  await plane.close();
});
