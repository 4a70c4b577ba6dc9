import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AnyObject, type Client, objectOf, type Resource, resource, runAll, stringOf, systemClock } from '../kube/index.ts';
import { Pki } from './auth/pki.ts';
import { componentUser } from './auth/user.ts';
import { CORE_NAMESPACES, ensureNamespaces } from './bootstrap.ts';
import { type ApiServer, apiServer } from './server.ts';
import { MemoryStore } from './store/index.ts';

type Raw = Record<string, unknown>;

const REGISTRATION = { group: 'admissionregistration.k8s.io', version: 'v1', scope: 'Cluster' } as const;
const MUTATING = resource({ ...REGISTRATION, kind: 'MutatingWebhookConfiguration', plural: 'mutatingwebhookconfigurations' });
const VALIDATING = resource({ ...REGISTRATION, kind: 'ValidatingWebhookConfiguration', plural: 'validatingwebhookconfigurations' });
const POLICIES = resource({ ...REGISTRATION, kind: 'MutatingAdmissionPolicy', plural: 'mutatingadmissionpolicies' });
const BINDINGS = resource({ ...REGISTRATION, kind: 'MutatingAdmissionPolicyBinding', plural: 'mutatingadmissionpolicybindings' });
const CONFIG_MAPS = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const SERVICES = resource({ group: '', version: 'v1', kind: 'Service', plural: 'services', scope: 'Namespaced' });
const CRDS = resource({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
});

/** What the hook at a path answers to a request, and which paths were asked. */
const answers = new Map<string, (request: Raw) => Raw>();
let asked: string[] = [];
let hooks: Server;
let dir: string;
let ca: string;
let server: ApiServer;
let client: Client;
const stop = new AbortController();
const port = (): number => (hooks.address() as AddressInfo).port;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hooks-'));
  const pki = await Pki.open(dir, systemClock);
  ca = Buffer.from(pki.caCert).toString('base64');
  const leaf = await pki.leaf('hooks', { commonName: 'hooks', hosts: ['127.0.0.1', 'hook.default.svc'] });
  hooks = createServer({ cert: leaf.cert, key: leaf.key }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(parts).toString()) as Raw;
      const path = (request.url ?? '').split('?')[0] ?? '';
      asked.push(path);
      const body = objectOf(review['request']);
      const answer = { uid: body['uid'], ...answers.get(path)?.(body) };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion: review['apiVersion'], kind: review['kind'], response: answer }));
    });
  });
  await new Promise<void>(resolve => hooks.listen(0, '127.0.0.1', resolve));
  server = await apiServer({
    store: new MemoryStore('webhooks'),
    clock: systemClock,
    authenticators: [],
    authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
  });
  client = server.client(componentUser('test'), 'test');
  void runAll(server.loops, stop.signal);
  await ensureNamespaces(client, CORE_NAMESPACES);
});

afterAll(async () => {
  stop.abort();
  hooks.closeAllConnections();
  await new Promise(resolve => hooks.close(resolve));
  await rm(dir, { recursive: true });
});

beforeEach(() => {
  asked = [];
});

const patch = (...operations: Raw[]): Raw => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
const put = (path: string): Raw => patch({ op: 'add', path, value: 'x' });

/** A webhook for ConfigMaps that carry its label. */
const webhook = (label: string, path: string, more: Raw = {}): Raw => ({
  name: `${path.slice(1)}.example.com`,
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: `https://127.0.0.1:${port()}${path}`, caBundle: ca },
  rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
  objectSelector: { matchLabels: { test: label } },
  ...more,
});

const configuration = (kind: string, name: string, ...webhooks: Raw[]): AnyObject =>
  ({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, webhooks }) as unknown as AnyObject;

const configMap = (label: string, name: string): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', labels: { test: label } },
  data: { k: 'v' },
});

