// What a pod says about the pods beside it: affinity, anti-affinity, even spreading over topology domains.
import { labelSelector } from '../../kube/index.ts';
import type { Node, Pod, PodAffinityTerm, TopologySpreadConstraint } from '../kinds.ts';

export interface Placed {
  readonly pod: Pod;
  readonly node: string;
}

export interface Neighbourhood {
  readonly nodes: readonly Node[];
  placed(): Iterable<Placed>;
  /** Those of them that refuse others beside them. */
  repelling(): Iterable<Placed>;
  namespaceLabels(name: string): Readonly<Record<string, string>>;
}

/** Why the node does not suit the pod beside others; undefined where it does. */
export type NeighbourRule = (node: Node) => string | undefined;

/** The rules of one pod, with everything counted once. */
export function neighbourRules(pod: Pod, n: Neighbourhood): NeighbourRule {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const spread = (pod.spec.topologySpreadConstraints ?? []).filter(c => c.whenUnsatisfiable === 'DoNotSchedule');
  const [attracted, repelled] = [podAffinity, podAntiAffinity].map(a => a?.requiredDuringSchedulingIgnoredDuringExecution ?? []);
  const looksAround = spread.length + (attracted?.length ?? 0) + (repelled?.length ?? 0) > 0;
  const repelling = [...n.repelling()];
  if (!looksAround && repelling.length === 0) return () => undefined;
  const domainOf = new Map(n.nodes.map(node => [node.metadata.name ?? '', node.metadata.labels ?? {}]));
  const placed = looksAround ? [...n.placed()] : [];
  const scene: Scene = { n, placed, repelling, domainOf };
  const rules = [
    ...(attracted ?? []).map(t => affinityRule(pod, t, scene)),
    ...(repelled ?? []).map(t => antiAffinityRule(pod, t, scene)),
    othersAntiAffinity(pod, scene),
    ...spread.map(c => spreadRule(pod, c, scene)),
  ];
  return node => {
    for (const rule of rules) {
      const reason = rule(node);
      if (reason) return reason;
    }
    return undefined;
  };
}

interface Scene {
  readonly n: Neighbourhood;
  readonly placed: readonly Placed[];
  readonly repelling: readonly Placed[];
  /** Labels of nodes by name. */
  readonly domainOf: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Whether `other` is meant by a term of `pod`. */
function selects(pod: Pod, term: PodAffinityTerm, other: Pod, n: Neighbourhood): boolean {
  const { namespace = '' } = other.metadata;
  const named = term.namespaces ?? [];
  const own = named.length === 0 && !term.namespaceSelector && namespace === pod.metadata.namespace;
  const bySelector = term.namespaceSelector !== undefined && labelSelector(term.namespaceSelector).matches(n.namespaceLabels(namespace));
  if (!own && !named.includes(namespace) && !bySelector) return false;
  return labelSelector(term.labelSelector).matches(other.metadata.labels ?? {});
}

/** The domains in which pods that a term means are. */
function domains(pod: Pod, term: PodAffinityTerm, s: Scene): Set<string> {
  const found = new Set<string>();
  for (const { pod: other, node } of s.placed) {
    const domain = s.domainOf.get(node)?.[term.topologyKey];
    if (domain !== undefined && selects(pod, term, other, s.n)) found.add(domain);
  }
  return found;
}

function affinityRule(pod: Pod, term: PodAffinityTerm, s: Scene): NeighbourRule {
  const found = domains(pod, term, s);
  // The first of a group that is attracted to itself may go anywhere.
  const first = found.size === 0 && selects(pod, term, pod, s.n);
  return node => {
    const domain = node.metadata.labels?.[term.topologyKey];
    return domain !== undefined && (first || found.has(domain)) ? undefined : "node(s) didn't match pod affinity rules";
  };
}

function antiAffinityRule(pod: Pod, term: PodAffinityTerm, s: Scene): NeighbourRule {
  const found = domains(pod, term, s);
  return node => (found.has(node.metadata.labels?.[term.topologyKey] ?? '') ? "node(s) didn't match pod anti-affinity rules" : undefined);
}

/** Pods that are there already may refuse this one. */
function othersAntiAffinity(pod: Pod, s: Scene): NeighbourRule {
  const closed: { readonly key: string; readonly domain: string }[] = [];
  for (const { pod: other, node } of s.repelling) {
    for (const term of other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
      const domain = s.domainOf.get(node)?.[term.topologyKey];
      if (domain !== undefined && selects(other, term, pod, s.n)) closed.push({ key: term.topologyKey, domain });
    }
  }
  return node =>
    closed.some(c => node.metadata.labels?.[c.key] === c.domain) ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined;
}

function spreadRule(pod: Pod, c: TopologySpreadConstraint, s: Scene): NeighbourRule {
  const selector = labelSelector(c.labelSelector);
  const counts = new Map<string, number>();
  for (const labels of s.domainOf.values()) {
    const domain = labels[c.topologyKey];
    if (domain !== undefined) counts.set(domain, 0);
  }
  for (const { pod: other, node } of s.placed) {
    const domain = s.domainOf.get(node)?.[c.topologyKey];
    if (domain === undefined || other.metadata.namespace !== pod.metadata.namespace || other.metadata.deletionTimestamp) continue;
    if (selector.matches(other.metadata.labels ?? {})) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  const least = counts.size < (c.minDomains ?? 1) ? 0 : Math.min(...counts.values());
  const self = selector.matches(pod.metadata.labels ?? {}) ? 1 : 0;
  return node => {
    const domain = node.metadata.labels?.[c.topologyKey];
    if (domain === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
    return (counts.get(domain) ?? 0) + self - least > c.maxSkew ? "node(s) didn't match pod topology spread constraints" : undefined;
  };
}
