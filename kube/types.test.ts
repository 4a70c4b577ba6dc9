import { describe, expect, it } from 'vitest';
import { builtinType, messageType } from './types.ts';

describe('types of built-in kinds', () => {
  it('finds the message of a kind in every group', () => {
    for (const [apiVersion, kind] of [
      ['v1', 'Pod'],
      ['apps/v1', 'Deployment'],
      ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
      ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
      ['apiregistration.k8s.io/v1', 'APIService'],
      ['flowcontrol.apiserver.k8s.io/v1', 'FlowSchema'],
      ['policy/v1', 'Eviction'],
      ['apps/v1', 'DeleteOptions'],
    ] as const)
      expect(builtinType(apiVersion, kind)?.fields.has('apiVersion'), `${apiVersion} ${kind}`).toBe(true);
    expect(builtinType('example.com/v1', 'Thing')).toBeUndefined();
    expect(builtinType('v1', 'toString')).toBeUndefined();
  });

  it('carries merge semantics and the default that takes part in keys', () => {
    const ports = messageType('api.core.v1.Container')?.fields.get('ports');
    expect(ports).toMatchObject({
      shape: 'list',
      message: 'api.core.v1.ContainerPort',
      listType: 'map',
      listMapKeys: ['containerPort', 'protocol'],
      patchMergeKey: 'containerPort',
    });
    expect(messageType('api.core.v1.ContainerPort')?.fields.get('protocol')?.default).toBe('TCP');
    expect(messageType('api.core.v1.PodSpec')?.fields.get('volumes')?.patchStrategy).toEqual(['merge', 'retainKeys']);
  });
});
