// May a pod with these requirements run on this node (specification §7.3)? Selector, required affinity, cordon, taints.
import { matchExpressions, SelectorError } from '../kube/index.ts';
import { firstUntolerated, tolerates } from './taints.ts';
import type { ComponentRequirements, Node, NodeSelectorRequirement, NodeSelectorTerm } from './types.ts';

type NodeMatcher = (node: Node) => boolean;

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Requirements compiled once; asked for each node. */
export function nodeMatcher(requirements: ComponentRequirements | undefined): NodeMatcher {
  const { nodeSelector, hardNodeAffinity, tolerations = [] } = requirements?.nodeClaim ?? {};
  const labels = Object.entries(nodeSelector ?? {});
  const terms = hardNodeAffinity?.nodeSelectorTerms?.map(termMatcher) ?? [];
  return node => {
    const own = node.metadata.labels ?? {};
    if (!labels.every(([key, value]) => Object.hasOwn(own, key) && own[key] === value)) return false;
    if (terms.length > 0 && !terms.some(matches => matches(node))) return false;
    if (node.spec?.unschedulable && !tolerations.some(t => tolerates(t, CORDONED))) return false;
    return firstUntolerated(node.spec?.taints, tolerations) === undefined;
  };
}

/** A term that is empty or breaks a rule matches no node. */
function termMatcher({ matchExpressions: expressions = [], matchFields = [] }: NodeSelectorTerm): NodeMatcher {
  if (expressions.length === 0 && matchFields.length === 0) return () => false;
  try {
    const labels = matchExpressions(expressions);
    const fields = matchFields.map(fieldMatcher);
    return node => labels(node.metadata.labels ?? {}) && fields.every(matches => matches(node));
  } catch (error) {
    if (error instanceof SelectorError) return () => false;
    throw error;
  }
}

function fieldMatcher({ key, operator, values = [] }: NodeSelectorRequirement): NodeMatcher {
  const [value] = values;
  if (values.length !== 1 || value === undefined || (operator !== 'In' && operator !== 'NotIn')) {
    throw new SelectorError(`not a valid field selector: ${key} ${operator}`);
  }
  const fieldOf = (node: Node): string => (key === 'metadata.name' ? (node.metadata.name ?? '') : '');
  return operator === 'In' ? node => fieldOf(node) === value : node => fieldOf(node) !== value;
}
