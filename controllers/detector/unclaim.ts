// Removing a policy's claim (specification §1.7, §1.8): from the binding first, then from the template, and only where the claim is still that policy's.
import { clusterResourceBindings, type ResourceBinding, resourceBindings } from '../../crds/index.ts';
import { type Client, type Clock, type KubeObject, keyOf, type ObjectKey, type Resource } from '../../kube/index.ts';
import { updateFresh } from '../writing.ts';
import { CLAIM_KEYS, type PolicyScope, unclaimed } from './claim.ts';

export interface UnclaimOptions {
  readonly hub: Client;
  readonly clock: Clock;
}

/** Whose claim shall go. */
export interface ClaimId {
  readonly scope: PolicyScope;
  readonly id: string;
}

export async function unclaimBinding(o: UnclaimOptions, binding: ResourceBinding, claim: ClaimId, signal: AbortSignal): Promise<void> {
  const resource = binding.metadata.namespace ? resourceBindings : clusterResourceBindings;
  await unclaim(o, { resource, key: keyOf(binding), claim }, signal);
}

/** Does nothing where the object is gone or claimed by another. */
export async function unclaim<T extends KubeObject>(
  { hub, clock }: UnclaimOptions,
  { resource, key, claim }: { readonly resource: Resource<T>; readonly key: ObjectKey; readonly claim: ClaimId },
  signal: AbortSignal,
): Promise<void> {
  const change = (present: T): T => {
    if (present.metadata.labels?.[CLAIM_KEYS[claim.scope].id] !== claim.id) return present;
    return { ...present, metadata: unclaimed(present.metadata, claim.scope) };
  };
  await updateFresh({ client: hub, clock, resource }, key, { change }, signal);
}
