// Requests over HTTPS, server and load generator each in a process of its own, beside a bare fastify with the same bytes.
import { load } from './http-load.ts';
import { print } from './measure.ts';
import { serverProcess } from './server-process.ts';

const CONNECTIONS = 64;
const PAYLOAD = 'x'.repeat(1800);
const COLLECTION = '/api/v1/namespaces/default/configmaps';
const body = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { payload: PAYLOAD } });

export async function https(): Promise<void> {
  const server = await serverProcess(body('a-name-of-some-length').padEnd(2300, ' '));
  try {
    const at = { port: server.port, tls: server.tls, connections: CONNECTIONS };
    await load({ ...at, requests: 2000, line: `POST ${COLLECTION}`, body: body('warm-{i}') });
    const created = await load({ ...at, requests: 15_000, line: `POST ${COLLECTION}`, body: body('made-{i}') });
    print({ name: `create ConfigMap 2 KiB, durable, ${CONNECTIONS} connections`, value: created.perSecond, unit: '/s' });
    print({ name: '  p99', value: created.p99, unit: 'ms' });
    const bare = await load({ ...at, port: server.barePort, tls: server.bareTls, requests: 30_000, line: 'GET /' });
    const got = await load({ ...at, requests: 30_000, line: `GET ${COLLECTION}/made-7` });
    print({ name: 'get ConfigMap 2 KiB', value: got.perSecond, unit: '/s', limit: { name: 'bare fastify', value: bare.perSecond } });
    for (const { statuses } of [created, got]) {
      const other = Object.keys(statuses).filter(s => s !== '200' && s !== '201');
      if (other.length > 0) console.log(`  answers other than success: ${JSON.stringify(statuses)}`);
    }
  } finally {
    await server.close();
  }
}
