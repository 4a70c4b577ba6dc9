// The server under measurement in a process of its own, beside a bare fastify that gives the same bytes over the same TLS.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastify } from 'fastify';
import { ensureNamespaces, Pki } from '../../apiserver/index.ts';
import { systemClock } from '../../kube/index.ts';
import { rate } from './measure.ts';
import type { RawServer } from './raw-http.ts';
import { benchServer, configMap, configMaps } from './writes.ts';

export interface ServerProcess {
  readonly port: number;
  readonly barePort: number;
  readonly tls: RawServer['tls'];
  readonly writerTls: RawServer['tls'];
  readonly bareTls: RawServer['tls'];
  /** Resident memory in bytes, after a collection. */
  memory(): Promise<number>;
  /** Makes ConfigMaps of 2 KiB in a namespace, without HTTP. */
  fill(namespace: string, count: number): Promise<void>;
  /** Ends it and starts it again over its data; milliseconds until it answers. */
  restart(): Promise<number>;
  close(): Promise<void>;
}

interface Told {
  readonly port: number;
  readonly barePort: number;
  readonly tls: RawServer['tls'];
  readonly writerTls: RawServer['tls'];
  readonly bareTls: RawServer['tls'];
  /** From opening the data to listening. */
  readonly openedMs: number;
}

type Order = { readonly do: 'memory' | 'close' } | { readonly do: 'fill'; readonly namespace: string; readonly count: number };

/** Starts it; `bareBody` is what the bare server answers to everything. */
export async function serverProcess(bareBody = ''): Promise<ServerProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
  const profile = process.env['BENCH_PROFILE'];
  const execArgv = [...process.execArgv, '--expose-gc', ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [])];
  const start = async (): Promise<{ child: ChildProcess; told: Told }> => {
    const child = fork(fileURLToPath(import.meta.url), ['--server-child', dir, bareBody], { execArgv });
    return { child, told: (await answer(child)) as Told };
  };
  let now = await start();
  const ask = (order: Order): Promise<unknown> => {
    now.child.send(order);
    return order.do === 'close' ? once(now.child, 'exit') : answer(now.child);
  };
  return {
    ...now.told,
    memory: async () => (await ask({ do: 'memory' })) as number,
    fill: async (namespace, count) => void (await ask({ do: 'fill', namespace, count })),
    async restart() {
      await ask({ do: 'close' });
      now = await start();
      return now.told.openedMs;
    },
    async close() {
      await ask({ do: 'close' });
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const early = (code: number | null): void => reject(new Error(`the server ended early (${code})`));
    child.once('exit', early);
    child.once('message', message => {
      child.off('exit', early);
      resolve(message);
    });
  });
}

async function serve(dir: string, bareBody: string): Promise<void> {
  const from = performance.now();
  const server = await benchServer(dir);
  const openedMs = performance.now() - from;
  const pki = await Pki.open(join(dir, 'bare-pki'), systemClock);
  const leaf = await pki.leaf('server', { commonName: 'bench', hosts: ['127.0.0.1'] });
  const client = await pki.leaf('admin', { commonName: 'admin', organizations: ['system:masters'] });
  const bare = fastify({ https: { ...leaf, ca: pki.caCert, requestCert: true, rejectUnauthorized: false }, logger: false });
  const bytes = Buffer.from(bareBody);
  let large = Buffer.alloc(0);
  bare.get<{ Params: { size: string } }>('/bytes/:size', ({ params }, reply) => {
    if (large.length !== Number(params.size)) large = Buffer.alloc(Number(params.size), 'x');
    return reply.header('content-type', 'application/json').send(large);
  });
  bare.get('/*', (_request, reply) => reply.header('content-type', 'application/json').send(bytes));
  await bare.listen({ host: '127.0.0.1', port: 0 });
  const barePort = (bare.server.address() as { port: number }).port;
  const { port, tls, writerTls } = server;
  const told: Told = { port, barePort, tls, writerTls, bareTls: { ca: pki.caCert, ...client }, openedMs };
  process.send?.(told);
  process.on('message', async (order: Order) => {
    if (order.do === 'memory') {
      globalThis.gc?.();
      process.send?.(process.memoryUsage().rss);
    } else if (order.do === 'fill') {
      await ensureNamespaces(server.client, [order.namespace]);
      await rate(order.count, 200, i => server.client.create(configMaps, configMap(order.namespace, `filled-${i}`)));
      process.send?.('filled');
    } else {
      await bare.close();
      await server.close();
      process.exit(0);
    }
  });
}

const child = process.argv.indexOf('--server-child');
if (child > 0) await serve(process.argv[child + 1] ?? '', process.argv[child + 2] ?? '');
