// Group G, the other clients: 113 to 117, 121 to 123, 125, 126, as they send it.

import { encodeProtobuf, systemClock } from '../../../kube/index.ts';
import { clientNode, raw } from '../check.ts';
import { equal, eventually, expect, matches } from '../expect.ts';
import { type Answer, type Json, ok, status } from '../http.ts';
import { reflector } from '../reflector.ts';
import type { RawSession } from '../session.ts';
import { fill } from './f-lists.ts';
import { definition, established, widget } from './material.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const leases = (t: RawSession, name = ''): string => `/apis/coordination.k8s.io/v1/namespaces/${t.ns}/leases${name && `/${name}`}`;

/** As client-go 0.35 sends a typed object: protobuf there, protobuf or JSON back. */
function typed(t: RawSession, method: string, path: string, object: Json): Promise<Answer> {
  const headers = {
    'Content-Type': PROTOBUF,
    Accept: `${PROTOBUF},application/json`,
    'User-Agent': 'leader/v1 (linux/amd64) kubernetes/abc',
  };
  return t.send(method, path, { body: Buffer.from(encodeProtobuf(object)), headers });
}

const lease = (t: RawSession, holder: string, more: object = {}): Json => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'leader', namespace: t.ns, ...more },
  spec: { holderIdentity: holder, leaseDurationSeconds: 1, renewTime: new Date(systemClock.now()).toISOString().replace('Z', '000Z') },
});

