// What a pod says about the node itself: selector, affinity, cordon, taints.
import { firstUntolerated, type NodeSelectorTerm, tolerates } from '../../estimator/index.ts';
import { matchExpressions, SelectorError } from '../../kube/index.ts';
import type { Node, PodSpec } from '../kinds.ts';

const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Why the node does not take such a pod; undefined where it does. */
export function refusalOfNode(spec: PodSpec, node: Node): string | undefined {
  const tolerations = spec.tolerations ?? [];
  if (node.spec?.unschedulable && !tolerations.some(t => tolerates(t, CORDON))) return 'node(s) were unschedulable';
  const taint = firstUntolerated(node.spec?.taints, tolerations);
  if (taint) return `node(s) had untolerated taint(s)`;
  return matchesNode(spec, node) ? undefined : "node(s) didn't match Pod's node affinity/selector";
}

/** Selector and required affinity. */
function matchesNode(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {}))
    if (!Object.hasOwn(labels, key) || labels[key] !== value) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return !terms || terms.length === 0 || terms.some(term => matchesTerm(term, node));
}

/** A term that is empty or breaks a rule matches no node. */
function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions: expressions = [], matchFields = [] } = term;
  if (expressions.length === 0 && matchFields.length === 0) return false;
  try {
    const fields = { 'metadata.name': node.metadata.name ?? '' };
    return matchExpressions(expressions)(node.metadata.labels ?? {}) && matchExpressions(matchFields)(fields);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

/** The sum of the weights of preferred terms that the node matches. */
export function nodePreference(spec: PodSpec, node: Node): number {
  const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred.reduce((sum, p) => sum + (matchesTerm(p.preference, node) ? p.weight : 0), 0);
}