test('mutating webhooks are asked in the order of names, and once more where a later one changed something', async () => {
  answers.set('/first', () => put('/data/first'));
  answers.set('/second', () => put('/data/second'));
  const first = webhook('order', '/first', { reinvocationPolicy: 'IfNeeded' });
  await client.create(MUTATING, configuration('MutatingWebhookConfiguration', 'order-b', webhook('order', '/second')));
  await client.create(MUTATING, configuration('MutatingWebhookConfiguration', 'order-a', first));
  const made = await client.create(CONFIG_MAPS, configMap('order', 'order'));
  expect(made['data']).toEqual({ k: 'v', first: 'x', second: 'x' });
  expect(asked).toEqual(['/first', '/second', '/first']);
});

test('a webhook that refuses is named in the answer', async () => {
  answers.set('/refuse', () => ({ allowed: false, status: { message: 'not today', code: 409, reason: 'Conflict' } }));
  await client.create(VALIDATING, configuration('ValidatingWebhookConfiguration', 'refuse', webhook('refuse', '/refuse')));
  await expect(client.create(CONFIG_MAPS, configMap('refuse', 'refused'))).rejects.toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: 'admission webhook "refuse.example.com" denied the request: not today',
  });
});

test('match conditions decide without asking, and a fault in them refuses', async () => {
  const conditions = (expression: string): Raw => ({ matchConditions: [{ name: 'c', expression }] });
  await client.create(
    VALIDATING,
    configuration(
      'ValidatingWebhookConfiguration',
      'conditions',
      webhook('conditions', '/never', conditions("object.metadata.name == 'other'")),
      webhook('broken', '/neither', conditions('object.nothing == 1')),
    ),
  );
  await client.create(CONFIG_MAPS, configMap('conditions', 'conditions'));
  expect(asked).toEqual([]);
  await expect(client.create(CONFIG_MAPS, configMap('broken', 'broken'))).rejects.toMatchObject({ code: 403 });
});

test('a webhook that cannot be reached fails the request, or nothing under failurePolicy Ignore', async () => {
  const clientConfig = { url: 'https://127.0.0.1:1/gone', caBundle: ca };
  await client.create(
    VALIDATING,
    configuration(
      'ValidatingWebhookConfiguration',
      'gone',
      webhook('gone', '/gone', { clientConfig }),
      webhook('ignored', '/ignored', { clientConfig, failurePolicy: 'Ignore' }),
    ),
  );
  await expect(client.create(CONFIG_MAPS, configMap('gone', 'gone'))).rejects.toMatchObject({
    code: 500,
    message:
      'Internal error occurred: failed calling webhook "gone.example.com": failed to call webhook: Post "https://127.0.0.1:1/gone?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
  });
  await client.create(CONFIG_MAPS, configMap('ignored', 'ignored'));
});

test('a service is called where it is, under its own name', async () => {
  const metadata = { name: 'hook', namespace: 'default' };
  const spec = { type: 'ExternalName', externalName: 'localhost' };
  await client.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata, spec } as unknown as AnyObject);
  answers.set('/service', () => put('/data/service'));
  const clientConfig = { service: { ...metadata, port: port(), path: '/service' }, caBundle: ca };
  await client.create(MUTATING, configuration('MutatingWebhookConfiguration', 'service', webhook('service', '/service', { clientConfig })));
  const made = await client.create(CONFIG_MAPS, configMap('service', 'service'));
  expect(made['data']).toEqual({ k: 'v', service: 'x' });
});

test('a mutating policy applies configurations and patches, each seeing what came before it', async () => {
  const metadata = { name: 'policy' };
  const spec = {
    reinvocationPolicy: 'Never',
    matchConstraints: {
      objectSelector: { matchLabels: { test: 'policy' } },
      resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    },
    mutations: [
      { patchType: 'ApplyConfiguration', applyConfiguration: { expression: "Object{data: {'one': '1'}}" } },
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          expression: "[JSONPatch{op: 'add', path: '/data/' + jsonpatch.escapeKey('two'), value: object.data.one + '2'}]",
        },
      },
    ],
  };
  const { apiVersion } = configuration('', '');
  await client.create(POLICIES, { apiVersion, kind: 'MutatingAdmissionPolicy', metadata, spec } as unknown as AnyObject);
  const binding = { apiVersion, kind: 'MutatingAdmissionPolicyBinding', metadata, spec: { policyName: 'policy' } };
  await client.create(BINDINGS, binding as unknown as AnyObject);
  const made = await client.create(CONFIG_MAPS, configMap('policy', 'policy'));
  expect(made['data']).toEqual({ k: 'v', one: '1', two: '12' });
});

