import { describe, expect, it } from 'vitest';
import type { ResourceBinding, Work } from '../../crds/index.ts';
import { type BindingSteps, reconcileBinding } from './reconcile.ts';

const binding = {
  apiVersion: 'work.karmada.io/v1alpha2',
  kind: 'ResourceBinding',
  metadata: { namespace: 'ns', name: 'b', resourceVersion: '1' },
  spec: { resource: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns', name: 'c' }, clusters: [{ name: 'm1' }] },
} as ResourceBinding;
const work = {
  apiVersion: 'work.karmada.io/v1alpha1',
  kind: 'Work',
  metadata: { namespace: 'karmada-es-m2', name: 'w' },
  spec: {},
} as Work;
const template = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ns', name: 'c' } };
const signal = new AbortController().signal;

function steps(o: Partial<BindingSteps> = {}) {
  const calls: string[] = [];
  const note = (name: string) => async () => void calls.push(name);
  const all: BindingSteps = {
    recorder: { event: (_object, type, reason) => void calls.push(`${type} ${reason}`) },
    worksOf: () => [work],
    template: async () => template,
    deleteAll: note('deleteAll'),
    deleteOrphans: note('deleteOrphans'),
    ensureWorks: note('ensureWorks'),
    removeFinalizer: note('removeFinalizer'),
    ...o,
  };
  return { all, calls };
}

describe('a pass over a binding', () => {
  it('deletes orphans, writes the Works and says so on binding and template', async () => {
    const { all, calls } = steps();
    await reconcileBinding(binding, all, signal);
    expect(calls).toEqual(['deleteOrphans', 'ensureWorks', 'Normal SyncWorkSucceed', 'Normal SyncWorkSucceed']);
  });

  it('deletes everything before it lets a terminating binding go', async () => {
    const { all, calls } = steps();
    await reconcileBinding({ ...binding, metadata: { ...binding.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }, all, signal);
    expect(calls).toEqual(['deleteAll', 'removeFinalizer']);
  });

  it('makes no new copy while one that is purged directly is still there', async () => {
    const { all, calls } = steps();
    const task = { fromCluster: 'm2', purgeMode: 'Directly', reason: 'TaintUntolerated', producer: 'TaintManager' } as const;
    const result = await reconcileBinding({ ...binding, spec: { ...binding.spec, gracefulEvictionTasks: [task] } }, all, signal);
    expect(result).toEqual({ requeueAfterMs: 5000 });
    expect(calls).toEqual(['deleteOrphans']);
  });

  it('stops quietly where the template is gone', async () => {
    const { all, calls } = steps({ template: async () => undefined });
    await reconcileBinding(binding, all, signal);
    expect(calls).toEqual(['deleteOrphans']);
  });

  it('reports what failed, and tries again', async () => {
    const { all, calls } = steps({ ensureWorks: () => Promise.reject(new Error('no room')) });
    await expect(reconcileBinding(binding, all, signal)).rejects.toThrow('no room');
    expect(calls).toEqual(['deleteOrphans', 'Warning SyncWorkFailed', 'Warning SyncWorkFailed']);
  });
});
