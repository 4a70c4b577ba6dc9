import { afterEach, describe, expect, it } from 'vitest';
import { clusters, federatedHPAs, resourceBindings, works } from '../../crds/index.ts';
import { nativeLayer } from '../../interpreter/index.ts';
import { type AnyObject, at, type Client, eventRecorder, type RawClient, resource, simulatedClock } from '../../kube/index.ts';
import { controllers } from '../manager.ts';
import { MemoryServer } from '../memory-server.ts';

const deployments = resource({ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', scope: 'Namespaced' });
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const nodes = resource({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', scope: 'Cluster' });
const pods = resource({ group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' });
const podMetrics = resource({ group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics', plural: 'pods', scope: 'Namespaced' });
const events = resource({ group: '', version: 'v1', kind: 'Event', plural: 'events', scope: 'Namespaced' });

let stop: AbortController | undefined;
afterEach(() => stop?.abort(new Error('the test is over')));

/** Serves the scale subresource of Deployments over a server that keeps only whole objects. */
function withScale(client: Client & RawClient): Client & RawClient {
  const scaleOf = (d: AnyObject): AnyObject => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: d.metadata,
    spec: { replicas: at(d, 'spec', 'replicas') },
    status: { replicas: at(d, 'spec', 'replicas'), selector: 'app=web' },
  });
  return {
    ...client,
    get: async (r, key, o) => {
      const found = await client.get(r, key, o);
      return o?.subresource === 'scale' ? (scaleOf(found as unknown as AnyObject) as never) : found;
    },
    update: async (r, object, o) => {
      if (o?.subresource !== 'scale') return client.update(r, object, o);
      const { namespace = '', name = '' } = object.metadata;
      const present = await client.get(deployments, { namespace, name });
      const replicas = at(object, 'spec', 'replicas');
      return (await client.update(deployments, { ...present, spec: { ...(present['spec'] as object), replicas } })) as never;
    },
  };
}

const pod = (name: string): AnyObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name, labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu: '100m' } } }] },
  status: {
    phase: 'Running',
    startTime: '2025-12-31T00:00:00Z',
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2025-12-31T00:00:10Z' }],
  },
});

const usage = (name: string, cpu: string): AnyObject => ({
  apiVersion: 'metrics.k8s.io/v1beta1',
  kind: 'PodMetrics',
  metadata: { namespace: 'shop', name, labels: { app: 'web' } },
  containers: [{ name: 'c', usage: { cpu } }],
});

async function autoscaled(o: { readonly replicas: number; readonly min: number; readonly cpu?: string }) {
  const clock = simulatedClock();
  const hub = new MemoryServer(clock, [namespaces, deployments, clusters, works, resourceBindings, federatedHPAs]);
  const member = new MemoryServer(clock, [namespaces, nodes, pods, deployments]);
  const deployment = (labels: Record<string, string>): AnyObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'shop', name: 'web', labels },
    spec: { replicas: o.replicas },
  });
  const claim = { 'propagationpolicy.karmada.io/permanent-id': 'p-1' };
  await member.client.create(deployments, deployment({}));
  for (let i = 0; i < o.replicas; i++) {
    await member.client.create(pods, pod(`web-${i}`));
    if (o.cpu) await hub.client.create(podMetrics, usage(`web-${i}`, o.cpu));
  }
  stop = new AbortController();
  controllers({
    hub: withScale(hub.client),
    clock,
    connect: () => withScale(member.client),
    interpreter: nativeLayer(clock),
    recorder: eventRecorder({ client: hub.client, clock, component: 'test' }),
    options: { controllers: ['cluster', 'clusterStatus', 'federatedHorizontalPodAutoscaler'] },
  })
    .run(stop.signal)
    .catch(() => undefined);
  await hub.client.create(clusters, {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'm1' },
    spec: { syncMode: 'Push' },
  });
  await hub.client.create(deployments, deployment(claim));
  await hub.client.create(resourceBindings, {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { namespace: 'shop', name: 'web-deployment', labels: claim },
    spec: { resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }, clusters: [{ name: 'm1' }] },
  });
  await clock.advance(20_000);
  await hub.client.create(federatedHPAs, {
    apiVersion: 'autoscaling.karmada.io/v1alpha1',
    kind: 'FederatedHPA',
    metadata: { namespace: 'shop', name: 'fh' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: o.min,
      maxReplicas: 10,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    },
  });
  await clock.advance(5_000);
  const template = await hub.client.get(deployments, { namespace: 'shop', name: 'web' });
  const hpa = await hub.client.get(federatedHPAs, { namespace: 'shop', name: 'fh' });
  return { replicas: at(template, 'spec', 'replicas'), hpa, texts: hub.all(events).map(e => `${e['reason']}: ${e['message']}`) };
}

describe('a FederatedHPA', () => {
  it('raises a template to its minimum without asking for metrics', async () => {
    const { replicas, hpa, texts } = await autoscaled({ replicas: 1, min: 2 });
    expect(replicas).toBe(2);
    expect(hpa.status).toMatchObject({
      currentReplicas: 1,
      desiredReplicas: 2,
      conditions: [{ type: 'AbleToScale', reason: 'SucceededRescale' }],
    });
    expect(texts).toContain('SuccessfulRescale: New size: 2; reason: Current number of replicas below Spec.MinReplicas');
  });

  it('scales by what the pods of all members use', async () => {
    const { replicas, hpa } = await autoscaled({ replicas: 2, min: 1, cpu: '100m' });
    expect(replicas).toBe(4);
    expect(hpa.status?.currentMetrics).toMatchObject([{ type: 'Resource', resource: { current: { averageUtilization: 100 } } }]);
    expect(hpa.status?.conditions).toContainEqual(expect.objectContaining({ type: 'ScalingActive', status: 'True' }));
  });

  it('leaves the count alone and says why where there are no metrics', async () => {
    const { replicas, hpa, texts } = await autoscaled({ replicas: 2, min: 1 });
    expect(replicas).toBe(2);
    expect(hpa.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric' }),
    );
    expect(texts.some(text => text.startsWith('FailedGetResourceMetric'))).toBe(true);
  });
});
