import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyObject, at, type Client, type Resource, resource, simulatedClock, systemClock } from '../../kube/index.ts';
import { type MemoryServer, memoryServer } from '../memory-server.ts';
import { type KeyPair, Pki, signLeaf } from './pki.ts';
import { staticTokens } from './static-tokens.ts';

const namespaced = (name: string, plural: string): Resource<AnyObject> =>
  resource({ group: '', version: 'v1', kind: name, plural, scope: 'Namespaced' });
const ACCOUNTS = namespaced('ServiceAccount', 'serviceaccounts');
const SECRETS = namespaced('Secret', 'secrets');

let plane: MemoryServer;
let client: Client;
let port: number;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-identity-'));
  plane = await memoryServer({ tokens: [staticTokens('# comment\nsesame,"jane, the admin",7,"dev,ops"\nplain,bob,\n')] });
  client = plane.client;
  port = (await plane.listen()).port;
});
afterAll(async () => {
  await plane.close();
  rmSync(dir, { recursive: true });
});

interface Who {
  readonly code: number;
  readonly user: {
    readonly username?: string;
    readonly uid?: string;
    readonly groups?: string[];
    readonly extra?: Record<string, string[]>;
  };
}

/** Whom the server takes a request for. */
async function whoAmI(o: { bearer?: string; certificate?: KeyPair; headers?: Record<string, string | string[]> }): Promise<Who> {
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connect: { ca: plane.pki.caCert, ...o.certificate } });
  try {
    const answer = await request(`https://127.0.0.1:${port}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json', ...(o.bearer ? { authorization: `Bearer ${o.bearer}` } : {}), ...o.headers },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
    });
    const body = await answer.body.json();
    return { code: answer.statusCode, user: (at(body, 'status', 'userInfo') ?? {}) as Who['user'] };
  } finally {
    await dispatcher.close();
  }
}

describe('certificates', () => {
  test('give the common name as user and organisations as groups', async () => {
    const { user } = await whoAmI({ certificate: await plane.certificate('jane', 'dev', 'ops') });
    expect(user).toMatchObject({ username: 'jane', groups: ['dev', 'ops', 'system:authenticated'] });
    expect(user.extra?.['authentication.kubernetes.io/credential-id']?.[0]).toMatch(/^X509SHA256=[0-9a-f]{64}$/);
  });

  test('of another CA, or expired, are refused, unless a token says who asks', async () => {
    const other = await Pki.open(join(dir, 'other'), systemClock);
    const foreign = await other.issue({ commonName: 'jane', organizations: ['system:masters'] });
    expect((await whoAmI({ certificate: foreign })).code).toBe(401);
    expect((await whoAmI({ certificate: foreign, bearer: 'plain' })).user.username).toBe('bob');
  });

  test('that have expired are refused', async () => {
    const past = simulatedClock({ start: systemClock.now() - 10 * 24 * 3600_000 });
    const keys = (await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])) as webcrypto.CryptoKeyPair;
    const cert = await signLeaf(plane.pki.ca, { commonName: 'late', publicKey: keys.publicKey, days: 1 }, past);
    const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    const key = `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
    expect((await whoAmI({ certificate: { cert, key } })).code).toBe(401);
  });
});

describe('tokens of a file', () => {
  test('stand for their user, with commas in quotes', async () => {
    expect((await whoAmI({ bearer: 'sesame' })).user).toEqual({
      username: 'jane, the admin',
      uid: '7',
      groups: ['dev', 'ops', 'system:authenticated'],
    });
  });

  test('that nobody knows are refused, also where an anonymous request would be taken', async () => {
    expect((await whoAmI({ bearer: 'sesam' })).code).toBe(401);
    expect((await whoAmI({})).code).toBe(403);
  });

  test('are for the server, and a review for another audience does not take them', async () => {
    const reviews = resource({
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenReview',
      plural: 'tokenreviews',
      scope: 'Cluster',
    });
    const taken = async (audiences?: string[]): Promise<unknown> => {
      const spec = { token: 'sesame', ...(audiences ? { audiences } : {}) };
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec };
      return at(await client.create(reviews, review as unknown as AnyObject), 'status', 'authenticated') === true;
    };
    expect(await Promise.all([taken(), taken(['vault'])])).toEqual([true, false]);
  });

  test('in a file with a line that lacks its user are not read, and the error does not show the token', () => {
    expect(() => staticTokens('a,b,c\nsecret\n')).toThrow(/^line 2 of the token file/);
    expect(() => staticTokens('a,b,c\nsecret\n')).not.toThrow(/secret/);
  });
});

