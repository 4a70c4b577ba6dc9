// Filtering and scoring one snapshot. Every refusal is kept with the plugin that spoke it; the first one ends the
// questions about a cluster.
import { type Cluster, nameOf } from '../types.ts';
import type { SchedulerPlugin, SchedulingContext } from './plugin.ts';

export interface Refusal {
  readonly cluster: string;
  readonly plugin: string;
  readonly reason: string;
}

export interface FilterResult {
  readonly feasible: readonly Cluster[];
  readonly refused: readonly Refusal[];
}

/** Clusters that are being deleted are left out without a word. */
export function runFilters(plugins: readonly SchedulerPlugin[], context: SchedulingContext, clusters: readonly Cluster[]): FilterResult {
  const filters = plugins.flatMap(p => (p.filter ? [{ plugin: p.name, refuses: p.filter(context) }] : []));
  const feasible: Cluster[] = [];
  const refused: Refusal[] = [];
  for (const cluster of clusters) {
    if (cluster.metadata.deletionTimestamp) continue;
    const refusal = firstRefusal(filters, cluster);
    if (refusal) refused.push(refusal);
    else feasible.push(cluster);
  }
  return { feasible, refused };
}

function firstRefusal(
  filters: readonly { plugin: string; refuses: (cluster: Cluster) => string | undefined }[],
  cluster: Cluster,
): Refusal | undefined {
  for (const { plugin, refuses } of filters) {
    const reason = refuses(cluster);
    if (reason !== undefined) return { cluster: nameOf(cluster), plugin, reason };
  }
  return undefined;
}

/** Plugin → cluster → 0..100. */
export type Scores = ReadonlyMap<string, ReadonlyMap<string, number>>;

export function runScores(plugins: readonly SchedulerPlugin[], context: SchedulingContext, clusters: readonly Cluster[]): Scores {
  const scores = new Map<string, Map<string, number>>();
  for (const plugin of plugins) {
    const score = plugin.score?.(context);
    if (score) scores.set(plugin.name, new Map(clusters.map(c => [nameOf(c), score(c)])));
  }
  return scores;
}

/** The sum over all plugins. */
export function totalScore(scores: Scores, cluster: string): number {
  let sum = 0;
  for (const byCluster of scores.values()) sum += byCluster.get(cluster) ?? 0;
  return sum;
}
