// Placing sets of pods on nodes, first fit, without looking back (specification §6.5). Equal neighbours are one entry
// with a count, so that ten thousand equal nodes cost no more than one.
import { type Capacity, consume, demandOf, podsThatFit } from './capacity.ts';
import { least } from './resources.ts';
import type { AssumedWorkload, Component, ComponentRequirements, Node } from './types.ts';

export interface NodeRun {
  readonly count: bigint;
  readonly free: Capacity;
  /** Absent for nodes that stand for a resource model: those take every pod. */
  readonly node?: Node;
}

/** May pods with these requirements run on this node? */
export type Eligible = (node: Node, requirements: ComponentRequirements | undefined) => boolean;

interface Item {
  readonly replicas: bigint;
  readonly demand: Capacity;
  readonly requirements: ComponentRequirements | undefined;
}

function itemsOf(components: readonly Component[]): Item[] {
  return components.map(c => ({
    replicas: BigInt(c.replicas ?? 0),
    demand: demandOf(c.replicaRequirements?.resourceRequest),
    requirements: c.replicaRequirements,
  }));
}

export class Simulator {
  #runs: readonly NodeRun[];
  readonly #eligible: Eligible;

  constructor(runs: readonly NodeRun[], eligible: Eligible = () => true) {
    this.#runs = runs;
    this.#eligible = eligible;
  }

  /** The nodes with what is free now. */
  get runs(): readonly NodeRun[] {
    return this.#runs;
  }

  /** Takes room for workloads that are on their way; those that do not fit take what they find. */
  assume(workloads: readonly AssumedWorkload[]): void {
    for (const workload of workloads) this.#placeSet(itemsOf(workload.components ?? []));
  }

  /** How many whole sets fit, at most `limit`. */
  maxSets(components: readonly Component[], limit: bigint): bigint {
    const items = itemsOf(components);
    if (items.every(item => item.replicas <= 0n)) return limit;
    let sets = 0n;
    while (sets < limit && this.#placeSet(items)) sets++;
    return sets;
  }

  /** How many pods of one kind fit. */
  maxPods(requirements: ComponentRequirements | undefined): bigint {
    const demand = demandOf(requirements?.resourceRequest);
    let pods = 0n;
    for (const run of this.#runs) if (this.#takes(run, requirements)) pods += podsThatFit(run.free, demand) * run.count;
    return pods;
  }

  #takes(run: NodeRun, requirements: ComponentRequirements | undefined): boolean {
    return !run.node || this.#eligible(run.node, requirements);
  }

  /** Places the items in order; what was placed before one fails stays placed. */
  #placeSet(items: readonly Item[]): boolean {
    return items.every(item => this.#place(item));
  }

  #place(item: Item): boolean {
    let left = item.replicas;
    if (left <= 0n) return true;
    const runs: NodeRun[] = [];
    for (const run of this.#runs) {
      const each = left > 0n && this.#takes(run, item.requirements) ? podsThatFit(run.free, item.demand) : 0n;
      if (each === 0n) {
        runs.push(run);
        continue;
      }
      const after = fill(run, item.demand, { each, left });
      runs.push(...after.runs);
      left = after.left;
    }
    this.#runs = runs;
    return left === 0n;
  }
}

/** Fills nodes of a run one after the other: some to the brim, one in part, the rest untouched. */
function fill(run: NodeRun, demand: Capacity, o: { each: bigint; left: bigint }): { runs: NodeRun[]; left: bigint } {
  const full = least(o.left / o.each, run.count);
  const runs: NodeRun[] = [];
  const put = (count: bigint, free: Capacity): void => {
    if (count > 0n) runs.push(run.node ? { count, free, node: run.node } : { count, free });
  };
  if (full > 0n) put(full, consume(run.free, demand, o.each));
  let left = o.left - full * o.each;
  let untouched = run.count - full;
  if (left > 0n && untouched > 0n) {
    put(1n, consume(run.free, demand, left));
    left = 0n;
    untouched--;
  }
  put(untouched, run.free);
  return { runs, left };
}
