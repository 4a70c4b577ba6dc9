// The claim of a policy on a template and its binding (specification §1.4): a label with the policy's permanent id and annotations with its name.
// A namespaced policy drives the claim of a cluster-wide one out; the other way round nothing is removed.
import { annotations, labels, type PropagationPolicy } from '../../crds/index.ts';
import type { KubeObject, ObjectMeta } from '../../kube/index.ts';

/** The two kinds of policy differ in the keys of their claims. */
export type PolicyScope = 'Namespaced' | 'Cluster';

export const scopeOf = (policy: PropagationPolicy): PolicyScope => (policy.metadata.namespace ? 'Namespaced' : 'Cluster');

interface ClaimKeys {
  readonly id: string;
  readonly annotations: readonly string[];
}

export const CLAIM_KEYS: Readonly<Record<PolicyScope, ClaimKeys>> = {
  Namespaced: { id: labels.propagationPolicyId, annotations: [annotations.propagationPolicyNamespace, annotations.propagationPolicyName] },
  Cluster: { id: labels.clusterPropagationPolicyId, annotations: [annotations.clusterPropagationPolicyName] },
};

export interface Claim {
  readonly scope: PolicyScope;
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
}

/** The claim of that kind of policy on an object; the id may be empty where only the annotations are left. */
export function claimIn({ metadata }: KubeObject, scope: PolicyScope): Claim | undefined {
  const id = metadata.labels?.[CLAIM_KEYS[scope].id] ?? '';
  const text = (key: string): string => metadata.annotations?.[key] ?? '';
  if (scope === 'Cluster') {
    const name = text(annotations.clusterPropagationPolicyName);
    return name ? { scope, id, namespace: '', name } : undefined;
  }
  const [namespace, name] = [text(annotations.propagationPolicyNamespace), text(annotations.propagationPolicyName)];
  return namespace && name ? { scope, id, namespace, name } : undefined;
}

/** The complete claim on an object; a namespaced one goes first. */
export function claimOf(object: KubeObject): Claim | undefined {
  for (const scope of ['Namespaced', 'Cluster'] as const) {
    const claim = claimIn(object, scope);
    if (claim?.id) return claim;
  }
  return undefined;
}

export const policyId = (policy: PropagationPolicy): string => policy.metadata.labels?.[CLAIM_KEYS[scopeOf(policy)].id] ?? '';

/** The labels of a claim. */
export const claimLabels = (policy: PropagationPolicy): Record<string, string> => ({ [CLAIM_KEYS[scopeOf(policy)].id]: policyId(policy) });

/** The annotations of a claim. */
export function claimAnnotations({ metadata }: PropagationPolicy): Record<string, string> {
  const name = metadata.name ?? '';
  return metadata.namespace
    ? { [annotations.propagationPolicyNamespace]: metadata.namespace, [annotations.propagationPolicyName]: name }
    : { [annotations.clusterPropagationPolicyName]: name };
}

/** The metadata with the claim of the policy; the very same metadata where it is there already. */
export function claimed(metadata: ObjectMeta, policy: PropagationPolicy): ObjectMeta {
  const scope = scopeOf(policy);
  const rest = scope === 'Namespaced' ? unclaimed(metadata, 'Cluster') : metadata;
  if (rest === metadata && metadata.labels?.[CLAIM_KEYS[scope].id] === policyId(policy)) return metadata;
  return {
    ...rest,
    labels: { ...rest.labels, ...claimLabels(policy) },
    annotations: { ...rest.annotations, ...claimAnnotations(policy) },
  };
}

/** The metadata without the claim of that scope; the very same metadata where there was none. */
export function unclaimed(metadata: ObjectMeta, scope: PolicyScope): ObjectMeta {
  const { id, annotations: keys } = CLAIM_KEYS[scope];
  const hasAnnotation = keys.some(key => metadata.annotations?.[key] !== undefined);
  if (metadata.labels?.[id] === undefined && !hasAnnotation) return metadata;
  return {
    ...metadata,
    ...(metadata.labels ? { labels: without(metadata.labels, [id]) } : {}),
    ...(metadata.annotations ? { annotations: without(metadata.annotations, keys) } : {}),
  };
}

/** The map without those keys. */
function without(map: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}
