// Group I, the plane as far as it is the server's: 144, 145, 147, 150. What needs members is in test/e2e.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl, raw } from '../check.ts';
import { equal, eventually, expect, matches } from '../expect.ts';
import { type Json, ok } from '../http.ts';
import { freePort, startServer } from '../server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

export const planeChecks = [
  kubectl('I144', 'a policy makes a binding', async t => {
    await t.k`create deployment d --image=x`;
    const selector = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
    const policy = {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'PropagationPolicy',
      metadata: { name: 'p' },
      spec: { resourceSelectors: [selector], placement: { clusterAffinity: { clusterNames: [] } } },
    };
    await t.k`apply -f ${t.file('p.json', policy)}`;
    matches(await t.k`get pp`, /^NAME +CONFLICT-RESOLUTION +PRIORITY +AGE\np +Abort +0 +/);
    await eventually('the binding', async () => (await t.tries`get rb d-deployment`).code === 0);
    matches(await t.k`get rb,work -A`, /^NAMESPACE +NAME +SCHEDULED +FULLYAPPLIED +AGE/);
  }),
  kubectl('I145', 'columns of clusters, and the APIService', async t => {
    const name = t.tag.slice(0, 48);
    await t.post('/apis/cluster.karmada.io/v1alpha1/clusters', {
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name },
      spec: { syncMode: 'Pull', provider: 'p', region: 'r' },
    });
    matches(await t.k`get clusters ${name}`, /^NAME +VERSION +MODE +READY +AGE\n.* Pull /);
    matches(await t.k`get clusters ${name} -o wide`, /ZONES +REGION +PROVIDER +API-ENDPOINT +PROXY-URL\n.* r +p /);
    matches(await t.k`get apiservice v1alpha1.cluster.karmada.io`, /True/);
    await t.k`delete cluster ${name} --wait=false`;
  }),
  raw('I147', 'bindings in both versions', async t => {
    const body = {
      apiVersion: 'work.karmada.io/v1alpha2',
      kind: 'ResourceBinding',
      metadata: { name: 'b' },
      spec: {
        resource: { apiVersion: 'v1', kind: 'ConfigMap', namespace: t.ns, name: 'none' },
        replicas: 2,
        clusters: [{ name: 'm', replicas: 2 }],
      },
    };
    await t.post(`/apis/work.karmada.io/v1alpha2/namespaces/${t.ns}/resourcebindings`, body);
    const older = await t.get(`/apis/work.karmada.io/v1alpha1/namespaces/${t.ns}/resourcebindings/b`);
    equal(
      [older.apiVersion, older.spec.resource.replicas, older.spec.clusters],
      ['work.karmada.io/v1alpha1', 2, [{ name: 'm', replicas: 2 }]],
      'v1alpha1',
    );
  }),
  raw('I150', 'kill -9 under load: nothing acknowledged is lost', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'flotilla-kill-'));
    const port = await freePort();
    let server = await startServer({ dir, port });
    try {
      const acknowledged = new Map<string, number>();
      let alive = true;
      const writer = async (n: number): Promise<void> => {
        for (let i = 0; alive; i++) {
          const answer = await server.http.send('POST', MAPS, { body: { metadata: { name: `k-${n}-${i}` } } }).catch(() => undefined);
          if (answer?.status === 201) acknowledged.set(`k-${n}-${i}`, Number(answer.json.metadata.resourceVersion));
        }
      };
      const writers = Array.from({ length: 8 }, (_, n) => writer(n));
      await eventually('200 writes', () => acknowledged.size > 200);
      process.kill(server.pid, 'SIGKILL');
      alive = false;
      await Promise.all(writers);
      server = await startServer({ dir, port });
      const list = ok(await server.http.send('GET', MAPS), 200);
      const stored = new Set(list.items.map((i: Json) => i.metadata.name));
      const lost = [...acknowledged.keys()].filter(name => !stored.has(name));
      equal(lost, [], 'lost writes');
      expect(Number(list.metadata.resourceVersion) >= Math.max(...acknowledged.values()), 'the version went back');
    } finally {
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    }
  }),
];
