import { describe, expect, it } from 'vitest';
import { type AnyObject, deepFreeze, simulatedClock } from '../../kube/index.ts';
import { thirdpartyLayer } from './index.ts';

const layer = thirdpartyLayer(simulatedClock());
const object = (apiVersion: string, kind: string, rest: object): AnyObject =>
  deepFreeze({ apiVersion, kind, metadata: { name: 'x', namespace: 'ns', generation: 1 }, ...rest });

const ended = (type: string): object => ({ conditions: [{ type, status: 'True' }] });
const running = (startedAt: string): object => ({ containerState: { running: { startedAt } } });
const phase = (name: string): object => ({ state: { phase: name } });
const spark = (state: string): object => ({ applicationState: { state } });
const application = (status: string): object => ({ activeServiceStatus: { applicationStatuses: { app: { status } } } });

/** Patterns as matchers, in depth. */
function withPatterns(value: unknown): unknown {
  if (value instanceof RegExp) return expect.stringMatching(value);
  if (Array.isArray(value)) return value.map(withPatterns);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPatterns(item)]));
}

describe('the third-party catalogue', () => {
  it('reads the parts of a Ray cluster', async () => {
    const template = { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] } };
    const cluster = object('ray.io/v1', 'RayCluster', {
      spec: { headGroupSpec: { template }, workerGroupSpecs: [{ replicas: 3, template }] },
    });
    const parts = await layer.interpreterFor('ray.io/v1', 'RayCluster')?.components?.(cluster);
    expect(parts?.map(part => [part.name, part.replicas])).toEqual([
      ['ray-head', 1],
      ['worker-1', 3],
    ]);
  });
  it('unites the conditions of Flux objects with the names of their clusters', async () => {
    const status = (message: string): object => ({ conditions: [{ type: 'Ready', status: 'True', reason: 'Succeeded', message }] });
    const items = [
      { clusterName: 'a', status: status('one') },
      { clusterName: 'b', status: status('two') },
    ];
    const bucket = object('source.toolkit.fluxcd.io/v1beta2', 'Bucket', { spec: {} });
    const result = await layer.interpreterFor(bucket.apiVersion, bucket.kind)?.aggregate?.(bucket, items);
    expect(result?.['status']).toMatchObject({ conditions: [{ type: 'Ready', message: 'a=one, b=two' }] });
  });
  it.each<[string, string, unknown[], object]>([
    ['kubeflow.org/v1', 'PyTorchJob', [ended('Succeeded'), ended('Succeeded')], { conditions: [{ type: 'Succeeded', status: 'True' }] }],
    ['kubeflow.org/v1', 'PyTorchJob', [ended('Succeeded'), ended('Failed')], { conditions: [{ type: 'Failed', message: /clusters: b$/ }] }],
    ['kubeflow.org/v1', 'TFJob', [ended('Succeeded'), ended('Succeeded')], { conditions: [{ type: 'Succeeded', reason: 'Completed' }] }],
    [
      'kubeflow.org/v1',
      'Notebook',
      [running('1'), running('2')],
      { containerState: { running: { startedAt: '2' } }, conditions: [{ type: 'Ready' }] },
    ],
    ['batch.volcano.sh/v1alpha1', 'Job', [phase('Completed'), phase('Completed')], { state: { phase: 'Completed' } }],
    [
      'batch.volcano.sh/v1alpha1',
      'Job',
      [phase('Completed'), phase('Aborted')],
      { state: { phase: 'Failed', message: 'Job failed in clusters: b' } },
    ],
    [
      'sparkoperator.k8s.io/v1beta2',
      'SparkApplication',
      [spark('SUSPENDED'), spark('RUNNING')],
      { applicationState: { state: 'RUNNING' } },
    ],
    [
      'ray.io/v1',
      'RayService',
      [application('DEPLOYING'), application('UNHEALTHY')],
      { activeServiceStatus: { applicationStatuses: { app: { status: 'UNHEALTHY' } } } },
    ],
    [
      'ray.io/v1',
      'RayCluster',
      [
        { desiredGPU: '1', desiredCPU: '500m' },
        { desiredGPU: 2, desiredCPU: '1' },
      ],
      { desiredGPU: '3', desiredCPU: '1500m' },
    ],
    ['apps.kruise.io/v1alpha1', 'BroadcastJob', [ended('Complete'), ended('Complete')], { conditions: [{ type: 'Completed' }] }],
  ])('makes one status of two clusters: %s %s', async (apiVersion, kind, statuses, expected) => {
    const whole = object(apiVersion, kind, { spec: {} });
    const items = statuses.map((status, i) => ({ clusterName: 'ab'.charAt(i), status }));
    const result = await layer.interpreterFor(apiVersion, kind)?.aggregate?.(whole, items);
    expect(result?.['status']).toMatchObject(withPatterns(expected) as object);
  });
  it('counts the memory of Spark in the smaller unit, and refuses one without a unit', async () => {
    const parts = async (memory: string): Promise<unknown> => {
      const spec = { type: 'Java', driver: { memory }, executor: { instances: '2' } };
      const spark = object('sparkoperator.k8s.io/v1beta2', 'SparkApplication', { spec });
      const components = await layer.interpreterFor(spark.apiVersion, spark.kind)?.components?.(spark);
      return components?.map(part => [part.replicas, part.replicaRequirements?.resourceRequest?.['memory']]);
    };
    expect(await parts('1G')).toEqual([
      [1, '1408Mi'],
      [2, '1408Mi'],
    ]);
    await expect(parts('1024')).rejects.toMatchObject({ code: 500 });
  });
  it('refuses what its kinds cannot do without', async () => {
    const cloneSet = object('apps.kruise.io/v1alpha1', 'CloneSet', { spec: { template: { spec: {} } } });
    const entry = layer.interpreterFor(cloneSet.apiVersion, cloneSet.kind);
    await expect(entry?.replicas?.(cloneSet)).rejects.toMatchObject({ code: 500 });
    await expect(entry?.dependencies?.(cloneSet)).rejects.toMatchObject({ code: 500 });
  });
  it('is not led astray by names that mean something to the machine', async () => {
    const status = JSON.parse('{"replicaStatuses":{"__proto__":{"active":1},"constructor":{"active":2}}}') as unknown;
    const job = object('kubeflow.org/v2beta1', 'MPIJob', { spec: {} });
    const items = ['a', 'b'].map(clusterName => ({ clusterName, status }));
    await layer.interpreterFor(job.apiVersion, job.kind)?.aggregate?.(job, items);
    expect(({} as Record<string, unknown>)['active']).toBeUndefined();
  });
  it('knows kinds by their exact version only', () => {
    expect(layer.interpreterFor('apps.kruise.io/v1beta1', 'CloneSet')).toBeUndefined();
  });
});
