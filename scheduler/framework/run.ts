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

/** Clusters that are being deleted are left out without a word. Where all are feasible, the answer is the given list itself. */
export function runFilters(plugins: readonly SchedulerPlugin[], context: SchedulingContext, clusters: readonly Cluster[]): FilterResult {
  const filters: Filter[] = [];
  for (const p of plugins) if (p.filter) filters.push({ plugin: p.name, refuses: p.filter(context) });
  const feasible: Cluster[] = [];
  const refused: Refusal[] = [];
  for (const cluster of clusters) {
    if (cluster.metadata.deletionTimestamp) continue;
    const refusal = firstRefusal(filters, cluster);
    if (refusal) refused.push(refusal);
    else feasible.push(cluster);
  }
  return { feasible: feasible.length === clusters.length ? clusters : feasible, refused };
}

interface Filter {
  readonly plugin: string;
  refuses(cluster: Cluster): string | undefined;
}

function firstRefusal(filters: readonly Filter[], cluster: Cluster): Refusal | undefined {
  for (const { plugin, refuses } of filters) {
    const reason = refuses(cluster);
    if (reason !== undefined) return { cluster: nameOf(cluster), plugin, reason };
  }
  return undefined;
}

/** What one plugin gave to each feasible cluster, in their order. */
export interface PluginScores {
  readonly plugin: string;
  /** 0..100. */
  readonly values: readonly number[];
}

export function runScores(plugins: readonly SchedulerPlugin[], context: SchedulingContext, clusters: readonly Cluster[]): PluginScores[] {
  const scores: PluginScores[] = [];
  for (const plugin of plugins) {
    const score = plugin.score?.(context);
    if (score) scores.push({ plugin: plugin.name, values: clusters.map(score) });
  }
  return scores;
}

/** The sum over all plugins for the cluster at an index. */
export function totalScore(scores: readonly PluginScores[], index: number): number {
  let sum = 0;
  for (const { values } of scores) sum += values[index] ?? 0;
  return sum;
}
