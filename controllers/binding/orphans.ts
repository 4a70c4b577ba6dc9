// Works that a binding has no use for: of clusters it left, or all of them when it goes. Each deletion shows why.
import { clusterOfExecutionSpace, type ResourceBinding, type Work, works } from '../../crds/index.ts';
import { type Client, type Evidence, keyOf, notWantedBy, ownerIsTerminating } from '../../kube/index.ts';
import { allOrErrors, deleteIfPresent } from '../writing.ts';
import { keptClusters } from './targets.ts';

const clusterOf = (work: Work): string => clusterOfExecutionSpace(work.metadata.namespace ?? '') ?? '';

/** Deletes the Works of clusters that the binding neither targets nor leaves gracefully. */
export async function deleteOrphans(hub: Client, binding: ResourceBinding, present: readonly Work[], signal: AbortSignal): Promise<void> {
  const wanted = keptClusters(binding.spec);
  const orphans = present.filter(work => !wanted.has(clusterOf(work)) && !work.metadata.deletionTimestamp);
  await allOrErrors(orphans.map(work => () => deleteWork(hub, work, notWantedBy(binding, { wanted, item: clusterOf(work) }), signal)));
}

/** Deletes all Works of a binding that is on its way out. */
export async function deleteAll(hub: Client, binding: ResourceBinding, present: readonly Work[], signal: AbortSignal): Promise<void> {
  const because = ownerIsTerminating(binding);
  await allOrErrors(present.filter(work => !work.metadata.deletionTimestamp).map(work => () => deleteWork(hub, work, because, signal)));
}

/** Deletes one Work, and with it what it put into the member. */
export async function deleteWork(hub: Client, work: Work, because: Evidence, signal: AbortSignal): Promise<void> {
  if (!because.because) throw new Error(`no evidence against work ${work.metadata.namespace}/${work.metadata.name}`);
  await deleteIfPresent(hub, works, keyOf(work), signal);
}
