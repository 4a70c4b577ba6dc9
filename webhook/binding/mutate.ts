// Bindings and Works get a permanent id: everything that is made from them is found again by it.
import { labels } from '../../crds/index.ts';
import { objectOf } from '../../kube/index.ts';
import { type Mutate, objectIn } from '../admission.ts';
import { withLabel } from '../metadata.ts';

/** A missing permanent id is filled in; a given one stays. */
export const mutatePermanentId =
  (label: string): Mutate =>
  (request, { clock }) => {
    const object = objectIn(request);
    return object.metadata.labels?.[label] ? object : withLabel(object, label, clock.uuid());
  };

const mutateBinding =
  (label: string): Mutate =>
  (request, context) => {
    const object = mutatePermanentId(label)(request, context);
    const { replicas, clusters, ...spec } = objectOf(object['spec']);
    return {
      ...object,
      spec: {
        ...spec,
        ...(replicas ? { replicas } : {}),
        ...(Array.isArray(clusters) ? { clusters: clusters.map(withoutZeroReplicas) } : {}),
      },
    };
  };

/** No replicas and zero replicas are one thing; the shorter form is stored. */
function withoutZeroReplicas(target: unknown): Record<string, unknown> {
  const { replicas, ...rest } = objectOf(target);
  return replicas ? { ...rest, replicas } : rest;
}

export const mutateResourceBinding = mutateBinding(labels.resourceBindingId);
export const mutateClusterResourceBinding = mutateBinding(labels.clusterResourceBindingId);
export const mutateMultiClusterService = mutatePermanentId(labels.multiClusterServiceId);
