// The door of the controllers.

export { buildWork } from './binding/build-work.ts';
export { keptClusters, targetClusters } from './binding/targets.ts';
export { aggregateStatus } from './binding-status/aggregate.ts';
export { taintedText, taintsByCondition } from './cluster/taints.ts';
export { ReadyThreshold, readyCondition } from './cluster-status/ready-condition.ts';
export { allocatableModelings, nodeSummary, resourceSummary } from './cluster-status/summary.ts';
export { newBinding, updatedBinding } from './detector/build-binding.ts';
export { type Claim, claimed } from './detector/claim.ts';
export { claimToPreempt, preemptionText } from './detector/preempt.ts';
export { bestPolicy } from './detector/select.ts';
export { templateFacts } from './detector/template-facts.ts';
export { isManaged, isUpToDate, mayUpdate, objectToSend } from './execution/member-object.ts';
export { mergeWork } from './merge-work.ts';
export { type AppliedOverride, applyOverrides, type Overridden, type OverrideInput } from './override-policy/apply.ts';
export { implicitPriority } from './resource-selector.ts';
export { evictionDelay, purgeMode } from './taint-manager/need-eviction.ts';
