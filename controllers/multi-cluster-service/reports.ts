// The marks of EndpointSlices that were collected for a MultiClusterService, and the Work that tells a member to collect them.
import { executionSpace, finalizers, labels, type MultiClusterService, managers, type Work, workName } from '../../crds/index.ts';
import type { AnyObject } from '../../kube/index.ts';
import type { ReportOwner } from '../endpoint-slices/collection.ts';
import { carries } from '../endpoint-slices/slices.ts';
import { preparedManifest } from '../manifest.ts';

export const sliceReports: ReportOwner = {
  manager: managers.multiClusterService,
  namespaceLabel: labels.multiClusterServiceNamespace,
  nameLabel: labels.multiClusterServiceName,
  finalizer: finalizers.endpointSliceDispatch,
};

export const carriesService = (work: Work): boolean => carries(work, 'networking.karmada.io', 'MultiClusterService');

/** Data for whoever serves the provider: the slices of this service are wanted. */
export function providerWork(service: MultiClusterService, cluster: string): Work {
  const { namespace = '', name = '', uid = '' } = service.metadata;
  const address = { namespace: executionSpace(cluster), name: workName('MultiClusterService', name, namespace) };
  const typed = { ...service, apiVersion: 'networking.karmada.io/v1alpha1', kind: 'MultiClusterService' } as unknown as AnyObject;
  return {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: {
      ...address,
      labels: {
        [labels.multiClusterServiceId]: service.metadata.labels?.[labels.multiClusterServiceId] ?? '',
        [labels.multiClusterServiceNamespace]: namespace,
        [labels.multiClusterServiceName]: name,
      },
    },
    spec: { suspendDispatching: true, workload: { manifests: [preparedManifest(typed, address, uid)] } },
  };
}
