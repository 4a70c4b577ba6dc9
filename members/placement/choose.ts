// Which node a pod goes to: filters say why not, in the words of Kubernetes; the emptiest of the rest is taken.
import type { Node, Pod } from '../kinds.ts';
import { nodePreference, refusalOfNode } from './node-rules.ts';
import { type Neighbourhood, neighbourRules } from './pod-rules.ts';
import { type Amounts, amounts, podDemand } from './requests.ts';

export interface ChooseInput extends Neighbourhood {
  readonly pod: Pod;
  usage(node: string): Amounts;
}

export type Choice = { readonly node: string } | { readonly message: string };

/** The node, or the message of condition PodScheduled. */
export function choose(o: ChooseInput): Choice {
  const beside = neighbourRules(o.pod, o);
  const demand = podDemand(o.pod);
  const reasons = new Map<string, number>();
  let best: { readonly name: string; readonly score: number } | undefined;
  for (const node of o.nodes) {
    const name = node.metadata.name ?? '';
    const refusals = refusalsOf(node, { ...o, demand, beside });
    for (const reason of refusals) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (refusals.length > 0) continue;
    const score = nodePreference(o.pod.spec, node) * 100 + emptiness(node, o.usage(name));
    if (!best || score > best.score) best = { name, score };
  }
  return best ? { node: best.name } : { message: refusalText(o.nodes.length, reasons) };
}

function refusalsOf(
  node: Node,
  o: ChooseInput & { readonly demand: Amounts; readonly beside: (node: Node) => string | undefined },
): readonly string[] {
  const own = refusalOfNode(o.pod.spec, node);
  if (own) return [own];
  const missing = lacking(node, o.usage(node.metadata.name ?? ''), o.demand);
  if (missing.length > 0) return missing;
  const neighbours = o.beside(node);
  return neighbours ? [neighbours] : [];
}

/** Every resource of which too little is left. */
function lacking(node: Node, used: Amounts, demand: Amounts): string[] {
  const allocatable = amounts(node.status?.allocatable);
  const missing: string[] = [];
  for (const [name, wanted] of demand) {
    if (wanted === 0n || (used.get(name) ?? 0n) + wanted <= (allocatable.get(name) ?? 0n)) continue;
    missing.push(name === 'pods' ? 'Too many pods' : `Insufficient ${name}`);
  }
  return missing;
}

/** From 0 (full) to 100 (empty), by cpu, memory and pods. */
function emptiness(node: Node, used: Amounts): number {
  const allocatable = amounts(node.status?.allocatable);
  const shares = ['cpu', 'memory', 'pods'].map(name => {
    const total = Number(allocatable.get(name) ?? 0n);
    return total === 0 ? 0 : Math.max(0, 1 - Number(used.get(name) ?? 0n) / total);
  });
  return (shares.reduce((sum, share) => sum + share, 0) / shares.length) * 100;
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
function refusalText(nodes: number, reasons: ReadonlyMap<string, number>): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available: ${parts.join(', ')}.`;
}
