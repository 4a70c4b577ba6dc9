import { afterEach, describe, expect, it } from 'vitest';
import { apiServer, componentUser, ensureDefinitions, ensureNamespaces, MemoryStore } from '../apiserver/index.ts';
import { clusterResourceBindings, karmadaCrds, resourceBindings } from '../crds/index.ts';
import { runAll, sleep, systemClock } from '../kube/index.ts';
import { type Scheduler, scheduler } from '../scheduler/index.ts';
import { explanationAt, explanationPath, explanations } from './explanations.ts';
import { bindAddress, probeServer } from './probe-server.ts';

const stop = new AbortController();
afterEach(() => stop.abort());

describe('the subresource explanation', () => {
  it('answers whoever may get it, is listed in discovery, and a scheduler alone answers the same on its own port', async () => {
    let decider: Scheduler | undefined;
    const server = await apiServer({
      store: new MemoryStore(systemClock.uuid()),
      clock: systemClock,
      authenticators: [],
      extensions: explanations(() => decider),
    });
    void runAll(server.loops, stop.signal);
    const hub = server.client(componentUser('test'), 'test');
    await ensureNamespaces(hub, ['ns']);
    await ensureDefinitions(
      hub,
      karmadaCrds().filter(d => d.spec.group === 'work.karmada.io'),
    );
    const { catalog } = server.core;
    while (![resourceBindings, clusterResourceBindings].every(r => catalog.find(r.group, r.version, r.plural))) await sleep(systemClock, 5);
    expect([...(catalog.find('work.karmada.io', 'v1alpha2', 'resourcebindings')?.subresources.keys() ?? [])]).toEqual([
      'status',
      'explanation',
    ]);

    const spec = { resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ns', name: 'web' }, placement: {} };
    const key = { namespace: 'ns', name: 'web' };
    await hub.create(resourceBindings, { apiVersion: 'work.karmada.io/v1alpha2', kind: 'ResourceBinding', metadata: key, spec } as never);
    const ask = (client: typeof hub) => client.get(resourceBindings, key, { subresource: 'explanation' });
    await expect(ask(hub)).rejects.toMatchObject({ code: 503 });

    decider = scheduler({ hub, clock: systemClock, events: { event: () => undefined } });
    void decider.run(stop.signal).catch(() => undefined);
    const found = async (): Promise<unknown> => ask(hub).catch(() => undefined);
    let answer = await found();
    for (let i = 0; i < 400 && !answer; i++) {
      await sleep(systemClock, 10);
      answer = await found();
    }
    expect(answer).toMatchObject({
      kind: 'Explanation',
      source: 'Recomputed',
      metadata: key,
      outcome: { kind: 'Failed', reason: 'FitError' },
    });
    await expect(ask(server.client({ username: 'nobody', groups: [] }, 'test'))).rejects.toMatchObject({ code: 403 });

    expect(await explanationAt(decider, explanationPath(key), stop.signal)).toMatchObject({ kind: 'Explanation', metadata: key });
    expect(await explanationAt(decider, '/apis/else', stop.signal)).toBeUndefined();
  });
});

describe('the health port', () => {
  it('answers documents to callers on this machine', async () => {
    expect(bindAddress('127.0.0.1:0', 'x')).toEqual({ host: '127.0.0.1', port: 0 });
    const probes = await probeServer(
      { metricsBindAddress: '0', healthProbeBindAddress: '127.0.0.1:0' },
      {
        healthy: () => undefined,
        ready: () => undefined,
        metrics: async () => '',
        document: async path => (path === '/apis/a' ? { found: true } : undefined),
      },
    );
    const url = `http://127.0.0.1:${probes.ports[0]}`;
    expect(await (await fetch(`${url}/apis/a`)).json()).toEqual({ found: true });
    expect((await fetch(`${url}/apis/b`)).status).toBe(404);
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok');
    probes.close();
  });
});
