import type { NativeRules } from './rules.ts';

/** multicluster.x-k8s.io/v1alpha1 ServiceImport: the service and the slices derived from it. */
export const serviceImport: NativeRules = {
  dependencies({ metadata }) {
    const name = `derived-${metadata.name ?? ''}`;
    const namespace = metadata.namespace ? { namespace: metadata.namespace } : {};
    return [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        ...namespace,
        labelSelector: { matchLabels: { 'kubernetes.io/service-name': name } },
      },
      { apiVersion: 'v1', kind: 'Service', ...namespace, name },
    ];
  },
};
