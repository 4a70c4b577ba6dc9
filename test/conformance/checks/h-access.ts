// Group H, who may do what: 127 to 132, 134, 135.
import { kubectl, raw } from '../check.ts';
import { equal, eventually, matches, refused } from '../expect.ts';
import { Http, type Json, ok, status } from '../http.ts';
import type { RawSession } from '../session.ts';
import { certificateRequest } from './material.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';

/** A service account with a role of its own in this namespace; its token. */
async function robot(t: RawSession, name: string, rules: readonly object[]): Promise<string> {
  await t.post(t.core('serviceaccounts'), { metadata: { name } });
  await t.post(`${RBAC}/namespaces/${t.ns}/roles`, { metadata: { name }, rules });
  await t.post(`${RBAC}/namespaces/${t.ns}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: t.ns }],
  });
  return (await t.post(t.core('serviceaccounts', `${name}/token`), { spec: {} })).status.token;
}

/** An approved certificate of the cluster's own signer. */
async function certificate(t: RawSession, user: string, group: string): Promise<{ cert: string; key: string }> {
  const { request, key } = await certificateRequest(user, group);
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const made = await t.post(path, {
    metadata: { name: t.tag },
    spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
  });
  const condition = { type: 'Approved', status: 'True', reason: 'Test', message: '' };
  await t.put(`${path}/${t.tag}/approval`, { ...made, status: { conditions: [condition] } });
  const issued = await eventually(
    'the certificate',
    async () => (await t.get(`${path}/${t.tag}`)).status.certificate as string | undefined,
  );
  return { cert: Buffer.from(issued, 'base64').toString(), key };
}

const whoami = async (http: Http): Promise<Json> =>
  ok(
    await http.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' },
    }),
    201,
  ).status.userInfo;

export const accessChecks = [
  raw('H127', 'certificates: common name and organisations; one of another CA', async t => {
    const { server, ca } = t.http.access;
    const http = new Http({ server, ca, ...(await certificate(t, 'ann', 'team')) });
    const { username, groups } = await whoami(http);
    equal([username, groups.sort()], ['ann', ['system:authenticated', 'team']], 'who it is');
    http.close();
    const { Pki } = await import('../../../apiserver/index.ts');
    const { systemClock } = await import('../../../kube/index.ts');
    const other = await (await Pki.open(t.file('pki', '').replace(/pki$/, 'other'), systemClock)).leaf('x', {
      commonName: 'ann',
      hosts: [],
    });
    const stranger = new Http({ server, ca, ...other });
    const answer = await stranger.send('GET', t.core('configmaps'));
    equal([401, 403].includes(answer.status), true, `a certificate of another CA (${answer.status})`);
    stranger.close();
  }),
  kubectl('H128', 'a bad token', async t => {
    refused(await t.tries`--kubeconfig ${t.tokenConfig('wrong')} get cm`, /You must be logged in to the server/);
  }),
  kubectl('H129', 'a viewer can look, not touch', async t => {
    const token = await robot(t, 'viewer', [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['list'] },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['*/scale'], verbs: ['get'] },
    ]);
    await t.configMap('a');
    await t.k`create deployment d --image=x`;
    const config = t.tokenConfig(token);
    await t.k`--kubeconfig ${config} get cm a`;
    refused(await t.tries`--kubeconfig ${config} get cm b`, /Forbidden/);
    const user = `system:serviceaccount:${t.ns}:viewer`;
    const wanted = `configmaps is forbidden: User "${user}" cannot create resource "configmaps" in API group "" in the namespace "${t.ns}"`;
    matches((await t.tries`--kubeconfig ${config} create cm c`).err, new RegExp(wanted));
    equal((await t.send('GET', t.apps('deployments', 'd/scale'), { token })).status, 200, 'scale');
    equal((await t.send('GET', t.apps('deployments', 'd'), { token })).status, 403, 'the Deployment itself');
    equal((await t.send('GET', '/metrics', { token })).status, 403, 'a path that is no resource');
  }),
  raw('H130', 'an aggregated role takes up a new one', async t => {
    const label = `aggregate-${t.tag}`;
    await t.post(`${RBAC}/clusterroles`, {
      metadata: { name: `sum-${t.tag}` },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: 'yes' } }] },
      rules: [],
    });
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
    await t.post(`${RBAC}/clusterroles`, { metadata: { name: `part-${t.tag}`, labels: { [label]: 'yes' } }, rules });
    await eventually('the rules are taken up', async () => ((await t.get(`${RBAC}/clusterroles/sum-${t.tag}`)).rules ?? []).length === 1, {
      timeoutMs: 4000,
    });
  }),
  raw('H131', 'nobody grants what he has not', async t => {
    const roles = { apiGroups: [GROUP], resources: ['roles'], verbs: ['create'] };
    const token = await robot(t, 'clerk', [roles, { apiGroups: [''], resources: ['pods'], verbs: ['get'] }]);
    const role = (name: string, resource: string): object => ({
      metadata: { name },
      rules: [{ apiGroups: [''], resources: [resource], verbs: ['get'] }],
    });
    const path = `${RBAC}/namespaces/${t.ns}/roles`;
    ok(await t.send('POST', path, { body: role('own', 'pods'), token }), 201);
    status(await t.send('POST', path, { body: role('more', 'secrets'), token }), 403, 'Forbidden');
    const lifted = await robot(t, 'lifted', [{ ...roles, verbs: ['create', 'escalate'] }]);
    ok(await t.send('POST', path, { body: role('lifted-more', 'secrets'), token: lifted }), 201);
  }),
  kubectl('H132', 'acting as another', async t => {
    const token = await robot(t, 'plain', []);
    refused(await t.tries`--kubeconfig ${t.tokenConfig(token)} --as=jane get cm`, /Forbidden/);
    const headers = { 'Impersonate-User': 'jane', 'Impersonate-Group': ['one', 'two, with a comma'] };
    const body = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' };
    const { userInfo } = (await t.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', body, { headers })).status;
    equal([userInfo.username, userInfo.groups], ['jane', ['one', 'two, with a comma', 'system:authenticated']], 'who it is');
    refused(await t.tries`--as=jane --as-group=nobody get cm`, /User "jane" cannot list/);
  }),
  raw('H134', 'tokens end with their account and their Secret', async t => {
    const token = await robot(t, 'short', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }]);
    await t.post(t.core('secrets'), { metadata: { name: 'bound' } });
    const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name: 'bound' };
    const { status: bound } = await t.post(t.core('serviceaccounts', 'short/token'), { spec: { boundObjectRef } });
    ok(await t.send('GET', t.core('configmaps'), { token }), 200);
    ok(await t.send('GET', t.core('configmaps'), { token: bound.token }), 200);
    await t.send('DELETE', t.core('secrets', 'bound'));
    status(await t.send('GET', t.core('configmaps'), { token: bound.token }), 401, 'Unauthorized');
    await t.send('DELETE', t.core('serviceaccounts', 'short'));
    status(await t.send('GET', t.core('configmaps'), { token }), 401, 'Unauthorized');
  }),
  raw('H135', 'bootstrap token', async t => {
    const id = [...t.tag]
      .filter(ch => /[a-z0-9]/.test(ch))
      .join('')
      .padEnd(6, '0')
      .slice(0, 6);
    const data = { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' };
    await t.post('/api/v1/namespaces/kube-system/secrets', {
      metadata: { name: `bootstrap-token-${id}` },
      type: 'bootstrap.kubernetes.io/token',
      stringData: data,
    });
    const body = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' };
    const { userInfo } = (await t.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', body, { token: `${id}.0123456789abcdef` }))
      .status;
    equal(userInfo.username, `system:bootstrap:${id}`, 'who it is');
    matches(userInfo.groups.join(), /system:bootstrappers/, 'groups');
  }),
];
