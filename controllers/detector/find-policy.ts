// The policy of a template (specification §1.3): the one that claims it as long as that stands, else the best of its namespace, else the best cluster-wide.
import { labels, type PropagationPolicy } from '../../crds/index.ts';
import type { AnyObject } from '../../kube/index.ts';
import { selects } from '../resource-selector.ts';
import { type Claim, claimIn } from './claim.ts';
import { bestPolicy } from './select.ts';

export interface Policies {
  readonly get: (claim: Pick<Claim, 'scope' | 'namespace' | 'name'>) => PropagationPolicy | undefined;
  /** Of one namespace, or the cluster-wide ones. */
  readonly list: (namespace: string | undefined) => readonly PropagationPolicy[];
  /** Measures a search. */
  readonly measured?: <T>(search: () => T) => T;
}

export type Finding =
  /** Apply this policy. */
  | { readonly kind: 'policy'; readonly policy: PropagationPolicy }
  /** The policy that claims it is gone: remove the claim. */
  | { readonly kind: 'orphaned'; readonly claim: Claim }
  /** Nobody selects it: wait for a policy. */
  | { readonly kind: 'waiting' }
  /** Not for us, or claimed by a policy that no longer selects it: leave it alone. */
  | { readonly kind: 'none' };

/** Throws where the claiming policy is on its way out: try again later. */
export function findPolicy(template: AnyObject, policies: Policies): Finding {
  if (template.metadata.labels?.[labels.claimedBy]) return { kind: 'none' };
  for (const scope of ['Namespaced', 'Cluster'] as const) {
    const claim = claimIn(template, scope);
    if (claim?.id) return claimedFinding(template, claim, policies);
  }
  const { namespace } = template.metadata;
  const { measured = search => search() } = policies;
  const bestOf = (scope: string | undefined) => measured(() => bestPolicy(template, policies.list(scope)));
  const best = (namespace ? bestOf(namespace) : undefined) ?? bestOf(undefined);
  return best ? { kind: 'policy', policy: best } : { kind: 'waiting' };
}

function claimedFinding(template: AnyObject, claim: Claim, policies: Policies): Finding {
  const policy = policies.get(claim);
  if (!policy) return { kind: 'orphaned', claim };
  if (policy.metadata.deletionTimestamp) {
    throw new Error(
      claim.scope === 'Namespaced'
        ? `policy(${claim.namespace}/${claim.name}) is being deleted`
        : `cluster policy(${claim.name}) is being deleted`,
    );
  }
  return selects(policy.spec.resourceSelectors, template) ? { kind: 'policy', policy } : { kind: 'none' };
}
