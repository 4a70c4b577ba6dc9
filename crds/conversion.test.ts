import { describe, expect, it } from 'vitest';
import { convertBinding } from './conversion.ts';

const older = {
  apiVersion: 'work.karmada.io/v1alpha1',
  kind: 'ResourceBinding',
  metadata: { name: 'web-deployment', namespace: 'default', labels: { a: 'b' } },
  spec: {
    resource: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'default',
      name: 'web',
      resourcePerReplicas: { cpu: '100m' },
      replicas: 3,
    },
    clusters: [{ name: 'm1', replicas: 3 }],
  },
  status: { aggregatedStatus: [{ clusterName: 'm1', applied: true, status: { replicas: 3 } }] },
};

describe('convertBinding', () => {
  it('moves replicas and requests out of spec.resource', () => {
    expect(convertBinding(older, 'work.karmada.io/v1alpha2')).toEqual({
      apiVersion: 'work.karmada.io/v1alpha2',
      kind: 'ResourceBinding',
      metadata: older.metadata,
      spec: {
        resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' },
        replicaRequirements: { resourceRequest: { cpu: '100m' } },
        replicas: 3,
        clusters: [{ name: 'm1', replicas: 3 }],
      },
      status: older.status,
    });
  });

  it('comes back to the same older object', () => {
    const newer = convertBinding(older, 'work.karmada.io/v1alpha2');
    expect(newer && convertBinding(newer, 'work.karmada.io/v1alpha1')).toEqual(older);
  });

  it('drops what the older form cannot say', () => {
    const newer = {
      apiVersion: 'work.karmada.io/v1alpha2',
      kind: 'ClusterResourceBinding',
      metadata: { name: 'x' },
      spec: { resource: { apiVersion: 'v1', kind: 'Namespace', name: 'x', uid: 'u' }, placement: {}, conflictResolution: 'Abort' },
      status: { schedulerObservedGeneration: 2, aggregatedStatus: [{ clusterName: 'm1', health: 'Healthy' }] },
    };
    expect(convertBinding(newer, 'work.karmada.io/v1alpha1')).toEqual({
      apiVersion: 'work.karmada.io/v1alpha1',
      kind: 'ClusterResourceBinding',
      metadata: { name: 'x' },
      spec: { resource: { apiVersion: 'v1', kind: 'Namespace', name: 'x' } },
      status: { aggregatedStatus: [{ clusterName: 'm1' }] },
    });
  });

  it('refuses other kinds and versions', () => {
    expect(convertBinding(older, 'work.karmada.io/v1')).toBeUndefined();
    expect(convertBinding({ ...older, kind: 'Work' }, 'work.karmada.io/v1alpha2')).toBeUndefined();
  });
});