/** Serves Things in v1 (stored, `spec.old`) and v2 (`spec.new`), converted by the hook. */
async function defineThings(group: string): Promise<(v: string) => Resource> {
  const rename = (o: unknown, to: string): Raw => {
    const { spec, ...rest } = objectOf(o);
    const [value] = Object.values(objectOf(spec));
    return { ...rest, apiVersion: to, spec: { [to.endsWith('/v1') ? 'old' : 'new']: value } };
  };
  answers.set('/convert', request => ({
    result: { status: 'Success' },
    convertedObjects: (request['objects'] as unknown[]).map(o => rename(o, stringOf(request['desiredAPIVersion']))),
  }));
  const version = (name: string, key: string): Raw => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { [key]: { type: 'string' } } } } } },
  });
  const clientConfig = { url: `https://127.0.0.1:${port()}/convert`, caBundle: ca };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { plural: 'things', kind: 'Thing' },
      conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } },
      versions: [version('v1', 'old'), version('v2', 'new')],
    },
  };
  await client.create(CRDS, crd as unknown as AnyObject);
  await expect.poll(() => server.core.catalog.find(group, 'v2', 'things')).toBeDefined();
  return v => resource({ group, version: v, kind: 'Thing', plural: 'things', scope: 'Cluster' });
}

const thing = (apiVersion: string, name: string, spec: Raw): AnyObject => ({ apiVersion, kind: 'Thing', metadata: { name }, spec });

test('a conversion webhook is asked once for all objects of a list, and never again for what it has answered', async () => {
  const things = await defineThings('once.example.com');
  for (const name of ['a', 'b']) await client.create(things('v1'), thing('once.example.com/v1', name, { old: name }));
  expect(asked).toEqual([]);
  const listed = await client.list(things('v2'));
  expect(listed.items.map(o => o['spec'])).toEqual([{ new: 'a' }, { new: 'b' }]);
  expect((await client.get(things('v2'), { name: 'a' }))['spec']).toEqual({ new: 'a' });
  expect(asked).toEqual(['/convert']);
  const watching = new AbortController();
  const events = client.watch(things('v2'), { signal: watching.signal, resourceVersion: listed.resourceVersion })[Symbol.asyncIterator]();
  const next = events.next();
  await client.create(things('v2'), thing('once.example.com/v2', 'c', { new: 'c' }));
  expect((await client.get(things('v1'), { name: 'c' }))['spec']).toEqual({ old: 'c' });
  expect((await next).value).toMatchObject({ type: 'ADDED', object: { apiVersion: 'once.example.com/v2', spec: { new: 'c' } } });
  watching.abort();
});

test('a webhook that names another version sees the object in that version', async () => {
  const things = await defineThings('same.example.com');
  let seen: Raw = {};
  answers.set('/see', request => {
    seen = request;
    return { allowed: true };
  });
  const rules = [{ operations: ['CREATE'], apiGroups: ['same.example.com'], apiVersions: ['v2'], resources: ['things'] }];
  const watcher = webhook('', '/see', { rules, objectSelector: {} });
  await client.create(VALIDATING, configuration('ValidatingWebhookConfiguration', 'see', watcher));
  await client.create(things('v1'), thing('same.example.com/v1', 'a', { old: 'x' }));
  expect(seen).toMatchObject({
    kind: { version: 'v2' },
    requestKind: { version: 'v1' },
    object: { apiVersion: 'same.example.com/v2', spec: { new: 'x' } },
  });
});
