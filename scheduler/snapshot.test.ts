import { describe, expect, it } from 'vitest';
import { clusters as clusterResource } from '../crds/index.ts';
import { informer, simulatedClock } from '../kube/index.ts';
import { Snapshots } from './snapshot.ts';
import { memoryHub } from './testing/memory-hub.ts';
import type { Cluster } from './types.ts';

const cluster = (name: string, more: Partial<Cluster['metadata']> = {}): Cluster => ({
  apiVersion: 'cluster.karmada.io/v1alpha1',
  kind: 'Cluster',
  metadata: { name, ...more },
});

describe('snapshots of the clusters', () => {
  it('stay as they are, in order of names, and are made anew only after a change', async () => {
    const clock = simulatedClock({ start: 1_000 });
    const hub = memoryHub();
    for (const name of ['m2', 'm1']) hub.put('clusters', cluster(name));
    const copy = informer<Cluster>({ client: hub.client, clock, resource: clusterResource });
    const snapshots = new Snapshots(copy, clock);
    snapshots.start();
    const control = new AbortController();
    void copy.run(control.signal);
    await clock.advance(10);
    const first = snapshots.current();
    expect(first.versions.names).toEqual(['m1', 'm2']);
    expect(snapshots.current()).toBe(first);

    await clock.advance(5_000);
    hub.put('clusters', cluster('m1', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    await clock.advance(10);
    const second = snapshots.current();
    expect([...second.terminating]).toEqual(['m1']);
    expect([...first.terminating]).toEqual([]);
    expect(second.clusters[1]).toBe(first.clusters[1]);
    const [changed = 0, kept = 0] = second.versions.seenAtMs;
    expect(changed - kept).toBeGreaterThanOrEqual(5_000);

    hub.remove('clusters', 'm2');
    hub.put('clusters', cluster('m3'));
    await clock.advance(10);
    expect(snapshots.current().versions.names).toEqual(['m1', 'm3']);
    control.abort();
  });
});
