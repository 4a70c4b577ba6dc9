// Group H, what a server is told by flags: 133, 140. Each check starts one of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { raw } from '../check.ts';
import { equal, eventually, expect, lacks } from '../expect.ts';
import { type Http, type Json, ok, status } from '../http.ts';
import { identityProvider } from '../identity-provider.ts';
import { startServer } from '../server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';
const PLAIN = 'never-to-be-logged';

async function whoami(http: Http, token: string): Promise<Json> {
  const body = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' };
  return ok(await http.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body, token }), 201).status.userInfo;
}

/** Writes one of each that the policy speaks of, reads the Secret back, and gives the trail of each request by its audit id. */
async function trailOf(http: Http, log: string): Promise<ReadonlyMap<string, Json>> {
  const secret = { metadata: { name: 's' }, stringData: { password: PLAIN } };
  ok(await http.send('POST', SECRETS, { body: secret, headers: { 'Audit-Id': 'made-secret' } }), 201);
  const read = await http.send('GET', `${SECRETS}/s`, { headers: { 'Audit-Id': 'read-secret' } });
  equal([read.status, read.headers['audit-id']], [200, 'read-secret'], 'what comes back');
  ok(await http.send('POST', MAPS, { body: { metadata: { name: 'm' }, data: { k: 'v' } }, headers: { 'Audit-Id': 'made-map' } }), 201);
  return eventually('the events are written', () => {
    const text = readFileSync(log, 'utf8');
    lacks(text, new RegExp(`${PLAIN}|${Buffer.from(PLAIN).toString('base64')}`), 'the audit log');
    const events = text
      .trim()
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Json);
    const trail = new Map<string, Json>(events.filter(e => e.stage === 'ResponseComplete').map(e => [e.auditID, e]));
    return trail.has('made-secret') && trail.has('read-secret') && trail.has('made-map') ? trail : undefined;
  });
}

export const flagChecks = [
  raw('H133', 'tokens of an OpenID Connect provider: user, groups, prefixes', async () => {
    const provider = await identityProvider();
    const flags = [
      ...['--oidc-issuer-url', provider.url, '--oidc-ca-file', provider.caFile, '--oidc-client-id', 'flotilla'],
      ...['--oidc-username-claim', 'name', '--oidc-username-prefix', 'corp:'],
      ...['--oidc-groups-claim', 'teams', '--oidc-groups-prefix', 'corp:', '--oidc-required-claim', 'tenant=a'],
    ];
    const server = await startServer({ flags });
    try {
      const claims = { aud: 'flotilla', sub: '1', name: 'jane', teams: ['dev'], tenant: 'a' };
      const user = await whoami(server.http, await provider.token(claims));
      equal([user.username, user.groups.sort()], ['corp:jane', ['corp:dev', 'system:authenticated']], 'who it is');
      const refused = async (wrong: Json): Promise<void> => {
        const token = await provider.token({ ...claims, ...wrong });
        status(await server.http.send('GET', MAPS, { token }), 401, 'Unauthorized');
      };
      await refused({ aud: 'another' });
      await refused({ tenant: 'b' });
      await refused({ exp: 1 });
      await refused({ iss: 'https://127.0.0.1:1' });
    } finally {
      await server.close();
      await provider.close();
    }
  }),
  raw('H140', 'audit: no Secret, the id there and back, no managedFields', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'flotilla-audit-'));
    const [log, policy] = [join(dir, 'audit.log'), join(dir, 'policy.json')];
    const rules = [
      { level: 'Metadata', resources: [{ group: '', resources: ['secrets'] }] },
      { level: 'RequestResponse', resources: [{ group: '', resources: ['configmaps'] }], omitManagedFields: true },
      { level: 'None' },
    ];
    writeFileSync(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }));
    const server = await startServer({ flags: ['--audit-log-path', log, '--audit-policy-file', policy] });
    try {
      const trail = await trailOf(server.http, log);
      const secret = trail.get('made-secret');
      equal([secret.level, secret.requestObject, secret.responseObject], ['Metadata', undefined, undefined], 'a Secret');
      const map = trail.get('made-map');
      equal([map.level, map.requestObject.data, map.responseObject.data], ['RequestResponse', { k: 'v' }, { k: 'v' }], 'a ConfigMap');
      expect(map.responseObject.metadata.managedFields === undefined, 'managedFields are there', map.responseObject.metadata);
    } finally {
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    }
  }),
];
