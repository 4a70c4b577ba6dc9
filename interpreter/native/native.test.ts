import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyObject, deepFreeze, simulatedClock } from '../../kube/index.ts';
import { nativeLayer } from './index.ts';
import { podDependencies } from './pod-dependencies.ts';
import { podRequirements } from './pod-requirements.ts';
import { pruneIrrelevantFields } from './prune.ts';

const layer = nativeLayer(simulatedClock());
const deployment = (spec: object, status?: object): AnyObject =>
  deepFreeze({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'w', generation: 2 }, spec, ...(status ? { status } : {}) });
const native = layer.interpreterFor('apps/v1', 'Deployment');

describe('native interpreters', () => {
  it('write replicas only where they already are', async () => {
    expect((await native?.revise?.(deployment({ replicas: 1 }), 5))?.['spec']).toEqual({ replicas: 5 });
    expect((await native?.revise?.(deployment({}), 5))?.['spec']).toEqual({});
  });
  it('call a Deployment healthy only when the newest generation is available', async () => {
    const status = { observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2 };
    expect(await native?.health?.(deployment({ replicas: 2 }, status))).toBe(true);
    expect(await native?.health?.(deployment({ replicas: 2 }, { ...status, observedGeneration: 1 }))).toBe(false);
    expect(await native?.health?.(deployment({ replicas: 3 }, status))).toBe(false);
  });
  it('refuse an object whose fields have the wrong type', async () => {
    await expect(native?.replicas?.(deployment({ replicas: 'many' }))).rejects.toThrow('spec.replicas');
  });
  it('add up the counters of all clusters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 8 }), async counts => {
        const items = counts.map((readyReplicas, i) => ({ clusterName: `m${i}`, status: { readyReplicas } }));
        const result = await native?.aggregate?.(deployment({ replicas: 1 }), items);
        const sum = counts.reduce((a, b) => a + b, 0);
        expect((result?.['status'] as { readyReplicas?: number } | undefined)?.readyReplicas ?? 0).toBe(sum);
      }),
    );
  });
});

describe('pod templates', () => {
  it('need the sum of their containers, at least each init container', () => {
    const container = (cpu: string): object => ({ name: 'c', resources: { requests: { cpu } } });
    const spec = { containers: [container('200m'), container('300m')], initContainers: [container('2')] };
    expect(podRequirements(spec)?.resourceRequest).toEqual({ cpu: '2' });
  });
  it('name each dependency once, and no default service account', () => {
    const env = [{ valueFrom: { secretKeyRef: { name: 's' } } }, { valueFrom: { secretKeyRef: { name: 's' } } }];
    expect(podDependencies({ containers: [{ env }], serviceAccountName: 'default' }, 'ns')).toEqual([
      { apiVersion: 'v1', kind: 'Secret', namespace: 'ns', name: 's' },
    ]);
  });
});

describe('pruning', () => {
  it('takes away what a control plane writes and leaves the rest alone', () => {
    const object = deepFreeze({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', uid: 'u' },
      spec: { clusterIP: '1.1.1.1', type: 'X' },
      status: {},
    });
    expect(pruneIrrelevantFields(object)).toEqual({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'X' } });
  });
  it('changes nothing the second time', () => {
    const object: AnyObject = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { template: { metadata: { labels: { 'job-name': 'j', a: 'b' } } } },
    };
    const once = pruneIrrelevantFields(object);
    expect(once['spec']).toEqual({ template: { metadata: { labels: { a: 'b' } } } });
    expect(pruneIrrelevantFields(once)).toEqual(once);
  });
});
