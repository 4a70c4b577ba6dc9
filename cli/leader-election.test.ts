import { afterEach, describe, expect, it } from 'vitest';
import { apiServer, componentUser, ensureNamespaces, MemoryStore } from '../apiserver/index.ts';
import { type Client, LeaderElector, LeadershipLost, resource, type SimulatedClock, StatusError, simulatedClock } from '../kube/index.ts';

const leases = resource({ group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', scope: 'Namespaced' });
const LEASE = { namespace: 'karmada-system', name: 'karmada-scheduler' };
const TIMES = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };
const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

async function hub(clock: SimulatedClock): Promise<Client> {
  const server = await apiServer({ store: new MemoryStore('election'), clock, authenticators: [] });
  const client = server.client(componentUser('test'), 'test');
  await ensureNamespaces(client, ['karmada-system']);
  return client;
}

/** A candidate; `cut` makes the control plane unreachable for it. */
function candidate(client: Client, clock: SimulatedClock, identity: string) {
  let isCut = false;
  const reached =
    <A extends unknown[], R>(f: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (isCut) throw new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'unreachable' });
      return f(...args);
    };
  const own: Client = { ...client, get: reached(client.get) as Client['get'], update: reached(client.update) as Client['update'] };
  const elector = new LeaderElector({ client: own, clock, lease: LEASE, identity, ...TIMES });
  const stop = new AbortController();
  stops.push(stop);
  let works = false;
  const ended = elector
    .run(async signal => {
      works = true;
      await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
      works = false;
    }, stop.signal)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  return {
    works: () => works,
    stop: () => stop.abort(),
    cut: () => {
      isCut = true;
    },
    ended,
  };
}

describe('leader election', () => {
  it('lets one of two work, and the other only after the lease has run out', async () => {
    const clock = simulatedClock();
    const client = await hub(clock);
    const first = candidate(client, clock, 'first');
    await clock.advance(1_000);
    const second = candidate(client, clock, 'second');
    await clock.advance(60_000);
    expect([first.works(), second.works()]).toEqual([true, false]);
    first.cut();
    await clock.advance(12_000);
    expect([first.works(), second.works()]).toEqual([false, false]);
    expect(await first.ended).toBeInstanceOf(LeadershipLost);
    await clock.advance(10_000);
    expect(second.works()).toBe(true);
    const { spec } = (await client.get(leases, LEASE)) as unknown as { spec: Record<string, unknown> };
    expect(spec).toMatchObject({ holderIdentity: 'second', leaseDurationSeconds: 15, leaseTransitions: 1 });
    expect(spec['renewTime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  it('hands over at once when the leader ends in order', async () => {
    const clock = simulatedClock();
    const client = await hub(clock);
    const first = candidate(client, clock, 'first');
    await clock.advance(1_000);
    const second = candidate(client, clock, 'second');
    await clock.advance(1_000);
    first.stop();
    await clock.advance(100);
    expect(await first.ended).toBeUndefined();
    await clock.advance(3_500);
    expect(second.works()).toBe(true);
  });

  it('gives the lease back though a renewal that was broken off came through', async () => {
    const clock = simulatedClock();
    const client = await hub(clock);
    const broken: Client = {
      ...client,
      update: (async (r: never, object: never, o: never) => {
        await client.update(r, object, o);
        first.stop();
        broken.update = client.update;
        throw new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'aborted' });
      }) as Client['update'],
    };
    const first = candidate(broken, clock, 'first');
    await clock.advance(5_000);
    await first.ended;
    const { spec } = (await client.get(leases, LEASE)) as { spec?: { holderIdentity?: string } };
    expect(spec?.holderIdentity).toBe('');
  });

  it('outlives a short outage', async () => {
    const clock = simulatedClock();
    const client = await hub(clock);
    let failing = false;
    const shaky: Client = {
      ...client,
      get: ((...args: Parameters<Client['get']>) => {
        if (failing) throw new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'unreachable' });
        return client.get(...args);
      }) as Client['get'],
    };
    const only = candidate(shaky, clock, 'only');
    await clock.advance(3_000);
    failing = true;
    await clock.advance(6_000);
    failing = false;
    await clock.advance(30_000);
    expect(only.works()).toBe(true);
  });
});
