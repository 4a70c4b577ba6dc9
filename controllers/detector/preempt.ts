// Preemption (specification §1.9): who may take a template from whom. A namespaced policy takes from a cluster-wide one always, from its like only with
// a larger priority; a cluster-wide one only from its like.
import type { PropagationPolicy } from '../../crds/index.ts';
import type { KubeObject } from '../../kube/index.ts';
import { type Claim, claimIn, scopeOf } from './claim.ts';
import { priorityOf } from './select.ts';

/** The policy that a claim names; rejects where it is not there. */
export type FindPolicy = (claim: Claim) => Promise<PropagationPolicy>;

/** The claim that the policy shall take over; undefined where it must not, or where the template is free. */
export async function claimToPreempt(template: KubeObject, policy: PropagationPolicy, find: FindPolicy): Promise<Claim | undefined> {
  const scope = scopeOf(policy);
  const own = claimIn(template, scope);
  if (own && !isBy(own, policy)) {
    const current = await find(own);
    if (priorityOf(policy) > priorityOf(current)) return own;
  }
  return scope === 'Namespaced' ? claimIn(template, 'Cluster') : undefined;
}

const isBy = (claim: Claim, { metadata }: PropagationPolicy): boolean =>
  claim.name === metadata.name && claim.namespace === (metadata.namespace ?? '');

/** The text of the Event on the template. */
export function preemptionText(policy: PropagationPolicy, claim: Claim): string {
  const { namespace, name } = policy.metadata;
  const by = namespace ? `Propagation policy(${namespace}/${name})` : `Cluster propagation policy(${name})`;
  const from =
    claim.scope === 'Namespaced' ? `propagation policy(${claim.namespace}/${claim.name})` : `cluster propagation policy(${claim.name})`;
  return `${by} preempted ${from}`;
}
