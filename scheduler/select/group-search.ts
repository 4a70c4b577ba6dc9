// The best combination of groups (specification §3.5): between min and max groups that together have `target` clusters,
// with the greatest weight, then the most clusters, then the first found. A combination stops growing as soon as it
// suffices. Of a best combination a shorter beginning is taken, if that suffices too.
//
// The search is exhaustive in order, but a branch that cannot reach the weight of the best so far, or not the target, is
// left out. It ends after MAX_NODES steps with the best so far: more than twenty groups have more combinations than can be
// looked at.

export interface Group {
  readonly name: string;
  /** Number of clusters. */
  readonly value: number;
  readonly weight: number;
}

export interface SearchBounds {
  readonly min: number;
  readonly max: number;
  readonly target: number;
}

interface Path {
  readonly groups: readonly Group[];
  readonly weight: number;
  readonly value: number;
}

const MAX_NODES = 500_000;

const byWeight = (a: Group, b: Group): number => b.weight - a.weight || (a.name < b.name ? -1 : 1);
const bySize = (a: Group, b: Group): number => a.value - b.value || byWeight(a, b);

/** The chosen groups, heaviest first; none where no combination suffices. */
export function searchGroups(groups: readonly Group[], bounds: SearchBounds): readonly Group[] {
  const search = new Search([...groups].sort(bySize), bounds);
  const best = search.best();
  if (!best) return [];
  const ordered = [...best.groups].sort(byWeight);
  for (let length = 1; length < ordered.length; length++) {
    const beginning = ordered.slice(0, length);
    if (search.records(beginning)) return beginning;
  }
  return ordered;
}

class Search {
  readonly #groups: readonly Group[];
  readonly #bounds: SearchBounds;
  /** Most clusters, and most weight, that k groups from index i on can add. */
  readonly #mostValue: readonly (readonly number[])[];
  readonly #mostWeight: readonly (readonly number[])[];
  #best: Path | undefined;
  #nodes = 0;

  constructor(groups: readonly Group[], bounds: SearchBounds) {
    this.#groups = groups;
    this.#bounds = bounds;
    const most = (of: (g: Group) => number): number[][] =>
      groups.concat({ name: '', value: 0, weight: 0 }).map((_, i) => runningSums(groups.slice(i).map(of)));
    this.#mostValue = most(g => g.value);
    this.#mostWeight = most(g => g.weight);
  }

  best(): Path | undefined {
    this.#visit([], 0, 0, 0);
    return this.#best;
  }

  #suffices(length: number, value: number): boolean {
    return value >= this.#bounds.target && length >= this.#bounds.min && length <= this.#bounds.max;
  }

  #visit(path: readonly Group[], next: number, value: number, weight: number): void {
    if (path.length > 0 && this.#suffices(path.length, value)) {
      const best = this.#best;
      if (!best || weight > best.weight || (weight === best.weight && value > best.value)) this.#best = { groups: path, weight, value };
      return;
    }
    const left = this.#bounds.max - path.length;
    if (left <= 0 || this.#nodes++ > MAX_NODES) return;
    for (let i = next; i < this.#groups.length; i++) {
      const group = this.#groups[i];
      if (!group || !this.#promising({ i, left, value, weight, length: path.length })) return;
      this.#visit([...path, group], i + 1, value + group.value, weight + group.weight);
    }
  }

  #promising(o: { i: number; left: number; value: number; weight: number; length: number }): boolean {
    if (o.length + this.#groups.length - o.i < this.#bounds.min) return false;
    if (o.value + at(this.#mostValue[o.i], o.left) < this.#bounds.target) return false;
    return !this.#best || o.weight + at(this.#mostWeight[o.i], o.left) >= this.#best.weight;
  }

  /** Would the search have recorded exactly this set: enough, and no earlier part of it enough? */
  records(set: readonly Group[]): boolean {
    const inOrder = [...set].sort(bySize);
    let value = 0;
    for (const [i, g] of inOrder.entries()) {
      value += g.value;
      if (this.#suffices(i + 1, value)) return i + 1 === inOrder.length;
    }
    return false;
  }
}

/** Index k: the sum of the k largest positive values. */
function runningSums(values: readonly number[]): number[] {
  const sums = [0];
  for (const v of [...values].sort((a, b) => b - a)) sums.push((sums.at(-1) ?? 0) + Math.max(0, v));
  return sums;
}

function at(sums: readonly number[] | undefined, k: number): number {
  return sums?.[Math.min(k, sums.length - 1)] ?? 0;
}
