import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getOrUndefined } from '../../kube/index.ts';
import { PODS, type Pod } from '../kinds.ts';
import { made, type SimulatedMember, simulatedMember } from '../simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'p' };
const create = (spec: Record<string, unknown>, annotations: Record<string, string> = {}): Promise<Pod> =>
  m.client.create(PODS, made({ apiVersion: 'v1', kind: 'Pod', metadata: { ...key, annotations }, spec }));
const read = (): Promise<Pod> => m.client.get(PODS, key);
const phase = (wanted: string) => async (): Promise<Pod | false> => {
  const now = await read();
  return now.status?.phase === wanted && now;
};
const condition = (p: Pod, type: string) => p.status?.conditions?.find(c => c.type === type);
const container = (image = 'nginx:1', more: Record<string, unknown> = {}) => ({ name: 'c', image, ...more });
const waiting = async (): Promise<string | undefined> => (await read()).status?.containerStatuses?.[0]?.state?.waiting?.reason;

describe('a pod', () => {
  it('is placed, started and ready, with an address', async () => {
    await create({ containers: [container()] });
    const now = await m.until('it runs', phase('Running'));
    expect(now.spec.nodeName).toBe('m-control-plane');
    expect(now.status).toMatchObject({
      podIP: expect.stringMatching(/^10\.244\./),
      hostIP: expect.stringMatching(/^10\.89\./),
      qosClass: 'BestEffort',
    });
    expect(condition(now, 'Ready')).toMatchObject({ status: 'True' });
    expect(now.status?.containerStatuses).toMatchObject([{ name: 'c', ready: true, restartCount: 0, state: { running: {} } }]);
  });

  it('fails when it has been active for longer than it may be', async () => {
    await create({ containers: [container()], activeDeadlineSeconds: 600 });
    await m.until('it runs', phase('Running'));
    await m.client.patch(PODS, key, { type: 'merge', body: { spec: { activeDeadlineSeconds: 5 } } });
    const now = await m.until('it has failed', phase('Failed'), 10_000);
    expect(now.status).toMatchObject({ reason: 'DeadlineExceeded', containerStatuses: [{ ready: false, state: { terminated: {} } }] });
    expect(condition(now, 'Ready')).toMatchObject({ status: 'False', reason: 'PodFailed' });
  });

  it.each(['fake/app:1', 'docker.io/fake/app', 'invalid.example.com/x'])('never becomes ready with image %s', async image => {
    await create({ containers: [container(image)] });
    await m.until('the pull has failed', async () => (await waiting()) === 'ErrImagePull');
    await m.until('and backs off', async () => (await waiting()) === 'ImagePullBackOff');
    await m.pass(30_000);
    const now = await read();
    expect(now.status?.phase).toBe('Pending');
    expect(condition(now, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [c]',
    });
  });

  it('starts when its image is corrected, and again when it is changed', async () => {
    await create({ containers: [container('fake/app')] });
    await m.until('the pull has failed', async () => (await waiting()) !== undefined);
    const setImage = (image: string) =>
      m.client.patch(PODS, key, { type: 'strategic', body: { spec: { containers: [{ name: 'c', image }] } } });
    await setImage('nginx:1');
    await m.until('it runs', phase('Running'));
    await setImage('nginx:2');
    await m.until('its container has been started again', async () => (await read()).status?.containerStatuses?.[0]?.restartCount === 1);
  });

  it('waits for its readiness gates', async () => {
    await create({ containers: [container()], readinessGates: [{ conditionType: 'example.com/ok' }] });
    const now = await m.until('it runs', phase('Running'));
    expect(condition(now, 'Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' });
    const conditions = [...(now.status?.conditions ?? []), { type: 'example.com/ok', status: 'True' }];
    await m.client.update(PODS, { ...now, status: { ...now.status, conditions } }, { subresource: 'status' });
    await m.until('it is ready', async () => condition(await read(), 'Ready')?.status === 'True');
  });

  it('ends after the time that its annotation says, with the code of its command', async () => {
    await create(
      { restartPolicy: 'Never', containers: [container('x:1', { command: ['sh', '-c', 'exit 7'] })] },
      { 'flotilla.io/run-seconds': '3' },
    );
    const now = await m.until('it has failed', phase('Failed'));
    expect(now.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 7, reason: 'Error' });
  });

  it('says why no node takes it, and goes when one does', async () => {
    await create({ containers: [container('x:1', { resources: { requests: { cpu: '100' } } })] });
    const now = await m.until('it is refused', async () => {
      const p = await read();
      return condition(p, 'PodScheduled')?.status === 'False' && p;
    });
    expect(condition(now, 'PodScheduled')).toMatchObject({
      reason: 'Unschedulable',
      message: '0/1 nodes are available: 1 Insufficient cpu.',
    });
    await m.client.delete(PODS, key);
    expect(await getOrUndefined(m.client, PODS, key)).toBeUndefined();
  });

  it('is gone a moment after it was deleted, or at once without grace', async () => {
    await create({ containers: [container()] });
    await m.until('it runs', phase('Running'));
    await m.client.delete(PODS, key);
    expect((await read()).metadata.deletionTimestamp).toBeDefined();
    await m.until('it is gone', async () => (await getOrUndefined(m.client, PODS, key)) === undefined, 1000);
  });
});

describe('the whole member', () => {
  it('answers nobody while it is switched off, and at the same address again afterwards', async () => {
    const access = await m.member.listen({ host: '127.0.0.1', port: 0 });
    const answers = async (): Promise<boolean> => {
      const { request } = await import('node:https');
      return new Promise(resolve => {
        const sent = request(`${access.server}/livez`, { ca: access.ca, agent: false }, answer => {
          answer.resume();
          resolve(answer.statusCode === 200);
        });
        sent.on('error', () => resolve(false));
        sent.end();
      });
    };
    expect(await answers()).toBe(true);
    await m.member.power('off');
    expect(await answers()).toBe(false);
    await m.member.power('on');
    expect(await answers()).toBe(true);
  });
});
