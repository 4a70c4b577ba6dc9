// Group C, applying on the server: 60 to 65.
import { kubectl } from '../check.ts';
import { equal, expect, matches, refused } from '../expect.ts';
import { type Json, ok } from '../http.ts';
import { deploymentOf } from './c-apply.ts';

const map = (data: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data });
const managers = (object: Json): string[] =>
  object.metadata.managedFields.map((m: Json) => `${m.manager} ${m.operation}${m.subresource ? ` ${m.subresource}` : ''}`);

export const serverSideChecks = [
  kubectl('C60', 'apply --server-side', async t => {
    matches(await t.k`apply --server-side -f ${t.file('a.json', map({ k: 'v' }))}`, /serverside-applied/);
    equal(managers(await t.get(t.core('configmaps', 'a'))), ['kubectl Apply'], 'managers');
  }),
  kubectl('C61', 'conflict, and force', async t => {
    await t.k`apply --server-side -f ${t.file('a.json', map({ k: 'v' }))}`;
    const done = await t.tries`apply --server-side --field-manager=b -f ${t.file('b.json', map({ k: 'w' }))}`;
    equal(refused(done, /conflict with "kubectl"/).code, 1, 'exit status');
    matches(done.err, /\.data\.k/);
    matches(done.err, /--force-conflicts/);
    await t.k`apply --server-side --field-manager=b --force-conflicts -f ${t.file('b.json', map({ k: 'w' }))}`;
    equal(managers(await t.get(t.core('configmaps', 'a'))), ['b Apply'], 'managers');
  }),
  kubectl('C62', 'fields that a manager gives up', async t => {
    await t.k`apply --server-side -f ${t.file('a.json', map({ mine: '1', ours: '1' }))}`;
    await t.k`apply --server-side --field-manager=b -f ${t.file('b.json', map({ ours: '1' }))}`;
    await t.k`apply --server-side -f ${t.file('a.json', map({}))}`;
    equal((await t.json`get cm a`).data, { ours: '1' }, 'data');
  }),
  kubectl('C63', 'the same port by TCP and UDP', async t => {
    const ports = [
      { containerPort: 53, protocol: 'TCP' },
      { containerPort: 53, protocol: 'UDP' },
    ];
    await t.k`apply --server-side -f ${t.file('d.json', deploymentOf([], { ports }))}`;
    const { ports: seen } = (await t.json`get deploy d`).spec.template.spec.containers[0];
    equal(
      seen.map((p: Json) => p.protocol),
      ['TCP', 'UDP'],
      'ports',
    );
  }),
  kubectl(
    'C64',
    'from client-side to server-side',
    async t => {
      await t.k`apply -f ${t.file('a.json', map({ k: 'v', l: 'w' }))}`;
      await t.k`apply --server-side -f ${t.file('a.json', map({ k: 'v', l: 'x' }))}`;
      await t.k`apply --server-side -f ${t.file('a.json', map({ k: 'v' }))}`;
      const seen = await t.get(t.core('configmaps', 'a'));
      equal(seen.data, { k: 'v' }, 'data');
    },
    24,
  ),
  kubectl('C65', 'applying status', async t => {
    await t.k`apply --server-side -f ${t.file('d.json', deploymentOf([]))}`;
    const status = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, status: { replicas: 1 } };
    ok(await t.patch(t.apps('deployments', 'd/status', 'fieldManager=s'), 'apply-patch+yaml', JSON.stringify(status)), 200);
    const seen = await t.get(t.apps('deployments', 'd'));
    expect(managers(seen).includes('s Apply status'), 'no entry of the subresource', managers(seen));
    equal(seen.status.replicas, 1, 'status');
  }),
];
