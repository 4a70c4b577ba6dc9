// Group A: discovery and the server itself.
import { kubectl, raw } from '../check.ts';
import { equal, expect, lacks, matches, refused } from '../expect.ts';
import { ok, status } from '../http.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const AGGREGATED_BETA = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
const GNOSTIC = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const VERSIONS = ['v1', 'apps/v1', 'cluster.karmada.io/v1alpha1', 'policy.karmada.io/v1alpha1', 'work.karmada.io/v1alpha2'];

export const discoveryChecks = [
  kubectl('A01', 'version', async t => {
    matches(await t.k`version`, /Server Version: .*v1\.36/);
    const version = JSON.parse(await t.k`version -o json`);
    matches(version.serverVersion.gitVersion, /^v1\.36\.\d+\+flotilla/, 'gitVersion');
  }),
  kubectl('A02', 'cluster-info', async t => matches(await t.k`cluster-info`, /is running at/)),
  kubectl('A03', 'health endpoints', async t => {
    for (const path of ['/healthz', '/livez', '/readyz']) {
      equal(await t.k`get --raw ${path}`, 'ok', path);
      matches(await t.k`get --raw ${`${path}?verbose`}`, new RegExp(`\\[\\+\\]ping ok[^]*${path.slice(1)} check passed\n$`));
    }
  }),
  kubectl('A04', 'api-versions', async t => {
    const versions = (await t.k`api-versions`).split('\n');
    for (const version of VERSIONS) expect(versions.includes(version), `${version} is missing`, versions);
  }),
  kubectl('A05', 'api-resources', async t => {
    const all = await t.k`api-resources`;
    for (const [short, kind] of [
      ['pp', 'PropagationPolicy'],
      ['cpp', 'ClusterPropagationPolicy'],
      ['rb', 'ResourceBinding'],
      ['crb', 'ClusterResourceBinding'],
      ['wk', 'Work'],
    ])
      matches(all, new RegExp(`\\b${short}\\b.*\\b${kind}\n`));
    matches(await t.k`api-resources -o wide`, /^configmaps .*create.*delete.*get.*list.*patch.*update.*watch/m);
    matches(await t.k`api-resources --namespaced=false -o name`, /^clusters\.cluster\.karmada\.io$/m);
    if (t.minor < 27) return;
    const karmada = await t.k`api-resources --categories=karmada-io -o name`;
    for (const name of ['propagationpolicies.policy.karmada.io', 'resourcebindings.work.karmada.io'])
      matches(karmada, new RegExp(`^${name}$`, 'm'));
    lacks(karmada, /^configmaps$/m);
  }),
  raw('A06', 'discovery in every form, and 304 when nothing changed', async t => {
    equal((await t.get('/api')).kind, 'APIVersions', '/api');
    equal((await t.get('/apis')).kind, 'APIGroupList', '/apis');
    for (const accept of [
      `${AGGREGATED},application/json`,
      `application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io`,
      AGGREGATED_BETA,
    ]) {
      for (const path of ['/api', '/apis']) {
        const first = await t.send('GET', path, { headers: { Accept: accept } });
        equal(ok(first).kind, 'APIGroupDiscoveryList', `${path} ${accept}`);
        matches(first.headers['content-type'] ?? '', /g=apidiscovery\.k8s\.io;v=v2(beta1)?;as=APIGroupDiscoveryList/, 'Content-Type');
        const again = await t.send('GET', path, { headers: { Accept: accept, 'If-None-Match': String(first.headers.etag) } });
        equal([again.status, again.text], [304, ''], 'the second answer');
      }
    }
  }),
  raw('A07', 'OpenAPI v3: every group version, its hash, and 301 from a stale one', async t => {
    const { paths } = await t.get('/openapi/v3');
    for (const version of VERSIONS)
      expect(paths[version === 'v1' ? 'api/v1' : `apis/${version}`], `${version} is missing`, Object.keys(paths));
    for (const { serverRelativeURL: url } of Object.values<{ serverRelativeURL: string }>(paths)) {
      const document = ok(await t.send('GET', url), 200);
      matches(document.openapi, /^3\.0/, url);
      const stale = await t.send('GET', url.replace(/hash=.*/, 'hash=00'));
      equal([stale.status, stale.headers.location], [301, url], `a stale hash of ${url}`);
    }
  }),
  raw('A08', 'OpenAPI v2 as JSON and as gnostic protobuf; 406 for what is unknown', async t => {
    const json = await t.get('/openapi/v2');
    equal(json.swagger, '2.0', 'swagger');
    expect(json.definitions['io.k8s.api.apps.v1.Deployment'], 'Deployment is not defined');
    const proto = await t.send('GET', '/openapi/v2', { headers: { Accept: GNOSTIC } });
    equal(proto.headers['content-type'], 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf', 'Content-Type');
    // Document{swagger=1: "2.0"}
    equal([...proto.bytes.subarray(0, 5)], [0x0a, 3, 0x32, 0x2e, 0x30], 'the first field of the document');
    equal((await t.send('GET', '/openapi/v2', { headers: { Accept: 'text/html' } })).status, 406, 'text/html');
  }),
  kubectl('A09', 'explain', async t => {
    matches(await t.k`explain pod.spec.containers --recursive`, /imagePullPolicy/);
    matches(await t.k`explain pp.spec.placement`, /clusterAffinity/);
    matches(await t.k`explain deployment.spec.replicas`, /integer/);
  }),
  kubectl('A10', 'what does not exist', async t => {
    refused(await t.tries`get --raw /nope`, /NotFound|not find/);
    refused(await t.tries`get foos`, /the server doesn't have a resource type "foos"/);
  }),
  raw('A11', 'without credentials', async t => {
    status(await t.send('GET', '/api/v1/pods', { token: '' }), 403, 'Forbidden');
    matches(ok(await t.send('GET', '/version', { token: '' })).gitVersion, /^v1/);
    const { message } = status(await t.send('GET', '/api/v1/pods', { token: 'wrong' }), 401, 'Unauthorized');
    equal(message, 'Unauthorized', 'message');
  }),
  kubectl('A12', 'metrics of requests rise', async t => {
    const count = async (): Promise<number> => {
      const lines = (await t.k`get --raw /metrics`)
        .split('\n')
        .filter(l =>
          /^apiserver_request_total\{.*resource="configmaps".*verb="LIST"|^apiserver_request_total\{.*verb="LIST".*resource="configmaps"/.test(
            l,
          ),
        );
      return lines.reduce((sum, l) => sum + Number(l.split(' ').at(-1)), 0);
    };
    const before = await count();
    await t.k`get configmaps`;
    expect((await count()) > before, 'apiserver_request_total does not rise', before);
  }),
];
