import { afterEach, describe, expect, it } from 'vitest';
import { DEPLOYMENTS, NODES, type Node, PODS, type Pod } from '../kinds.ts';
import { nodeShapes } from '../seed.ts';
import { made, type SimulatedMember, simulatedMember, template } from '../simulated-member.ts';
import { POWER_ANNOTATION, readyStatus } from './nodes.ts';

let m: SimulatedMember;
afterEach(() => m.close());

const WORKER = { name: 'm-worker' };
const power = (state: 'on' | 'off'): Promise<Node> =>
  m.client.patch(NODES, WORKER, {
    type: 'merge',
    body: { metadata: { annotations: { [POWER_ANNOTATION]: state === 'off' ? 'off' : null } } },
  });
const pods = async (): Promise<readonly Pod[]> => (await m.client.list(PODS, { namespace: 'default' })).items;
const ready = (p: Pod): boolean => p.status?.conditions?.some(c => c.type === 'Ready' && c.status === 'True') === true;
const deploy = (spec: Record<string, unknown> = {}) =>
  m.client.create(
    DEPLOYMENTS,
    made({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'default', name: 'web' },
      spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: template({ app: 'web' }, spec) },
    }),
  );
const running = (n: number) => async () => (await pods()).filter(p => ready(p) && !p.metadata.deletionTimestamp).length === n;

describe('nodes', () => {
  it('are as many as asked for, and take pods as topology and affinity say', async () => {
    m = await simulatedMember({ nodes: nodeShapes('m', 3) });
    const names = (await m.client.list(NODES)).items.map(n => n.metadata.name);
    expect(names).toEqual(['m-control-plane', 'm-worker', 'm-worker2']);
    const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' };
    await deploy({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } });
    await m.client.patch(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { type: 'merge', body: { spec: { replicas: 4 } } });
    await m.until('three have a node', running(3));
    const all = await pods();
    expect(new Set(all.filter(ready).map(p => p.spec.nodeName)).size).toBe(3);
    const left = all.find(p => !p.spec.nodeName);
    expect(left?.status?.conditions?.find(c => c.type === 'PodScheduled')).toMatchObject({ status: 'False', reason: 'Unschedulable' });
  });

  it('lose their pods when they are switched off: not ready at once, elsewhere after the tolerated time, back when switched on', async () => {
    m = await simulatedMember({ nodes: nodeShapes('m', 2) });
    const tolerations = ['not-ready', 'unreachable'].map(key => ({
      key: `node.kubernetes.io/${key}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 30,
    }));
    await deploy({ tolerations, nodeSelector: undefined, affinity: preferWorker });
    await m.until('both run on the worker', async () => (await running(2)()) && (await pods()).every(p => p.spec.nodeName === WORKER.name));
    await power('off');
    const node = await m.until('nobody hears of it', async () => {
      const now = await m.client.get(NODES, WORKER);
      return readyStatus(now) === 'Unknown' && (now.spec?.taints ?? []).length === 2 && now;
    });
    expect(node.spec?.taints?.map(t => `${t.key}:${t.effect}`)).toEqual([
      'node.kubernetes.io/unreachable:NoSchedule',
      'node.kubernetes.io/unreachable:NoExecute',
    ]);
    await m.until('its pods are not ready', async () => !(await pods()).some(ready));
    await m.until('two run elsewhere', running(2));
    const stuck = (await pods()).filter(p => p.spec.nodeName === WORKER.name);
    expect(stuck.every(p => p.metadata.deletionTimestamp !== undefined)).toBe(true);
    expect(stuck).toHaveLength(2);
    await power('on');
    await m.until('it is ready, free of taints, and what was stuck is gone', async () => {
      const now = await m.client.get(NODES, WORKER);
      return readyStatus(now) === 'True' && (now.spec?.taints ?? []).length === 0 && (await pods()).length === 2;
    });
  });

  it('drive off pods that do not tolerate a NoExecute taint, and are tainted while cordoned', async () => {
    m = await simulatedMember({ nodes: nodeShapes('m', 2) });
    await deploy({ affinity: preferWorker });
    await m.until('both run on the worker', running(2));
    await m.client.patch(NODES, WORKER, { type: 'merge', body: { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] } } });
    await m.until(
      'both run on the other',
      async () => (await running(2)()) && (await pods()).every(p => p.spec.nodeName === 'm-control-plane'),
    );
    await m.client.patch(NODES, { name: 'm-control-plane' }, { type: 'merge', body: { spec: { unschedulable: true } } });
    await m.until('the cordon is a taint', async () =>
      (await m.client.get(NODES, { name: 'm-control-plane' })).spec?.taints?.some(t => t.key === 'node.kubernetes.io/unschedulable'),
    );
  });

  it('take their pods with them when they are deleted', async () => {
    m = await simulatedMember({ nodes: nodeShapes('m', 2) });
    await deploy({ affinity: preferWorker });
    await m.until('both run on the worker', running(2));
    await m.client.delete(NODES, WORKER);
    await m.until(
      'both run on the other',
      async () => (await running(2)()) && (await pods()).every(p => p.spec.nodeName === 'm-control-plane'),
      120_000,
    );
  });
});

const preferWorker = {
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 100, preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['m-worker'] }] } },
    ],
  },
};
