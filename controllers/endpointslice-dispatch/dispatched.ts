// The Work that brings a collected EndpointSlice to a consumer: the same name as the report, the slice under the provider's name.
import { annotations, executionSpace, finalizers, labels, type MultiClusterService, type Work } from '../../crds/index.ts';
import type { AnyObject } from '../../kube/index.ts';
import { DISPATCHER, manifestOf, SERVICE_NAME, SLICE_MANAGED_BY } from '../endpoint-slices/slices.ts';
import { preparedManifest } from '../manifest.ts';

/** Undefined where the report holds no slice. */
export function dispatchedWork(
  report: Work,
  service: MultiClusterService,
  o: { readonly provider: string; readonly consumer: string },
): Work | undefined {
  const slice = manifestOf(report);
  if (!slice) return undefined;
  const { namespace = '', name = '' } = service.metadata;
  const address = { namespace: executionSpace(o.consumer), name: report.metadata.name ?? '' };
  const origin = { [annotations.provisionCluster]: o.provider };
  const { metadata, ...rest } = slice;
  const moved = {
    ...rest,
    metadata: {
      ...metadata,
      name: `${o.provider}-${metadata.name}`,
      labels: { [SERVICE_NAME]: name, [SLICE_MANAGED_BY]: DISPATCHER },
      annotations: origin,
    },
  } as unknown as AnyObject;
  return {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: {
      ...address,
      labels: { [labels.multiClusterServiceNamespace]: namespace, [labels.multiClusterServiceName]: name },
      annotations: origin,
      finalizers: [finalizers.execution],
    },
    spec: { workload: { manifests: [preparedManifest(moved, address, '')] } },
  };
}
