// Group H, admission: 136, 137.
import { raw } from '../check.ts';
import { equal, eventually, matches } from '../expect.ts';
import { ok, status } from '../http.ts';
import type { RawSession } from '../session.ts';
import { webhook } from '../webhook.ts';

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';

interface Hook {
  readonly url: string;
  readonly caBundle: string;
}

/** A webhook on config maps of this check's namespace. */
const hookOf = (t: RawSession, { url, caBundle }: Hook, more: object = {}): object => ({
  name: 'hook.example.com',
  clientConfig: { url, caBundle },
  rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE', 'UPDATE'] }],
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': t.ns } },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  ...more,
});

export const admissionChecks = [
  raw('H136', 'mutating webhook', async t => {
    const patch = Buffer.from(JSON.stringify([{ op: 'add', path: '/metadata/labels', value: { hooked: 'yes' } }])).toString('base64');
    const hook = await webhook(() => ({ allowed: true, patch, patchType: 'JSONPatch', warnings: ['mind the hook'] }));
    try {
      await t.post(`${REGISTRATION}/mutatingwebhookconfigurations`, { metadata: { name: t.tag }, webhooks: [hookOf(t, hook)] });
      const made = await eventually('the webhook is asked', async () => {
        const answer = await t.send('POST', t.core('configmaps'), { body: { metadata: { generateName: 'a-' } } });
        return answer.json.metadata.labels?.hooked ? answer : undefined;
      });
      matches(made.warnings.join(), /mind the hook/, 'Warning');
      await t.send('DELETE', `${REGISTRATION}/mutatingwebhookconfigurations/${t.tag}`);
    } finally {
      await hook.close();
    }
  }),
  raw('H136', 'validating webhooks: denial, time-out, dead ones, conditions', async t => {
    const hook = await webhook(review =>
      review.request.name === 'slow' ? undefined : { allowed: !/^bad/.test(review.request.name), status: { message: 'no bad names' } },
    );
    const path = `${REGISTRATION}/validatingwebhookconfigurations`;
    const post = (name: string, query = '') => t.send('POST', t.core('configmaps', '', query), { body: { metadata: { name } } });
    const use = async (more: object): Promise<void> => {
      const current = await t.send('GET', `${path}/${t.tag}`);
      const webhooks = [hookOf(t, hook, more)];
      if (current.status === 404) await t.post(path, { metadata: { name: t.tag }, webhooks });
      else await t.put(`${path}/${t.tag}`, { ...current.json, webhooks });
    };
    try {
      await use({
        timeoutSeconds: 3,
        matchConditions: [{ name: 'not-free', expression: "!object.metadata.name.startsWith('bad-but-free')" }],
      });
      equal(status(await post('bad'), 400).message, 'admission webhook "hook.example.com" denied the request: no bad names', 'the denial');
      ok(await post('good'), 201);
      ok(await post('bad-but-free'), 201);
      const dry = await post('good-dry', 'dryRun=All');
      equal(dry.status, 201, 'a dry run');
      matches(status(await post('slow'), 500, 'InternalError').message, /failed calling webhook "hook\.example\.com"/, 'the time-out');
      await use({ clientConfig: { url: 'https://127.0.0.1:1/dead', caBundle: hook.caBundle }, failurePolicy: 'Ignore' });
      ok(await post('ignored'), 201);
      await use({ clientConfig: { url: 'https://127.0.0.1:1/dead', caBundle: hook.caBundle } });
      status(await post('failed'), 500, 'InternalError');
    } finally {
      await t.send('DELETE', `${path}/${t.tag}`);
      await hook.close();
    }
  }),
  raw('H137', 'validating admission policy: deny, warn, parameters', async t => {
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] }] },
      validations: [{ expression: 'object.metadata.name != params.data.name', message: 'not this name' }],
    };
    await t.configMap('params', { name: 'taboo' });
    await t.post(`${REGISTRATION}/validatingadmissionpolicies`, { metadata: { name: t.tag }, spec });
    const bind = (name: string, validationActions: readonly string[]): object => ({
      metadata: { name: `${t.tag}-${name}` },
      spec: {
        policyName: t.tag,
        validationActions,
        paramRef: { name: 'params', namespace: t.ns, parameterNotFoundAction: 'Deny' },
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': t.ns } } },
      },
    });
    const bindings = `${REGISTRATION}/validatingadmissionpolicybindings`;
    await t.post(bindings, bind('warn', ['Warn']));
    const taboo = () => t.send('POST', t.core('secrets', '', 'dryRun=All'), { body: { metadata: { name: 'taboo' } } });
    await eventually('the warning', async () => /not this name/.test((await taboo()).warnings.join()));
    await t.post(bindings, bind('deny', ['Deny']));
    const denied = await eventually('the denial', async () => {
      const answer = await taboo();
      return answer.status === 422 ? answer : undefined;
    });
    matches(
      denied.json.message,
      new RegExp(`ValidatingAdmissionPolicy '${t.tag}' with binding '${t.tag}-deny' denied request: not this name`),
    );
    ok(await t.send('POST', t.core('secrets'), { body: { metadata: { name: 'fine' } } }), 201);
    for (const name of ['warn', 'deny']) await t.send('DELETE', `${bindings}/${t.tag}-${name}`);
  }),
];
