// The smallest change that would let the spread constraints of a placement select clusters, where the cycle ended before any was selected.
import type { DecisionRecord } from '../schedule.ts';
import type { BindingSpec, SpreadConstraint } from '../types.ts';

/** Undefined where clusters were selected, none passed the filters, or nothing simple would help. */
export function selectionRemedy(record: DecisionRecord, spec: Pick<BindingSpec, 'placement' | 'replicas'>): string | undefined {
  const passed = record.candidates.names.length;
  if (record.selected.length > 0 || passed === 0) return undefined;
  const constraints = spec.placement?.spreadConstraints ?? [];
  for (const c of constraints) {
    const topology = c.spreadByField === 'cluster' ? undefined : c.spreadByField || c.spreadByLabel;
    const found = record.groups.filter(g => g.topology === topology).length;
    if (topology && record.groups.length > 0 && found < least(c)) return tooFew(topology, found, least(c));
  }
  const cluster = constraints.find(c => c.spreadByField === 'cluster');
  if (!cluster) return undefined;
  if (passed < least(cluster)) return tooFew('cluster', passed, least(cluster));
  return record.groups.length > 0 ? undefined : moreClusters(record.candidates.available, spec.replicas ?? 0, cluster.maxGroups ?? 0);
}

const least = (c: SpreadConstraint): number => c.minGroups ?? 0;

function tooFew(what: string, found: number, wanted: number): string {
  return `lower minGroups of ${what} from ${wanted} to ${found}, or let clusters through that make ${wanted - found} more`;
}

/** How many of the roomiest clusters would hold all replicas, or how many replicas are too many for all clusters. */
function moreClusters(available: readonly number[], replicas: number, most: number): string {
  const roomiest = [...available].sort((a, b) => b - a);
  const room = (count: number): number => roomiest.slice(0, count).reduce((sum, n) => sum + n, 0);
  const count = roomiest.findIndex((_, i) => room(i + 1) >= replicas) + 1;
  const fewer = `ask for ${replicas - room(most)} fewer replicas`;
  return count > most ? `raise maxGroups of cluster from ${most} to ${count}, or ${fewer}` : `${fewer}, or add room`;
}
