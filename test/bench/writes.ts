// Durable creates of 2 KiB ConfigMaps: through the in-process client against the store's own statements, and over HTTPS.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import {
  apiServer,
  builtinAdmission,
  certificateAuthenticator,
  componentUser,
  ensureNamespaces,
  Pki,
  plainCodec,
  SqliteStore,
} from '../../apiserver/index.ts';
import { type AnyObject, type Client, httpClient, type Reader, resource, systemClock } from '../../kube/index.ts';
import { growing, print, rate } from './measure.ts';
import type { RawServer } from './raw-http.ts';

export const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const PAYLOAD = 'x'.repeat(1800);
/** 2 KiB. */
export const configMap = (namespace: string, name: string): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { payload: PAYLOAD },
});

/** Rows a second: the schema and statement of the store, batches of 100, each one transaction. */
function rawRate(file: string, rows: number): number {
  const db = new Database(file);
  db.pragma('page_size = 16384');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE log (id INTEGER PRIMARY KEY, key TEXT NOT NULL, previous INTEGER NOT NULL, value BLOB)');
  const insert = db.prepare('INSERT INTO log (id, key, previous, value) VALUES (?, ?, ?, ?)');
  const value = Buffer.from(JSON.stringify(configMap('default', 'raw')));
  const batch = db.transaction((from: number) => {
    for (let i = from; i < from + 100; i++) insert.run(i, `/registry/configmaps/default/raw-${i}`, 0, value);
  });
  const start = performance.now();
  for (let i = 0; i < rows; i += 100) batch(i);
  const perSecond = rows / ((performance.now() - start) / 1000);
  db.close();
  return perSecond;
}

export interface BenchServer {
  readonly client: Client;
  readonly remote: Client;
  readonly port: number;
  /** Of system:masters, whom the limits of requests in flight let pass. */
  readonly tls: RawServer['tls'];
  /** Of a user whom they do not. */
  readonly writerTls: RawServer['tls'];
  close(): Promise<void>;
}

/** A server with a durable store in `dir`, listening on a free port. */
export async function benchServer(dir: string): Promise<BenchServer> {
  const pki = await Pki.open(join(dir, 'pki'), systemClock);
  const store = await SqliteStore.open({ file: join(dir, 'bench.db'), newId: systemClock.uuid(), codec: plainCodec });
  const reader: Reader = { get: (r, k, o) => client.get(r, k, o), list: (r, o) => client.list(r, o) };
  const server = await apiServer({
    store,
    clock: systemClock,
    authenticators: [certificateAuthenticator],
    limits: { maxRequestsInflight: 400, maxMutatingRequestsInflight: 200 },
    plugins: () => builtinAdmission({ reader, clock: systemClock }),
  });
  const client = server.client(componentUser('bench'), 'bench');
  await ensureNamespaces(client, ['default']);
  const leaf = await pki.leaf('server', { commonName: 'bench', hosts: ['127.0.0.1'] });
  const admin = await pki.leaf('admin', { commonName: 'admin', organizations: ['system:masters'] });
  const writer = await pki.leaf('writer', { commonName: 'writer' });
  const listening = await server.listen({ host: '127.0.0.1', port: 0, tls: { ...leaf, clientCa: pki.caCert } });
  const remote = httpClient({
    connection: { server: `https://127.0.0.1:${listening.port}`, ca: pki.caCert, ...admin },
    userAgent: 'bench',
    connections: 100,
  });
  return {
    client,
    remote,
    port: listening.port,
    tls: { ca: pki.caCert, ...admin },
    writerTls: { ca: pki.caCert, ...writer },
    async close() {
      await remote.close();
      await listening.close();
      await store.close();
    },
  };
}

export async function writes(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
  try {
    const raw = rawRate(join(dir, 'raw.db'), 20_000);
    const server = await benchServer(dir);
    for (const size of growing(20_000)) {
      const value = await rate(size, 100, i => server.client.create(configMaps, configMap('default', `in-${size}-${i}`)));
      print({
        name: `create ConfigMap 2 KiB, in process, 100 in flight, ${size} objects`,
        value,
        unit: '/s',
        limit: { name: 'raw statements', value: raw },
      });
    }
    await server.close();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
