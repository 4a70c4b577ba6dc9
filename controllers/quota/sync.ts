// The Works that carry ResourceQuotas to members (specification §8.4).
import { executionSpace, type FederatedResourceQuota, finalizers, labels, type Work, workName, works } from '../../crds/index.ts';
import { type AnyObject, type Evidence, notWantedBy } from '../../kube/index.ts';
import { deleteWork } from '../binding/orphans.ts';
import type { ControllerContext } from '../context.ts';
import { preparedManifest } from '../manifest.ts';
import { mergeWork } from '../merge-work.ts';
import { allOrErrors, createOrUpdate } from '../writing.ts';

type Assignment = NonNullable<FederatedResourceQuota['spec']['staticAssignments']>[number];

/** The Work of one assignment. */
function quotaWork({ metadata }: FederatedResourceQuota, { clusterName, hard }: Assignment): Work {
  const { namespace = '', name = '' } = metadata;
  const address = { namespace: executionSpace(clusterName), name: workName('ResourceQuota', name, namespace) };
  const manifest: AnyObject = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace, name }, spec: { hard } };
  return {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: { ...address, labels: { [labels.quotaNamespace]: namespace, [labels.quotaName]: name }, finalizers: [finalizers.execution] },
    spec: { workload: { manifests: [preparedManifest(manifest, address, '')] } },
  };
}

/** Writes the Works of the assignments to clusters that exist, and deletes those that are assigned no more. */
export async function syncQuota(
  { hub, clock }: ControllerContext,
  quota: FederatedResourceQuota,
  o: { readonly present: readonly Work[]; readonly exists: (cluster: string) => boolean },
  signal: AbortSignal,
): Promise<void> {
  const assignments = quota.spec.staticAssignments ?? [];
  const wanted = new Set(assignments.map(({ clusterName }) => executionSpace(clusterName)));
  const stale = o.present.filter(({ metadata }) => !wanted.has(metadata.namespace ?? ''));
  await allOrErrors([
    ...stale.map(work => () => deleteWork(hub, work, notWantedBy(quota, { wanted, item: work.metadata.namespace ?? '' }), signal)),
    ...assignments
      .filter(({ clusterName }) => o.exists(clusterName))
      .map(assignment => async () => {
        const desired = quotaWork(quota, assignment);
        const cached = o.present.find(
          ({ metadata }) => metadata.namespace === desired.metadata.namespace && metadata.name === desired.metadata.name,
        );
        await createOrUpdate(
          { client: hub, clock, resource: works },
          desired,
          { cached, change: work => mergeWork(work, desired) },
          signal,
        );
      }),
  ]);
}

/** Deletes the Works of a quota whose deletion was seen. */
export async function deleteQuotaWorks(
  { hub }: ControllerContext,
  present: readonly Work[],
  because: Evidence,
  signal: AbortSignal,
): Promise<void> {
  await allOrErrors(present.map(work => () => deleteWork(hub, work, because, signal)));
}

export const quotaKey = ({ metadata }: FederatedResourceQuota): string => `${metadata.namespace}/${metadata.name}`;
