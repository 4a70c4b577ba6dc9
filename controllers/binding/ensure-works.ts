// Writing the Works of a binding: every target cluster by itself, so that one that fails does not hold the others up.
import { type Cluster, type OverridePolicy, type ResourceBinding, type TargetCluster, type Work, works } from '../../crds/index.ts';
import type { AnyObject, Client, Clock } from '../../kube/index.ts';
import { mergeWork } from '../merge-work.ts';
import { allOrErrors, createOrUpdate } from '../writing.ts';
import { buildWork, type WorkOptions } from './build-work.ts';
import { targetClusters } from './targets.ts';

export interface EnsureWorksOptions extends WorkOptions {
  readonly hub: Client;
  readonly clock: Clock;
  readonly cluster: (name: string) => Cluster | undefined;
  readonly clusterOverridePolicies: () => readonly OverridePolicy[];
  readonly overridePolicies: (namespace: string) => readonly OverridePolicy[];
  readonly cachedWork: (namespace: string, name: string) => Work | undefined;
}

export async function ensureWorks(
  binding: ResourceBinding,
  template: AnyObject,
  o: EnsureWorksOptions,
  signal: AbortSignal,
): Promise<void> {
  const one = async (target: TargetCluster): Promise<void> => {
    const cluster = o.cluster(target.name);
    if (!cluster) throw new Error(`clusters.cluster.karmada.io "${target.name}" not found`);
    const { namespace } = template.metadata;
    const desired = await buildWork(
      {
        template,
        binding,
        target,
        cluster,
        clusterOverridePolicies: o.clusterOverridePolicies(),
        overridePolicies: namespace ? o.overridePolicies(namespace) : [],
      },
      o,
      signal,
    );
    const cached = o.cachedWork(desired.metadata.namespace ?? '', desired.metadata.name ?? '');
    const store = { client: o.hub, clock: o.clock, resource: works };
    await createOrUpdate(store, desired, { cached, isNew: !cached, change: present => mergeWork(present, desired) }, signal);
  };
  await allOrErrors(targetClusters(binding.spec).map(target => () => one(target)));
}
