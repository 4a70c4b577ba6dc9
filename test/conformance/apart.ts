// A small server in this process for checks that stop it, compact it or let time run: memory storage and a clock of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApiServer,
  apiServer,
  builtinAdmission,
  CORE_NAMESPACES,
  certificateAuthenticator,
  componentUser,
  ensureNamespaces,
  ensureRbac,
  MemoryStore,
  Pki,
  type Store,
} from '../../apiserver/index.ts';
import { type Client, type Clock, runAll, systemClock } from '../../kube/index.ts';
import { Http } from './http.ts';

export interface Apart {
  readonly http: Http;
  readonly store: Store;
  readonly server: ApiServer;
  /** Lets the server's clock jump. */
  advance(ms: number): void;
  close(): Promise<void>;
}

/** The machine's clock, but it can be moved on: timers that are due then fire at once. */
function movableClock(): Clock & { advance(ms: number): void } {
  let ahead = 0;
  const timers = new Set<{ at: number; fire: () => void }>();
  const now = (): number => systemClock.monotonic() + ahead;
  return {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    monotonic: now,
    after(ms, f) {
      const entry = { at: now() + ms, fire: () => undefined as void };
      const real = systemClock.after(ms, () => entry.fire());
      entry.fire = () => {
        timers.delete(entry);
        real.cancel();
        f();
      };
      timers.add(entry);
      return {
        cancel() {
          timers.delete(entry);
          real.cancel();
        },
      };
    },
    advance(ms) {
      ahead += ms;
      for (const entry of [...timers].sort((a, b) => a.at - b.at)) if (entry.at <= now()) entry.fire();
    },
  };
}

export async function startApart(): Promise<Apart> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-apart-'));
  const clock = movableClock();
  const pki = await Pki.open(dir, clock);
  const store = new MemoryStore(clock.uuid());
  const leaf = await pki.leaf('apiserver', { commonName: 'apart', hosts: ['127.0.0.1'] });
  const admin = await pki.leaf('admin', { commonName: 'system:admin', organizations: ['system:masters'] });
  const reader = (): Client => server.client(componentUser('apiserver'), 'apart');
  const server: ApiServer = await apiServer({
    store,
    clock,
    authenticators: [certificateAuthenticator],
    plugins: () =>
      builtinAdmission({ reader: { get: (r, key, o) => reader().get(r, key, o), list: (r, o) => reader().list(r, o) }, clock }),
  });
  const listening = await server.listen({ host: '127.0.0.1', port: 0, tls: { ...leaf, clientCa: pki.caCert } });
  const stop = new AbortController();
  const running = runAll(server.loops, stop.signal).catch(() => undefined);
  await ensureNamespaces(reader(), CORE_NAMESPACES);
  await ensureRbac(reader());
  const http = new Http({ server: `https://127.0.0.1:${listening.port}`, ca: pki.caCert, ...admin });
  return {
    http,
    store,
    server,
    advance: ms => clock.advance(ms),
    async close() {
      http.close();
      stop.abort();
      await listening.close();
      await running;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
