import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAEMON_SETS, type DaemonSet, NODES, PODS, type Pod, REVISIONS } from '../kinds.ts';
import { nodeShapes } from '../seed.ts';
import { made, type SimulatedMember, simulatedMember, template } from '../simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember({ nodes: nodeShapes('m', 3) });
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'agent' };
const daemonSet = (spec: Record<string, unknown> = {}): DaemonSet =>
  made({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: key,
    spec: { selector: { matchLabels: { app: 'agent' } }, template: template({ app: 'agent' }), ...spec },
  });
const pods = async (): Promise<readonly Pod[]> => (await m.client.list(PODS, { namespace: 'default' })).items;
const status = async () => (await m.client.get(DAEMON_SETS, key)).status ?? {};
const ready = (n: number) => async () => {
  const s = await status();
  return s['numberReady'] === n && s['desiredNumberScheduled'] === n && s['updatedNumberScheduled'] === n && s;
};

describe('a DaemonSet', () => {
  it('runs one pod on each node that takes it, new nodes included', async () => {
    await m.client.create(DAEMON_SETS, daemonSet());
    const first = await m.until('three are ready', ready(3));
    expect(first).toMatchObject({ currentNumberScheduled: 3, numberMisscheduled: 0, numberAvailable: 3, observedGeneration: 1 });
    expect(new Set((await pods()).map(p => p.spec.nodeName)).size).toBe(3);
    await m.client.create(
      NODES,
      made({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'late', labels: { 'kubernetes.io/hostname': 'late' } } }),
    );
    await m.until('four are ready', ready(4));
  });

  it('goes only where the node selector says, and leaves when the label goes', async () => {
    const where = { nodeSelector: { disk: 'ssd' } };
    await m.client.create(DAEMON_SETS, daemonSet({ template: template({ app: 'agent' }, where) }));
    await m.until(
      'it wants none',
      async () => (await status())['observedGeneration'] === 1 && (await status())['desiredNumberScheduled'] === 0,
    );
    const label = (value: string | null) =>
      m.client.patch(NODES, { name: 'm-worker' }, { type: 'merge', body: { metadata: { labels: { disk: value } } } });
    await label('ssd');
    await m.until('one is ready', ready(1));
    expect((await pods())[0]?.spec.nodeName).toBe('m-worker');
    await label(null);
    await m.until('none is left', async () => (await pods()).length === 0);
  });

  it('replaces its pods one node after the other, and keeps the old template as a revision', async () => {
    await m.client.create(DAEMON_SETS, daemonSet());
    await m.until('three are ready', ready(3));
    const images = { containers: [{ name: 'c', image: 'nginx:2' }] };
    await m.client.patch(DAEMON_SETS, key, { type: 'strategic', body: { spec: { template: { spec: images } } } });
    await m.until('all are new', async () => {
      const all = await pods();
      const up = all.filter(p => !p.metadata.deletionTimestamp && p.status?.phase === 'Running');
      expect(up.length).toBeGreaterThanOrEqual(2);
      return all.length === 3 && up.length === 3 && all.every(p => p.spec.containers[0]?.image === 'nginx:2');
    });
    const revisions = (await m.client.list(REVISIONS, { namespace: 'default' })).items;
    expect(revisions.map(r => r.revision).sort()).toEqual([1, 2]);
  });

  it('makes new pods beside old ones with maxSurge', async () => {
    await m.client.create(
      DAEMON_SETS,
      daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }),
    );
    await m.until('three are ready', ready(3));
    const images = { containers: [{ name: 'c', image: 'nginx:2' }] };
    await m.client.patch(DAEMON_SETS, key, { type: 'strategic', body: { spec: { template: { spec: images } } } });
    let most = 0;
    await m.until('all are new', async () => {
      const all = (await pods()).filter(p => !p.metadata.deletionTimestamp);
      most = Math.max(most, all.length);
      expect(all.filter(p => p.status?.phase === 'Running').length).toBeGreaterThanOrEqual(3);
      return all.length === 3 && all.every(p => p.spec.containers[0]?.image === 'nginx:2');
    });
    expect(most).toBe(4);
  });

  it('waits for a deletion by hand with OnDelete', async () => {
    await m.client.create(DAEMON_SETS, daemonSet({ updateStrategy: { type: 'OnDelete' } }));
    await m.until('three are ready', ready(3));
    const images = { containers: [{ name: 'c', image: 'nginx:2' }] };
    await m.client.patch(DAEMON_SETS, key, { type: 'strategic', body: { spec: { template: { spec: images } } } });
    await m.pass(5000);
    expect((await pods()).every(p => p.spec.containers[0]?.image === 'nginx:1')).toBe(true);
    await m.client.delete(PODS, { namespace: 'default', name: (await pods())[0]?.metadata.name ?? '' });
    await m.until('that one is new', async () => (await pods()).some(p => p.spec.containers[0]?.image === 'nginx:2'));
  });
});
