// A small server in this process for checks that compact it or let time run: memory storage and a clock of its own.
import { type MemoryServer, memoryServer } from '../../apiserver/memory-server.ts';
import { type Clock, systemClock } from '../../kube/index.ts';
import { Http } from './http.ts';

export interface Apart {
  readonly http: Http;
  readonly server: MemoryServer['server'];
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
  const clock = movableClock();
  const own = await memoryServer({ clock });
  const { port } = await own.listen();
  const admin = await own.certificate('system:admin', 'system:masters');
  const http = new Http({ server: `https://127.0.0.1:${port}`, ca: own.pki.caCert, ...admin });
  return {
    http,
    server: own.server,
    advance: ms => clock.advance(ms),
    async close() {
      http.close();
      await own.close();
    },
  };
}
