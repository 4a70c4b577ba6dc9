// Bindings and Works get a permanent id: everything that is made from them is found again by it.
import { labels } from '../../crds/index.ts';
import { type Mutate, objectIn } from '../admission.ts';
import { withLabel } from '../metadata.ts';

/** A missing permanent id is filled in; a given one stays. */
export const mutatePermanentId =
  (label: string): Mutate =>
  (request, { clock }) => {
    const object = objectIn(request);
    return object.metadata.labels?.[label] ? object : withLabel(object, label, clock.uuid());
  };

export const mutateResourceBinding = mutatePermanentId(labels.resourceBindingId);
export const mutateClusterResourceBinding = mutatePermanentId(labels.clusterResourceBindingId);
export const mutateMultiClusterService = mutatePermanentId(labels.multiClusterServiceId);
