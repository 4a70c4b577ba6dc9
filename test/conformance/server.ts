// The server under test: `flotilla up` in a process of its own, on a free port and in a temporary home, as a user starts it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { eventually } from './expect.ts';
import { type Access, Http } from './http.ts';

export const PROGRAM = join(import.meta.dirname, '../../dist/cli/main.js');

export interface Running {
  readonly http: Http;
  readonly kubeconfig: string;
  /** Where checks may write. */
  readonly dir: string;
  readonly home: string;
}

export interface Server extends Running {
  readonly pid: number;
  /** What it logged. */
  log(): string;
  close(): Promise<void>;
}

/** Starts a control plane and waits until it is ready. */
export async function startServer(
  o: { readonly port?: number; readonly dir?: string; readonly flags?: readonly string[] } = {},
): Promise<Server> {
  const dir = o.dir ?? mkdtempSync(join(tmpdir(), 'flotilla-conformance-'));
  const home = join(dir, 'home');
  const port = o.port ?? (await freePort());
  const logFile = join(dir, 'server.log');
  const log = openSync(logFile, 'a');
  const args = [PROGRAM, 'up', '--home', home, '--port', String(port), '--log-level', 'warn', ...(o.flags ?? [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', log, log] });
  const kubeconfig = join(home, 'karmada.config');
  const http = await ready(kubeconfig, child, logFile);
  return {
    http,
    kubeconfig,
    dir,
    home,
    pid: child.pid ?? 0,
    log: () => readFileSync(logFile, 'utf8'),
    async close() {
      http.close();
      await ended(child);
      if (!o.dir) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A server that runs already, by its home. */
export function attach(home: string): Running & { close(): void } {
  const kubeconfig = join(home, 'karmada.config');
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-conformance-'));
  const http = new Http(accessOf(kubeconfig));
  return {
    http,
    kubeconfig,
    dir,
    home,
    close() {
      http.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function ready(kubeconfig: string, child: ChildProcess, logFile: string): Promise<Http> {
  let http: Http | undefined;
  return eventually(
    'the server is ready',
    async () => {
      if (child.exitCode !== null) throw new Error(`the server ended: ${readFileSync(logFile, 'utf8')}`);
      try {
        http ??= new Http(accessOf(kubeconfig));
        return (await http.send('GET', '/readyz')).status === 200 ? http : undefined;
      } catch {
        return undefined;
      }
    },
    { timeoutMs: 60_000 },
  );
}

export function ended(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** Address and credentials of the administrator's kubeconfig. */
export function accessOf(kubeconfig: string): Access {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
  };
  const [cluster] = config.clusters;
  const [user] = config.users;
  if (!cluster || !user) throw new Error(`${kubeconfig} is not complete yet`);
  const pem = (text: string): string => Buffer.from(text, 'base64').toString();
  return {
    server: cluster.cluster.server,
    ca: pem(cluster.cluster['certificate-authority-data']),
    cert: pem(user.user['client-certificate-data']),
    key: pem(user.user['client-key-data']),
  };
}

export function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
