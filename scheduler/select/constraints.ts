// Reading spread constraints (specification §3.3): by what clusters are grouped, and how many of each.
import type { Gates } from '../gates.ts';
import type { Cluster, SpreadConstraint } from '../types.ts';

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A property that groups clusters: one cluster may be in several groups, or in none. */
export interface Topology {
  readonly name: string;
  readonly bounds: Bounds;
  groupsOf(cluster: Cluster): readonly string[];
}

export interface Constraints {
  readonly cluster?: Bounds;
  readonly topology?: Topology;
}

const present = (value: string | undefined): readonly string[] => (value ? [value] : []);

const FIELDS = new Map<string, (cluster: Cluster) => readonly string[]>([
  ['region', c => present(c.spec?.region)],
  ['zone', c => [...new Set(c.spec?.zones)]],
  ['provider', c => present(c.spec?.provider)],
]);

/** Of two constraints on one property the later counts. The coarsest property leads: region, zone, provider, label. */
export function readConstraints(list: readonly SpreadConstraint[], gates: Gates): Constraints {
  const fields = new Map(list.map(c => [c.spreadByField ?? '', boundsOf(c)]));
  const cluster = fields.get('cluster');
  const topology = topologyOf(list, fields, gates);
  return { ...(cluster ? { cluster } : {}), ...(topology ? { topology } : {}) };
}

function topologyOf(list: readonly SpreadConstraint[], fields: ReadonlyMap<string, Bounds>, gates: Gates): Topology | undefined {
  for (const [name, groupsOf] of FIELDS) {
    const bounds = fields.get(name);
    if (bounds && (name === 'region' || gates.SpreadByAnyTopology)) return { name, bounds, groupsOf };
  }
  const byLabel = gates.SpreadByAnyTopology ? list.find(c => c.spreadByLabel) : undefined;
  const label = byLabel?.spreadByLabel;
  if (!byLabel || !label) return undefined;
  const groupsOf = (cluster: Cluster): readonly string[] => {
    const labels = cluster.metadata.labels ?? {};
    return Object.hasOwn(labels, label) ? present(labels[label]) : [];
  };
  return { name: label, bounds: boundsOf(byLabel), groupsOf };
}

function boundsOf(c: SpreadConstraint): Bounds {
  return { min: c.minGroups ?? 0, max: c.maxGroups ?? 0 };
}
