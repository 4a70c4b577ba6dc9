import { describe, expect, it } from 'vitest';
import { type AnyObject, deepFreeze, simulatedClock } from '../../kube/index.ts';
import { thirdpartyLayer } from './index.ts';

const layer = thirdpartyLayer(simulatedClock());
const object = (apiVersion: string, kind: string, rest: object): AnyObject =>
  deepFreeze({ apiVersion, kind, metadata: { name: 'x', namespace: 'ns', generation: 1 }, ...rest });

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
  it('refuses what its kinds cannot do without', async () => {
    const cloneSet = object('apps.kruise.io/v1alpha1', 'CloneSet', { spec: { template: { spec: {} } } });
    const entry = layer.interpreterFor(cloneSet.apiVersion, cloneSet.kind);
    await expect(entry?.replicas?.(cloneSet)).rejects.toMatchObject({ code: 500 });
    await expect(entry?.dependencies?.(cloneSet)).rejects.toMatchObject({ code: 500 });
  });
  it('is not led astray by names that mean something to the machine', async () => {
    const status = JSON.parse('{"replicaStatuses":{"__proto__":{"active":1},"constructor":{"active":2}}}') as unknown;
    const job = object('kubeflow.org/v1', 'TFJob', { spec: {} });
    await layer.interpreterFor(job.apiVersion, job.kind)?.aggregate?.(job, [{ clusterName: 'a', status }]);
    expect(({} as Record<string, unknown>)['active']).toBeUndefined();
  });
  it('knows kinds by their exact version only', () => {
    expect(layer.interpreterFor('apps.kruise.io/v1beta1', 'CloneSet')).toBeUndefined();
  });
});
