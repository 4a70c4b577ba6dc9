// Lists of targets: a cluster's name and how many replicas it gets.

export interface Target {
  readonly name: string;
  readonly replicas: number;
}

/** Adds `more` to `base`: the clusters of `more` first, in its order, then those only `base` has. */
export function mergeTargets(base: readonly Target[], more: readonly Target[]): readonly Target[] {
  if (base.length === 0) return more;
  if (more.length === 0) return base;
  const held = new Map(base.map(t => [t.name, t.replicas]));
  const merged = more.map(t => ({ name: t.name, replicas: t.replicas + (held.get(t.name) ?? 0) }));
  for (const t of more) held.delete(t.name);
  return [...merged, ...base.filter(t => held.has(t.name))];
}

/** Targets that get something, with the two fields of a target only. */
export function withoutEmptyTargets(targets: readonly Target[]): Target[] {
  return targets.filter(t => t.replicas > 0).map(({ name, replicas }) => ({ name, replicas }));
}
