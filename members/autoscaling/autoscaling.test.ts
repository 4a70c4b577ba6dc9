import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUTOSCALERS, DEPLOYMENTS, type Deployment, type HorizontalPodAutoscaler, PODS } from '../kinds.ts';
import { made, type SimulatedMember, simulatedMember, template } from '../simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'web' };
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
const hpa = (spec: Record<string, unknown> = {}): HorizontalPodAutoscaler =>
  made({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: key,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [cpu],
      ...spec,
    },
  });
const deploy = (replicas: number, usage?: string, requests?: Record<string, string>): Promise<Deployment> => {
  const t = template({ app: 'web' }, { containers: [{ name: 'c', image: 'nginx:1', ...(requests ? { resources: { requests } } : {}) }] });
  const annotations = usage ? { 'flotilla.io/cpu-usage': usage } : {};
  const spec = { replicas, selector: { matchLabels: { app: 'web' } }, template: { ...t, metadata: { ...t.metadata, annotations } } };
  return m.client.create(DEPLOYMENTS, made({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: key, spec }));
};
const replicas = (n: number) => async () => (await m.client.get(DEPLOYMENTS, key)).spec.replicas === n;
const read = (): Promise<HorizontalPodAutoscaler> => m.client.get(AUTOSCALERS, key);
const condition = (now: HorizontalPodAutoscaler, type: string) => now.status?.conditions?.find(c => c.type === type);

describe('a HorizontalPodAutoscaler', () => {
  it('keeps the minimum, whatever the metrics say', async () => {
    await deploy(1);
    await m.client.create(AUTOSCALERS, hpa());
    await m.until('there are two', replicas(2));
    const now = await m.until('the status says so', async () => {
      const h = await read();
      return h.status?.desiredReplicas === 2 && h;
    });
    expect(now.status).toMatchObject({ currentReplicas: 1, desiredReplicas: 2, currentMetrics: null });
    expect(condition(now, 'AbleToScale')).toMatchObject({
      status: 'True',
      reason: 'SucceededRescale',
      message: 'the HPA controller was able to update the target scale to 2',
    });
  });

  it('scales up with the usage of the pods, in the steps that are allowed', async () => {
    await deploy(2, '100m', { cpu: '100m' });
    await m.client.create(AUTOSCALERS, hpa());
    await m.until('usage is 100 % of 50 %: four', replicas(4));
    await m.until('and six', replicas(6));
    const now = await m.until('it is told', async () => {
      const h = await read();
      return h.status?.['currentReplicas'] === 6 && h;
    });
    expect(now.status).toMatchObject({
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } } }],
    });
    expect(condition(now, 'ScalingActive')?.message).toBe(
      'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
    );
    expect(condition(now, 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'TooManyReplicas' });
  });

  it('scales down only when usage has been low for five minutes', async () => {
    await deploy(5, '10m', { cpu: '100m' });
    await m.client.create(AUTOSCALERS, hpa());
    await m.until('it has looked', async () => condition(await read(), 'ScalingActive')?.status === 'True');
    await m.until('there are fewer', replicas(2), 600_000);
  });

  it('says what is missing where pods request nothing', async () => {
    await deploy(2);
    await m.client.create(AUTOSCALERS, hpa());
    const now = await m.until('it has looked', async () => {
      const h = await read();
      return condition(h, 'ScalingActive') !== undefined && h;
    });
    const [pod] = (await m.client.list(PODS, { namespace: 'default' })).items;
    expect(condition(now, 'ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetResourceMetric' });
    expect(condition(now, 'ScalingActive')?.message).toContain(
      'the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container c of Pod ',
    );
    expect(pod).toBeDefined();
  });

  it('tells that its target is not there', async () => {
    await m.client.create(AUTOSCALERS, hpa());
    await m.until('it has looked', async () => condition(await read(), 'AbleToScale')?.reason === 'FailedGetScale');
  });
});
