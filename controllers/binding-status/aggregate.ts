// The status of a binding out of its Works (specification §2.4): one item a cluster, and the condition whether everything arrived.
import {
  type AggregatedStatusItem,
  clusterOfExecutionSpace,
  conditionReasons,
  conditionTypes,
  type ManifestStatus,
  NOT_AN_EXECUTION_SPACE,
  type ObjectReference,
  type ResourceBinding,
  type ResourceBindingStatus,
  type Work,
} from '../../crds/index.ts';
import { type AnyObject, equal, isObject, parseApiVersion } from '../../kube/index.ts';
import { keptClusters } from '../binding/targets.ts';
import { conditionOf, withCondition } from '../condition.ts';

const UNKNOWN = 'Unknown';

/** The status to write; the very same one where nothing changes. Throws where a Work does not belong. */
export function aggregateStatus(binding: ResourceBinding, works: readonly Work[], now: string): ResourceBindingStatus {
  const current = binding.status ?? {};
  const items = aggregatedItems(works, binding.spec.resource);
  const conditions = withCondition(current.conditions ?? [], fullyApplied(items, keptClusters(binding.spec)), now);
  if (conditions === current.conditions && equal(items, current.aggregatedStatus ?? [])) return current;
  const { aggregatedStatus: _, ...rest } = current;
  return { ...rest, conditions, ...(items.length > 0 ? { aggregatedStatus: items } : {}) };
}

/** One item for each Work that stays, in order of cluster names. */
function aggregatedItems(works: readonly Work[], resource: ObjectReference): AggregatedStatusItem[] {
  return works
    .filter(work => !work.metadata.deletionTimestamp)
    .map(work => itemOf(work, resource))
    .sort((a, b) => (a.clusterName < b.clusterName ? -1 : 1));
}

function itemOf(work: Work, resource: ObjectReference): AggregatedStatusItem {
  const clusterName = clusterOfExecutionSpace(work.metadata.namespace ?? '');
  const ordinal = (work.spec.workload?.manifests ?? []).findIndex(manifest => isResource(manifest, resource));
  if (ordinal < 0) throw new Error('no such manifest exist');
  if (clusterName === undefined) throw new Error(NOT_AN_EXECUTION_SPACE);
  const applied = conditionOf(work.status?.conditions, conditionTypes.workApplied);
  if (applied?.status !== 'True') return { clusterName, ...(applied?.message ? { appliedMessage: applied.message } : {}), health: UNKNOWN };
  const reported = work.status?.manifestStatuses?.find(({ identifier }) => isIdentified(identifier, resource, ordinal));
  return {
    clusterName,
    ...(reported?.status === undefined || reported.status === null ? {} : { status: reported.status }),
    applied: true,
    ...(reported?.health ? { health: reported.health } : reported ? {} : { health: UNKNOWN }),
  };
}

function isResource(manifest: Readonly<Record<string, unknown>>, r: ObjectReference): boolean {
  const { apiVersion, kind, metadata } = manifest as unknown as AnyObject;
  return (
    apiVersion === r.apiVersion &&
    kind === r.kind &&
    isObject(metadata) &&
    (metadata.namespace ?? '') === (r.namespace ?? '') &&
    metadata.name === r.name
  );
}

function isIdentified(i: ManifestStatus['identifier'], r: ObjectReference, ordinal: number): boolean {
  const { group, version } = parseApiVersion(r.apiVersion);
  return (
    i.ordinal === ordinal &&
    (i.group ?? '') === group &&
    i.version === version &&
    i.kind === r.kind &&
    (i.namespace ?? '') === (r.namespace ?? '') &&
    i.name === r.name
  );
}

function fullyApplied(items: readonly AggregatedStatusItem[], expected: ReadonlySet<string>) {
  const complete =
    expected.size > 0 && expected.size === items.length && items.every(item => item.applied && expected.has(item.clusterName));
  return complete
    ? ({
        type: conditionTypes.bindingFullyApplied,
        status: 'True',
        reason: conditionReasons.fullyAppliedSuccess,
        message: 'All works have been successfully applied',
      } as const)
    : ({
        type: conditionTypes.bindingFullyApplied,
        status: 'False',
        reason: conditionReasons.fullyAppliedFailed,
        message: 'Failed to apply all works, see status.aggregatedStatus for details',
      } as const);
}
