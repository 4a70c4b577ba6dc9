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
  /** The coarsest first: region, zone, provider, then labels as they are listed. */
  readonly topologies: readonly Topology[];
}

const present = (value: string | undefined): readonly string[] => (value ? [value] : []);

const FIELDS = new Map<string, (cluster: Cluster) => readonly string[]>([
  ['region', c => present(c.spec?.region)],
  ['zone', c => [...new Set(c.spec?.zones)]],
  ['provider', c => present(c.spec?.provider)],
]);

/** Of two constraints on one property the later counts. Without the gate only regions group clusters. */
export function readConstraints(list: readonly SpreadConstraint[], gates: Gates): Constraints {
  const fields = new Map(list.map(c => [c.spreadByField ?? '', boundsOf(c)]));
  const cluster = fields.get('cluster');
  const topologies: Topology[] = [];
  for (const [name, groupsOf] of FIELDS) {
    const bounds = fields.get(name);
    if (bounds && (name === 'region' || gates.SpreadByAnyTopology)) topologies.push({ name, bounds, groupsOf });
  }
  if (gates.SpreadByAnyTopology) topologies.push(...labelTopologies(list));
  return { ...(cluster ? { cluster } : {}), topologies };
}

function labelTopologies(list: readonly SpreadConstraint[]): Topology[] {
  const byLabel = new Map(list.flatMap(c => (c.spreadByLabel ? [[c.spreadByLabel, boundsOf(c)] as const] : [])));
  return [...byLabel].map(([label, bounds]) => ({
    name: label,
    bounds,
    groupsOf: cluster => {
      const labels = cluster.metadata.labels ?? {};
      return Object.hasOwn(labels, label) ? present(labels[label]) : [];
    },
  }));
}

function boundsOf(c: SpreadConstraint): Bounds {
  return { min: c.minGroups ?? 0, max: c.maxGroups ?? 0 };
}
