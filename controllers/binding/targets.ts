// Which clusters a binding is about: those that shall have a copy, and those whose copy may stay.
import type { ResourceBinding, ResourceBindingSpec, TargetCluster } from '../../crds/index.ts';

/** Clusters that get a Work: the scheduled ones, then those of bindings that need this one; the first mention wins. */
export function targetClusters({ clusters = [], requiredBy = [] }: ResourceBindingSpec): TargetCluster[] {
  const byName = new Map<string, TargetCluster>();
  for (const target of [...clusters, ...requiredBy.flatMap(snapshot => snapshot.clusters ?? [])])
    if (!byName.has(target.name)) byName.set(target.name, target);
  return [...byName.values()];
}

/** Clusters whose Works are no orphans: the targets, and those that are left gracefully. */
export function keptClusters(spec: ResourceBindingSpec): Set<string> {
  const evicting = (spec.gracefulEvictionTasks ?? []).filter(task => task.purgeMode !== 'Directly').map(task => task.fromCluster);
  return new Set([...targetClusters(spec).map(target => target.name), ...evicting]);
}

/** Clusters that must be empty before any new copy is made. */
export function purgedDirectly({ gracefulEvictionTasks = [] }: ResourceBindingSpec): Set<string> {
  return new Set(gracefulEvictionTasks.filter(task => task.purgeMode === 'Directly').map(task => task.fromCluster));
}

/** Whether replicas mean something for the template. */
export function isWorkload({ spec }: ResourceBinding): boolean {
  return (spec.replicas ?? 0) > 0 || spec.replicaRequirements !== undefined || (spec.components?.length ?? 0) > 0;
}
