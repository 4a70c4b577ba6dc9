// A whole API server in memory, with its loops, keys and RBAC, and a socket where one is asked for: for tests of what only the
// whole shows. Requests of `client` are an administrator's.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, type Clock, isStatusError, runAll, systemClock } from '../kube/index.ts';
import { builtinAdmission } from './admission/builtin.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import { ensureRbac } from './auth/bootstrap-rbac.ts';
import { certificateAuthenticator } from './auth/certificate.ts';
import { type KeyPair, Pki } from './auth/pki.ts';
import { SigningKey } from './auth/signing-key.ts';
import { componentUser, type UserInfo } from './auth/user.ts';
import { CORE_NAMESPACES, ensureNamespaces } from './bootstrap.ts';
import { healthPaths, versionPath } from './http/health.ts';
import type { Listening } from './http/server.ts';
import { type ApiServer, type ApiServerOptions, apiServer } from './server.ts';
import { MemoryStore } from './store/index.ts';

const ADMIN: UserInfo = { username: 'system:admin', groups: ['system:masters', 'system:authenticated'] };

export interface MemoryServerOptions extends Partial<Omit<ApiServerOptions, 'clock' | 'plugins'>> {
  /** The system's without one. */
  readonly clock?: Clock;
  /** Plugins beside the built-in ones. */
  readonly plugins?: (client: () => Client) => readonly AdmissionPlugin[];
}

export interface MemoryServer {
  readonly server: ApiServer;
  readonly client: Client;
  readonly pki: Pki;
  as(username: string, ...groups: string[]): Client;
  /** Answers over TLS on a free port. */
  listen(): Promise<Listening>;
  /** A client certificate of the plane's CA. */
  certificate(commonName: string, ...organizations: string[]): Promise<KeyPair>;
  close(): Promise<void>;
}

export async function memoryServer(o: MemoryServerOptions = {}): Promise<MemoryServer> {
  const { clock = systemClock, plugins, ...options } = o;
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-memory-'));
  const pki = await Pki.open(dir, clock);
  const hub = (): Client => own;
  const server = await apiServer({
    store: new MemoryStore('memory'),
    clock,
    authenticators: [certificateAuthenticator],
    keys: { serviceAccount: await SigningKey.generate(), caCert: pki.caCert, signer: pki.ca },
    paths: [healthPaths([]), versionPath({ gitVersion: 'v1.36.1', buildDate: '', gitCommit: '' })],
    ...options,
    plugins: () => [
      ...builtinAdmission({ reader: { get: (...a) => hub().get(...a), list: (...a) => hub().list(...a) }, clock }),
      ...(plugins?.(hub) ?? []),
    ],
  });
  const own = server.client(componentUser('apiserver'), 'flotilla');
  const client = server.client(ADMIN, 'test');
  const stop = new AbortController();
  const running = runAll(server.loops, stop.signal);
  await ensureNamespaces(client, CORE_NAMESPACES);
  await ensureRbac(client);
  const open: Listening[] = [];
  return {
    server,
    client,
    pki,
    as: (username, ...groups) => server.client({ username, groups: [...groups, 'system:authenticated'] }, 'test'),
    async listen() {
      const leaf = await pki.leaf('server', { commonName: 'server', hosts: ['127.0.0.1'] });
      const listening = await server.listen({ host: '127.0.0.1', port: 0, tls: { ...leaf, clientCa: pki.caCert } });
      open.push(listening);
      return listening;
    },
    certificate: (commonName, ...organizations) => pki.issue({ commonName, organizations }),
    async close() {
      for (const listening of open) await listening.close();
      stop.abort();
      await running;
      await rm(dir, { recursive: true });
    },
  };
}

/** The message a call is refused with; undefined where it is taken. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return error.message;
  }
}
