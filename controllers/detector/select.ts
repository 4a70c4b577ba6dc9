// Which policy takes a resource template (specification §1.2): explicit priority first, then how closely it selects, then the smaller name.
import type { PropagationPolicy } from '../../crds/index.ts';
import type { KubeObject } from '../../kube/index.ts';
import { implicitPriority } from '../resource-selector.ts';

/** The best policy of one kind for the template; undefined where none selects it. Policies on their way out do not count. */
export function bestPolicy(template: KubeObject, policies: readonly PropagationPolicy[]): PropagationPolicy | undefined {
  let best: { policy: PropagationPolicy; implicit: number } | undefined;
  for (const policy of policies) {
    if (policy.metadata.deletionTimestamp) continue;
    const candidate = { policy, implicit: implicitPriority(template, policy.spec.resourceSelectors ?? []) };
    if (candidate.implicit > 0 && (!best || beats(candidate, best))) best = candidate;
  }
  return best?.policy;
}

interface Candidate {
  readonly policy: PropagationPolicy;
  readonly implicit: number;
}

function beats(a: Candidate, b: Candidate): boolean {
  const explicit = priorityOf(a.policy) - priorityOf(b.policy);
  if (explicit !== 0) return explicit > 0;
  if (a.implicit !== b.implicit) return a.implicit > b.implicit;
  return (a.policy.metadata.name ?? '') < (b.policy.metadata.name ?? '');
}

export const priorityOf = (policy: PropagationPolicy): number => policy.spec.priority ?? 0;
