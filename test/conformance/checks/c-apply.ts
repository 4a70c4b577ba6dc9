// Group C, applying from the client's side: 54 to 59, 66 to 70.
import { kubectl } from '../check.ts';
import { equal, eventually, expect, lacks, matches, refused } from '../expect.ts';
import type { KubectlSession } from '../session.ts';
import { definition, widget } from './material.ts';

const map = (data: object, metadata: object = {}, name = 'a'): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

export const deploymentOf = (env: readonly string[], more: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { containers: [{ name: 'main', image: 'x', env: env.map(name => ({ name, value: '1' })), ...more }] },
    },
  },
});

export const applyChecks = [
  kubectl('C54', 'apply creates, leaves alone, changes', async t => {
    matches(await t.k`apply -f ${t.file('a.json', map({ k: 'v' }))}`, /configmap\/a created/);
    const made = await t.json`get cm a`;
    expect(made.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration'], 'no last-applied', made.metadata);
    matches(await t.k`apply -f ${t.file('a.json', map({ k: 'v' }))}`, /configmap\/a unchanged/);
    equal((await t.json`get cm a`).metadata.resourceVersion, made.metadata.resourceVersion, 'resourceVersion');
    matches(await t.k`apply -f ${t.file('a.json', map({ k: 'w' }))}`, /configmap\/a configured/);
    equal((await t.json`get cm a`).data, { k: 'w' }, 'data');
  }),
  kubectl('C55', 'a key left out is removed, another’s key stays', async t => {
    await t.k`apply -f ${t.file('a.json', map({ k: 'v', l: 'w' }))}`;
    await t.k`patch cm a --type=merge -p ${'{"data":{"theirs":"1"}}'}`;
    await t.k`apply -f ${t.file('a.json', map({ k: 'v' }))}`;
    equal((await t.json`get cm a`).data, { k: 'v', theirs: '1' }, 'data');
  }),
  kubectl('C56', 'lists merge by key, in the order asked for', async t => {
    await t.k`apply -f ${t.file('d.json', deploymentOf(['A', 'B', 'C']))}`;
    const names = async (): Promise<string[]> =>
      (await t.json`get deploy d`).spec.template.spec.containers[0].env.map((e: { name: string }) => e.name);
    await t.k`apply -f ${t.file('d.json', deploymentOf(['C', 'A']))}`;
    equal(await names(), ['C', 'A'], 'env');
    matches(await t.k`apply -f ${t.file('d.json', deploymentOf(['C', 'A']))}`, /unchanged/);
    await t.k`apply -f ${t.file('d.json', deploymentOf(['C', 'N', 'A']))}`;
    equal(await names(), ['C', 'N', 'A'], 'env with one between');
  }),
  kubectl('C57', 'apply --prune', async t => {
    const labels = { labels: { app: `prune-${t.tag}` } };
    const list = t.minor >= 26 ? '--prune-allowlist=core/v1/ConfigMap' : '--prune-whitelist=core/v1/ConfigMap';
    const apply = (name: string, ...objects: object[]): Promise<string> =>
      t.k`apply --prune ${list} -l ${`app=prune-${t.tag}`} -f ${t.file(name, ...objects)}`;
    await apply('two.json', map({}, labels, 'a'), map({}, labels, 'b'));
    matches(await apply('one.json', map({}, labels, 'a')), /configmap\/b pruned/);
    refused(await t.tries`get cm b`, /NotFound/);
  }),
  kubectl(
    'C58',
    'apply --prune --applyset',
    async t => {
      const apply = async (file: string): Promise<string> => {
        const done = await t.given('', { KUBECTL_APPLYSET: 'true' })`apply --prune --applyset=configmaps/set -f ${file}`;
        expect(done.code === 0, 'apply failed', done.err);
        return done.out;
      };
      await apply(t.file('two.json', map({}, {}, 'a'), map({}, {}, 'b')));
      matches(await apply(t.file('one.json', map({}, {}, 'a'))), /configmap\/b pruned/);
      const { metadata } = await t.json`get cm set`;
      expect(metadata.labels['applyset.kubernetes.io/id'], 'the parent has no id', metadata);
      expect((await t.json`get cm a`).metadata.labels['applyset.kubernetes.io/part-of'], 'the member has no label');
    },
    28,
  ),
  kubectl('C59', 'view, set and edit last-applied', async t => {
    await t.k`apply -f ${t.file('a.json', map({ k: 'v' }))}`;
    matches(await t.k`apply view-last-applied cm/a`, /k: v/);
    await t.k`apply set-last-applied -f ${t.file('b.json', map({ k: 'v', l: 'w' }))}`;
    matches(await t.k`apply view-last-applied cm/a`, /l: w/);
    const done = await t.edit('sed -i s/"l: w"/"l: x"/')`apply edit-last-applied cm/a`;
    expect(done.code === 0, 'edit-last-applied failed', done.err);
  }),
  kubectl('C66', 'unknown fields: strict, warn, ignore', async t => {
    const file = t.file('a.json', { ...map({ k: 'v' }), dta: {} });
    refused(await t.tries`apply --validate=true -f ${file}`, /unknown field/);
    if (t.minor >= 25) {
      refused(await t.tries`apply --validate=strict -f ${file}`, /BadRequest[\s\S]*strict decoding error[\s\S]*unknown field "dta"/);
      matches((await t.tries`apply --validate=warn -f ${file}`).err, /Warning: unknown field "dta"/);
    }
    await t.k`apply --validate=false -f ${file}`;
    equal((await t.json`get cm a`).dta, undefined, 'the unknown field');
  }),
  kubectl('C67', 'a definition and its first object', async t => {
    await t.k`apply -f ${t.file('crd.json', definition(t.tag))}`;
    await t.k`wait --for=condition=Established crd/widgets.${t.tag}.example.com --timeout=10s`;
    await applied(t, t.file('cr.json', widget(t.tag, 'w', { size: 1 })));
    equal((await t.json`get widgets.${t.tag}.example.com w`).spec, { size: 1 }, 'spec');
  }),
  kubectl('C68', 'a definition of 300 KB', async t => {
    const properties = Object.fromEntries(
      Array.from({ length: 900 }, (_, i) => [`field${i}`, { type: 'string', description: 'x'.repeat(300) }]),
    );
    const file = t.file(
      'crd.json',
      definition(t.tag, { schema: { type: 'object', properties: { spec: { type: 'object', properties } } } }),
    );
    refused(await t.tries`apply -f ${file}`, /metadata.annotations: Too long/);
    matches(await t.k`apply --server-side -f ${file}`, /serverside-applied/);
  }),
  kubectl('C69', 'apply --dry-run=server changes nothing', async t => {
    await t.k`apply -f ${t.file('a.json', map({ k: 'v' }))}`;
    const before = await t.json`get cm a`;
    const watching = await t.watch(t.core('configmaps', '', `watch=1&resourceVersion=${before.metadata.resourceVersion}`));
    matches(await t.k`apply --dry-run=server -f ${t.file('a.json', map({ k: 'w' }))}`, /configmap\/a configured \(server dry run\)/);
    equal((await t.json`get cm a`).metadata.resourceVersion, before.metadata.resourceVersion, 'resourceVersion');
    await t.configMap('end');
    await watching.until('the next change', f => f.object.metadata.name === 'end');
    equal(watching.story(), ['ADDED end'], 'events');
    watching.close();
  }),
  kubectl(
    'C70',
    'managed fields are shown and hidden',
    async t => {
      await t.k`apply -f ${t.file('a.json', map({ k: 'v' }))}`;
      const { managedFields } = JSON.parse(await t.k`get cm a -o json --show-managed-fields`).metadata;
      equal([managedFields[0].operation, managedFields[0].fieldsV1['f:data']], ['Update', { '.': {}, 'f:k': {} }], 'managedFields');
      lacks(await t.k`get cm a -o yaml`, /managedFields/);
    },
    21,
  ),
];

/** Discovery may be a moment behind the definition. */
async function applied(t: KubectlSession, file: string): Promise<void> {
  let last = '';
  await eventually(
    'the object is applied',
    async () => {
      const done = await t.tries`apply -f ${file}`;
      last = done.err;
      return done.code === 0;
    },
    { last: () => last, timeoutMs: 5000 },
  );
}
