// Which changes of bindings and clusters put bindings into the queue (specification §1.1, §1.2). Pure: the running
// scheduler feeds changes in and keys come out.
import { labels } from '../crds/index.ts';
import { equal, keyOf, keyText } from '../kube/index.ts';
import { affinityTerms, matchAffinity } from './affinity.ts';
import { servesApi } from './plugins/api-enablement.ts';
import type { Binding, Cluster, ClusterAffinity } from './types.ts';

const OWNED_BY = [labels.propagationPolicyId, labels.clusterPropagationPolicyId, labels.bindingManagedBy];

const DEFAULT_SCHEDULER = 'default-scheduler';

function isOurs({ spec }: Binding, schedulerName: string): boolean {
  return (spec.schedulerName || DEFAULT_SCHEDULER) === schedulerName && spec.suspension?.scheduling !== true;
}

/** Is this binding for us: our name, not suspended, made by a policy? */
export function accepts(binding: Binding, schedulerName: string): boolean {
  return isOurs(binding, schedulerName) && OWNED_BY.some(label => !!binding.metadata.labels?.[label]);
}

/** Does this change of a binding put it into the queue? Without `old` it is new to us. */
export function bindingEnqueues(old: Binding | undefined, now: Binding, schedulerName: string): boolean {
  if (!accepts(now, schedulerName)) return false;
  if (!old || !accepts(old, schedulerName)) return true;
  return old.metadata.generation !== now.metadata.generation;
}

export interface QueueEntry {
  readonly key: string;
  readonly priority: number;
}

/** Key and priority of a binding in the queue. */
export function queueEntry(binding: Binding): QueueEntry {
  return { key: keyText(keyOf(binding)), priority: binding.spec.schedulePriority?.priority ?? 0 };
}

/** The forms of a changed cluster that bindings are to be compared with: none, the new one, or the old and the new. */
export function clusterForms(old: Cluster, now: Cluster): readonly Cluster[] {
  if (!old.metadata.deletionTimestamp && now.metadata.deletionTimestamp) return [now];
  const labelsDiffer = !equal(old.metadata.labels ?? {}, now.metadata.labels ?? {});
  return labelsDiffer || old.metadata.generation !== now.metadata.generation ? [old, now] : [];
}

/** The affinity by which a cluster concerns this binding: all clusters, those that match, or the binding in any case. */
function concern(binding: Binding): ClusterAffinity | 'all' {
  const { placement } = binding.spec;
  const terms = affinityTerms(placement ?? {});
  if (terms.length === 0) return placement?.clusterAffinity ?? 'all';
  const { schedulerObservedGeneration = 0, schedulerObservingAffinityName } = binding.status ?? {};
  if (schedulerObservedGeneration !== (binding.metadata.generation ?? 0)) return 'all';
  return terms.find(t => t.affinityName === schedulerObservingAffinityName) ?? terms[0] ?? 'all';
}

/** Bindings that a changed cluster concerns, in any of its forms. */
export function concernedBy(forms: readonly Cluster[], bindings: readonly Binding[], schedulerName: string): Binding[] {
  if (forms.length === 0) return [];
  return bindings.filter(binding => {
    if (!binding.spec.placement || !isOurs(binding, schedulerName)) return false;
    const affinity = concern(binding);
    if (affinity === 'all') return true;
    const matches = matchAffinity(affinity);
    return forms.some(matches);
  });
}

/** Did the cluster begin to serve this kind? */
export function gainsApi(old: Cluster, now: Cluster, resource: { readonly apiVersion: string; readonly kind: string }): boolean {
  return !servesApi(old, resource.apiVersion, resource.kind) && servesApi(now, resource.apiVersion, resource.kind);
}
