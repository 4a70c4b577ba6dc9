// 1,000 writers at once on objects of their own, and 100 on one object with optimistic locking, against the limits of requests in
// flight that a server has by default.
import { type Client, httpClient, resource } from '../../kube/index.ts';
import { print } from './measure.ts';
import { type ServerProcess, serverProcess } from './server-process.ts';
import { writersLoad } from './writers-load.ts';
import { configMaps } from './writes.ts';

const COLLECTION = '/api/v1/namespaces/default/configmaps';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1', scope: 'Cluster' } as const;
const roles = resource({ ...RBAC, kind: 'ClusterRole', plural: 'clusterroles' });
const roleBindings = resource({ ...RBAC, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' });

export async function writers(): Promise<void> {
  const server = await serverProcess();
  const admin = httpClient({ connection: { server: `https://127.0.0.1:${server.port}`, ...server.tls }, userAgent: 'bench' });
  try {
    await letWriterWrite(admin);
    const own = Array.from({ length: 1000 }, (_, i) => `own-${i}`);
    await measure(server, admin, { title: '1,000 writers, each on its own object', names: own, rounds: 5 });
    const one = Array.from({ length: 100 }, () => 'one');
    await measure(server, admin, { title: '100 writers on one object, optimistic locking', names: one, rounds: 5 });
  } finally {
    await admin.close();
    await server.close();
  }
}

async function letWriterWrite(admin: Client): Promise<void> {
  const metadata = { name: 'writer' };
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'update'] }];
  await admin.create(roles, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, rules });
  await admin.create(roleBindings, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: RBAC.group, kind: 'ClusterRole', name: 'writer' },
    subjects: [{ apiGroup: RBAC.group, kind: 'User', name: 'writer' }],
  });
}

interface Plan {
  readonly title: string;
  /** One a writer. */
  readonly names: readonly string[];
  readonly rounds: number;
}

async function measure(server: ServerProcess, admin: Client, o: Plan): Promise<void> {
  for (const name of new Set(o.names)) {
    const metadata = { name, namespace: 'default' };
    await admin.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { count: '0' } });
  }
  const paths = o.names.map(name => `${COLLECTION}/${name}`);
  const written = await writersLoad({ port: server.port, tls: server.writerTls, paths, rounds: o.rounds });
  print({ name: `${o.title}: acknowledged writes`, value: written.perSecond, unit: '/s' });
  print({ name: '  lost writes', value: paths.length * o.rounds - written.counted, unit: '' });
  print({ name: '  told to come again and then let in', value: written.retried, unit: '' });
  console.log(`  answers: ${JSON.stringify(written.answers)}`);
}
