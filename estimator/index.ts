// The door of the estimators.
export { clusterReplicas, clusterSets, type GeneralOptions, generalEstimator } from './general.ts';
export { type Answer, type EstimateInput, estimate, type Merged } from './merge.ts';
export * from './taints.ts';
export * from './types.ts';
