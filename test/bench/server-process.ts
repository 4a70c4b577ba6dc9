// The server under measurement in a process of its own, beside a bare fastify that gives the same bytes over the same TLS.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastify } from 'fastify';
import { Pki } from '../../apiserver/index.ts';
import { systemClock } from '../../kube/index.ts';
import type { Load } from './http-load.ts';
import { benchServer } from './writes.ts';

export interface ServerProcess {
  readonly port: number;
  readonly barePort: number;
  readonly tls: Load['tls'];
  readonly bareTls: Load['tls'];
  /** Resident memory in bytes, after a collection where the process allows one. */
  memory(): Promise<number>;
  close(): Promise<void>;
}

interface Told {
  readonly port: number;
  readonly barePort: number;
  readonly tls: Load['tls'];
  readonly bareTls: Load['tls'];
}

/** Starts it; `bareBody` is what the bare server answers to everything. */
export function serverProcess(bareBody: string): Promise<ServerProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
  const execArgv = [...process.execArgv, '--expose-gc', ...(process.env['BENCH_PROFILE'] ? ['--cpu-prof', `--cpu-prof-dir=${process.env['BENCH_PROFILE']}`] : [])];
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--server-child', dir, bareBody], { execArgv });
    const ended = new Promise<void>(done => child.once('exit', () => done()));
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`the server ended early (${code})`)));
    child.once('message', message =>
      resolve({
        ...(message as Told),
        memory: () =>
          new Promise(got => {
            child.once('message', bytes => got(bytes as number));
            child.send('memory');
          }),
        async close() {
          child.send('close');
          await ended;
          rmSync(dir, { recursive: true, force: true });
        },
      }),
    );
  });
}

async function serve(dir: string, bareBody: string): Promise<void> {
  const server = await benchServer(dir);
  const pki = await Pki.open(join(dir, 'bare-pki'), systemClock);
  const leaf = await pki.leaf('server', { commonName: 'bench', hosts: ['127.0.0.1'] });
  const client = await pki.leaf('admin', { commonName: 'admin', organizations: ['system:masters'] });
  const bare = fastify({ https: { ...leaf, ca: pki.caCert, requestCert: true, rejectUnauthorized: false }, logger: false });
  const bytes = Buffer.from(bareBody);
  bare.get('/*', (_request, reply) => reply.header('content-type', 'application/json').send(bytes));
  await bare.listen({ host: '127.0.0.1', port: 0 });
  const barePort = (bare.server.address() as { port: number }).port;
  const told: Told = { port: server.port, barePort, tls: server.tls, bareTls: { ca: pki.caCert, ...client } };
  process.send?.(told);
  process.on('message', async message => {
    if (message === 'memory') {
      globalThis.gc?.();
      process.send?.(process.memoryUsage().rss);
      return;
    }
    await bare.close();
    await server.close();
    process.exit(0);
  });
}

const child = process.argv.indexOf('--server-child');
if (child > 0) await serve(process.argv[child + 1] ?? '', process.argv[child + 2] ?? '');