describe('bootstrap tokens', () => {
  const secret = (id: string, more: Record<string, string> = {}): AnyObject =>
    ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
      type: 'bootstrap.kubernetes.io/token',
      stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', ...more },
    }) as unknown as AnyObject;

  test('stand for system:bootstrap:<id> with their groups, while they have not expired and may authenticate', async () => {
    await client.create(SECRETS, secret('aaaaaa', { 'auth-extra-groups': 'system:bootstrappers:karmada' }));
    await client.create(SECRETS, secret('bbbbbb', { 'usage-bootstrap-authentication': 'false' }));
    expect((await whoAmI({ bearer: 'aaaaaa.0123456789abcdef' })).user).toMatchObject({
      username: 'system:bootstrap:aaaaaa',
      groups: ['system:bootstrappers', 'system:bootstrappers:karmada', 'system:authenticated'],
    });
    expect((await whoAmI({ bearer: 'aaaaaa.0123456789abcdeX' })).code).toBe(401);
    expect((await whoAmI({ bearer: 'bbbbbb.0123456789abcdef' })).code).toBe(401);
    await client.delete(SECRETS, { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' });
    expect((await whoAmI({ bearer: 'aaaaaa.0123456789abcdef' })).code).toBe(401);
  });
});

describe('service accounts', () => {
  const account = (name: string): AnyObject => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'default', name } });
  const tokenFor = async (name: string, spec: object = {}): Promise<string> => {
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { namespace: 'default', name }, spec };
    return String(at(await client.create(ACCOUNTS, request as unknown as AnyObject, { subresource: 'token' }), 'status', 'token'));
  };

  test('get tokens that stand for them and their namespace, until they are gone', async () => {
    await client.create(ACCOUNTS, account('a'));
    const bearer = await tokenFor('a');
    expect((await whoAmI({ bearer })).user).toMatchObject({
      username: 'system:serviceaccount:default:a',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
    await client.delete(ACCOUNTS, { namespace: 'default', name: 'a' });
    await client.create(ACCOUNTS, account('a'));
    expect((await whoAmI({ bearer })).code).toBe(401);
  });

  test('get tokens that hang on a Secret and for other audiences than the server', async () => {
    await client.create(ACCOUNTS, account('b'));
    await client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 'bound' } } as AnyObject);
    const bearer = await tokenFor('b', { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'bound' } });
    expect((await whoAmI({ bearer })).code).toBe(201);
    await client.delete(SECRETS, { namespace: 'default', name: 'bound' });
    expect((await whoAmI({ bearer })).code).toBe(401);
    expect((await whoAmI({ bearer: await tokenFor('b', { audiences: ['vault'] }) })).code).toBe(401);
  });

  test('get tokens that are kept in a Secret of their type', async () => {
    await client.create(ACCOUNTS, account('c'));
    const kept = { namespace: 'default', name: 'kept' };
    const annotations = { 'kubernetes.io/service-account.name': 'c' };
    await client.create(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...kept, annotations },
      type: 'kubernetes.io/service-account-token',
    } as AnyObject);
    const read = async (): Promise<string> =>
      Buffer.from(String(at(await client.get(SECRETS, kept), 'data', 'token') ?? ''), 'base64').toString();
    await expect.poll(read).not.toBe('');
    expect((await whoAmI({ bearer: await read() })).user.username).toBe('system:serviceaccount:default:c');
  });
});

describe('acting as somebody else', () => {
  test('an administrator may, with uid, groups and extra values', async () => {
    const certificate = await plane.certificate('root', 'system:masters');
    const headers = {
      'impersonate-user': 'eve',
      'impersonate-uid': '5',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-team%2fname': 'core',
    };
    expect((await whoAmI({ certificate, headers })).user).toEqual({
      username: 'eve',
      uid: '5',
      groups: ['a', 'b', 'system:authenticated'],
      extra: { 'team/name': ['core'] },
    });
  });

  test('a service account acted as has its groups', async () => {
    const certificate = await plane.certificate('root', 'system:masters');
    const headers = { 'impersonate-user': 'system:serviceaccount:kube-system:x' };
    expect((await whoAmI({ certificate, headers })).user.groups).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:kube-system',
      'system:authenticated',
    ]);
  });

  test('others may not', async () => {
    const certificate = await plane.certificate('jane', 'dev');
    expect((await whoAmI({ certificate, headers: { 'impersonate-user': 'eve' } })).code).toBe(403);
  });
});