export const clientChecks = [
  raw('G113', 'typed clients in protobuf; two candidates for one Lease', async t => {
    const made = await typed(t, 'POST', leases(t), lease(t, 'a'));
    equal(made.status, 201, `created (${made.text})`);
    const seen = await t.get(leases(t, 'leader'));
    const [one, two] = await Promise.all(
      ['b', 'c'].map(holder => typed(t, 'PUT', leases(t, 'leader'), lease(t, holder, { resourceVersion: seen.metadata.resourceVersion }))),
    );
    equal([one?.status, two?.status].sort(), [200, 409], 'one takes over');
    equal(
      (await typed(t, 'POST', t.core('configmaps'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'p' }, data: { k: 'v' } }))
        .status,
      201,
      'a config map',
    );
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          spec: { containers: [{ name: 'c', image: 'x', resources: { limits: { cpu: '100m' } } }] },
        },
      },
    };
    equal((await typed(t, 'POST', t.apps('deployments'), deployment)).status, 201, 'a Deployment');
    equal((await t.get(t.apps('deployments', 'd'))).spec.template.spec.containers[0].resources.limits.cpu, '100m', 'a quantity');
    const list = await t.send('GET', t.core('configmaps'), { headers: { Accept: `${PROTOBUF}, application/json` } });
    expect(list.status === 200 && /protobuf|json/.test(list.headers['content-type'] ?? ''), 'no list', list.text);
  }),
  raw('G114', 'an informer is in step within 2 s', async t => {
    await fill(t.http, t.core('configmaps'), 1000);
    const began = performance.now();
    const copy = reflector(t.http, t.core('configmaps'));
    await eventually('in step', () => copy.names().length === 1000);
    expect(performance.now() - began < 2000, 'it took longer', performance.now() - began);
    await t.configMap('live');
    await eventually('a live event', () => copy.get('live'));
    copy.stop();
  }),
  raw('G115', 'controller-runtime: metadata-only lists, patches of status', async t => {
    const path = await established(t, definition(t.tag, { version: { subresources: { status: {} } } }));
    const made = await t.post(path, widget(t.tag, 'w', { size: 1 }));
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
    const list = await t.get(path, { headers: { Accept: accept } });
    equal(
      [list.kind, list.items[0].kind, list.items[0].spec],
      ['PartialObjectMetadataList', 'PartialObjectMetadata', undefined],
      'the list',
    );
    const patch = JSON.stringify({ metadata: { resourceVersion: made.metadata.resourceVersion }, status: { ready: true } });
    const patched = ok(await t.patch(`${path}/w/status`, 'merge-patch+json', patch), 200);
    equal(patched.status, { ready: true }, 'status');
    status(await t.patch(`${path}/w/status`, 'merge-patch+json', patch), 409, 'Conflict');
  }),
  raw('G115', 'controller-runtime: client.Apply', async t => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: t.ns }, data: { k: 'v' } };
    const done = ok(await t.patch(t.core('configmaps', 'a', 'fieldManager=runtime&force=true'), 'apply-patch+yaml', JSON.stringify(body)));
    equal(done.data, { k: 'v' }, 'data');
  }),
  clientNode('G116', 'list, watch, informer, patches, any object', async t => {
    const k8s = await import('@kubernetes/client-node');
    const config = await t.kubeConfig();
    const core = config.makeApiClient(k8s.CoreV1Api);
    await core.createNamespacedConfigMap({ namespace: t.ns, body: { metadata: { name: 'a' }, data: { k: 'v' } } });
    equal(
      (await core.listNamespacedConfigMap({ namespace: t.ns })).items.map(i => i.metadata?.name),
      ['a'],
      'list',
    );
    const seen: string[] = [];
    const informer = k8s.makeInformer(config, t.core('configmaps'), () => core.listNamespacedConfigMap({ namespace: t.ns }));
    informer.on('add', o => seen.push(`add ${o.metadata?.name}`));
    informer.on('update', o => seen.push(`update ${o.metadata?.name}`));
    informer.on('delete', o => seen.push(`delete ${o.metadata?.name}`));
    await informer.start();
    const watched: string[] = [];
    const watch = new k8s.Watch(config);
    const aborter = await watch.watch(
      t.core('configmaps'),
      {},
      (type, o) => watched.push(`${type} ${o.metadata.name}`),
      () => undefined,
    );
    await eventually('the watch is there', () => watched.includes('ADDED a'));
    const bodies = [
      [k8s.PatchStrategy.MergePatch, { data: { m: '1' } }],
      [k8s.PatchStrategy.StrategicMergePatch, { data: { s: '1' } }],
      [k8s.PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/j', value: '1' }]],
    ] as const;
    for (const [strategy, body] of bodies)
      await core.patchNamespacedConfigMap({ name: 'a', namespace: t.ns, body }, k8s.setHeaderOptions('Content-Type', strategy));
    equal(
      Object.keys((await core.readNamespacedConfigMap({ name: 'a', namespace: t.ns })).data ?? {}).sort(),
      ['j', 'k', 'm', 's'],
      'data after the patches',
    );
    const objects = k8s.KubernetesObjectApi.makeApiClient(config);
    const policy = {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'PropagationPolicy',
      metadata: { name: 'p', namespace: t.ns },
      spec: { resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap', name: `none-${t.tag}` }] },
    };
    await objects.create(policy);
    equal((await objects.read({ ...policy, metadata: { name: 'p', namespace: t.ns } })).metadata?.name, 'p', 'read');
    await objects.delete({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: t.ns } });
    await eventually('informer and watch see the end', () => seen.includes('delete a') && watched.includes('DELETED a'), {
      last: () => [seen, watched],
    });
    expect(seen[0] === 'add a' && seen.filter(s => s === 'update a').length === 3, 'the informer missed something', seen);
    await informer.stop();
    aborter.abort();
  }),
  raw('G117', 'pages as python and java read them; YAML as curl sends it', async t => {
    await fill(t.http, t.core('configmaps'), 25);
    const first = await t.get(t.core('configmaps', '', 'limit=10'));
    equal([first.items.length, first.metadata.remainingItemCount], [10, 15], 'the first page');
    const second = await t.get(t.core('configmaps', '', `limit=10&continue=${encodeURIComponent(first.metadata.continue)}`));
    equal([second.items.length, second.items[0].metadata.name], [10, 'm-0010'], 'the second page');
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  k: "1"\n';
    const made = await t.send('POST', t.core('configmaps'), {
      body: yaml,
      headers: { 'Content-Type': 'application/yaml', 'User-Agent': 'curl/8', Accept: '*/*' },
    });
    equal(made.status, 201, made.text);
    matches(made.text, /^\{\n {2}"kind": "ConfigMap"/, 'what curl sees');
    matches(
      (await t.send('GET', t.core('configmaps', 'yaml'), { headers: { Accept: 'application/yaml' } })).text,
      /^apiVersion: v1\n/,
      'YAML back',
    );
  }),
  raw('G121', 'dashboard: log in with the token of a Secret', async t => {
    await t.post(t.core('serviceaccounts'), { metadata: { name: 'admin' } });
    const type = 'kubernetes.io/service-account-token';
    await t.post(t.core('secrets'), {
      metadata: { name: 'admin-token', annotations: { 'kubernetes.io/service-account.name': 'admin' } },
      type,
    });
    const { data } = await eventually('the token is filled in', async () => {
      const secret = await t.get(t.core('secrets', 'admin-token'));
      return secret.data?.token ? secret : undefined;
    });
    expect(data['ca.crt'] && data.namespace, 'ca.crt or namespace is missing', Object.keys(data));
    const token = Buffer.from(data.token, 'base64').toString();
    const clusters = '/apis/cluster.karmada.io/v1alpha1/clusters';
    status(await t.send('GET', clusters, { token }), 403, 'Forbidden');
    await t.post('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name: `dashboard-${t.tag}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'admin', namespace: t.ns }],
    });
    await eventually('the binding counts', async () => (await t.send('GET', clusters, { token })).status === 200);
  }),
  raw('G122', 'k9s: what it asks at its start', async t => {
    const review = async (resource: string): Promise<boolean> =>
      (await t.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes: { verb: 'list', resource } } }))
        .status.allowed;
    equal([await review('pods'), await review('namespaces')], [true, true], 'access');
    const rules = await t.post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: t.ns } });
    expect(rules.status.resourceRules.length > 0 && Array.isArray(rules.status.nonResourceRules), 'no rules', rules.status);
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io, application/json';
    const crds = await t.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { headers: { Accept: table } });
    equal(crds.kind, 'Table', 'definitions');
    equal((await t.send('GET', '/apis/metrics.k8s.io/v1beta1')).status, 404, 'metrics');
  }),
  raw('G123', 'Argo CD: list in pages and watch every kind', async t => {
    const followed: string[] = [];
    for (const path of await collections(t)) {
      const list = await t.get(`${path}?limit=500`);
      const watching = await t.watch(
        `${path}?watch=true&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=${list.metadata.resourceVersion}`,
      );
      expect(watching.status === 200, `${path} is not watched`, watching.status);
      followed.push(path);
      watching.close();
    }
    expect(followed.length > 60, 'few kinds', followed.length);
  }),
  raw('G125', 'Flux: dry runs of server-side apply', async t => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } });
    const dry = ok(
      await t.patch(t.core('configmaps', 'a', 'dryRun=All&fieldManager=kustomize-controller&force=true'), 'apply-patch+yaml', body),
    );
    equal(dry.data, { k: 'v' }, 'data');
    equal((await t.send('GET', t.core('configmaps', 'a'))).status, 404, 'afterwards');
  }),
  raw('G126', 'watches of every kind leave nothing behind', async t => {
    const open = async (): Promise<number> => {
      const text = (await t.send('GET', '/metrics')).text;
      return text
        .split('\n')
        .filter(l => l.startsWith('apiserver_longrunning_requests{'))
        .reduce((sum, l) => sum + Number(l.split(' ').at(-1)), 0);
    };
    const paths = await collections(t);
    const watches = await Promise.all(paths.map(path => t.watch(`${path}?watch=true`)));
    const during = await open();
    expect(during >= paths.length, 'the watches are not counted', during);
    for (const watching of watches) watching.close();
    await eventually('the watches are gone', async () => (await open()) <= during - paths.length + 20);
  }),
];

/** Paths of everything that can be listed and watched, preferred versions only. */
async function collections(t: RawSession): Promise<string[]> {
  const groups = (await t.get('/apis')).groups.map((g: Json) => `/apis/${g.preferredVersion.groupVersion}`);
  const paths: string[] = [];
  for (const root of ['/api/v1', ...groups]) {
    const found = (await t.get(root)).resources.filter(
      (r: Json) => !r.name.includes('/') && r.verbs.includes('list') && r.verbs.includes('watch'),
    );
    paths.push(...found.map((r: Json) => `${root}/${r.name}`));
  }
  return paths.filter(path => !/\.example\.com\//.test(path));
}
