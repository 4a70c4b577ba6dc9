// Which APIs a member serves, and whether the list is complete: only then may anyone conclude that an API is not there.
import { type ClusterStatus, conditionReasons, conditionTypes } from '../../crds/index.ts';
import { apiVersionOf } from '../../kube/index.ts';
import type { Served } from '../discovery.ts';

type ApiEnablements = NonNullable<ClusterStatus['apiEnablements']>;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorted by group version, and by name within. */
export function apiEnablements({ resources }: Served): ApiEnablements {
  const groups = new Map<string, { name: string; kind: string }[]>();
  for (const { resource } of resources) {
    const id = apiVersionOf(resource);
    groups.set(id, [...(groups.get(id) ?? []), { name: resource.plural, kind: resource.kind }]);
  }
  return [...groups]
    .sort(([a], [b]) => byText(a, b))
    .map(([groupVersion, list]) => ({ groupVersion, resources: list.sort((a, b) => byText(a.name, b.name)) }));
}

/** The condition about completeness. */
export function completenessCondition(enablements: ApiEnablements, complete: boolean) {
  const condition = (status: 'True' | 'False', reason: string, message: string) => ({
    type: conditionTypes.clusterCompleteAPIEnablements,
    status,
    reason,
    message,
  });
  if (enablements.length === 0)
    return condition('False', conditionReasons.apiEnablementsEmpty, 'collected empty APIEnablements from the cluster');
  if (!complete)
    return condition(
      'False',
      conditionReasons.apiEnablementsPartial,
      `might collect partial APIEnablements(${enablements.length}) from the cluster`,
    );
  return condition('True', conditionReasons.apiEnablementsComplete, 'collected complete APIEnablements from the cluster');
}
