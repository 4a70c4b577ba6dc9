// The door of the estimators.
export { type MemberState, memberReplicas, memberSets } from './accurate.ts';
export { clusterReplicas, clusterSets, type GeneralOptions, generalEstimator } from './general.ts';
export { type Answer, type EstimateInput, estimate, type Merged } from './merge.ts';
export { allocatableModelings } from './modeling.ts';
export * from './taints.ts';
export * from './types.ts';
export { type PodOwner, type UnschedulableInput, unschedulableReplicas } from './unschedulable.ts';
