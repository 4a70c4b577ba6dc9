// Which way replicas are divided: read once out of the placement (specification §4.2).
import { plainFailure } from '../failure.ts';
import type { ReplicaScheduling } from '../types.ts';

export type Strategy = 'Duplicated' | 'Aggregated' | 'StaticWeight' | 'DynamicWeight';

/** No strategy counts as Duplicated; a combination that means nothing is a failure. */
export function strategyOf(scheduling: ReplicaScheduling | undefined): Strategy {
  const type = scheduling ? (scheduling.replicaSchedulingType ?? '') : 'Duplicated';
  const preference = scheduling?.replicaDivisionPreference ?? '';
  if (type === 'Duplicated') return 'Duplicated';
  if (type === 'Divided' && preference === 'Aggregated') return 'Aggregated';
  if (type === 'Divided' && preference === 'Weighted')
    return scheduling?.weightPreference?.dynamicWeight ? 'DynamicWeight' : 'StaticWeight';
  throw plainFailure(
    `unsupported replica scheduling strategy, replicaSchedulingType: ${type}, replicaDivisionPreference: ${preference}, please try another scheduling strategy`,
  );
}

/** Is every cluster given a full copy? */
export function isDuplicated(scheduling: ReplicaScheduling | undefined): boolean {
  return !scheduling || scheduling.replicaSchedulingType === 'Duplicated';
}

/** Divided by weights written down in the policy, so that capacity plays no part in choosing clusters. */
export function isStaticWeight(scheduling: ReplicaScheduling | undefined): boolean {
  if (scheduling?.replicaSchedulingType !== 'Divided' || scheduling.replicaDivisionPreference !== 'Weighted') return false;
  const weights = scheduling.weightPreference;
  return !weights || (!!weights.staticWeightList?.length && !weights.dynamicWeight);
}

/** Divided by what clusters have room for. */
export function isDynamic(scheduling: ReplicaScheduling | undefined): boolean {
  if (scheduling?.replicaSchedulingType !== 'Divided') return false;
  return (
    scheduling.replicaDivisionPreference === 'Aggregated' ||
    (scheduling.replicaDivisionPreference === 'Weighted' && !!scheduling.weightPreference?.dynamicWeight)
  );
}
