// The door of the controllers.

export { buildWork } from './binding/build-work.ts';
export { keptClusters, targetClusters } from './binding/targets.ts';
export { aggregateStatus } from './binding-status/aggregate.ts';
export { taintedText, taintsByCondition } from './cluster/taints.ts';
export { ReadyThreshold, readyCondition } from './cluster-status/ready-condition.ts';
export { allocatableModelings, nodeSummary, resourceSummary } from './cluster-status/summary.ts';
export { attach, detach } from './dependencies/attach.ts';
export { newBinding, updatedBinding } from './detector/build-binding.ts';
export { type Claim, claimed } from './detector/claim.ts';
export { claimToPreempt, preemptionText } from './detector/preempt.ts';
export { bestPolicy } from './detector/select.ts';
export { templateFacts } from './detector/template-facts.ts';
export { type Discover, discoverOver, type Served, type ServedResource } from './discovery.ts';
export { isManaged, isUpToDate, mayUpdate, objectToSend } from './execution/member-object.ts';
export { type ControllersConfig, controllerNames, controllers } from './manager.ts';
export { type Connect, type Member, type MemberClient, Members } from './members.ts';
export { mergeWork } from './merge-work.ts';
export { type ControllerManagerOptions, defaultOptions, type OptionDescription, optionDescriptions } from './options.ts';
export { type AppliedOverride, applyOverrides, type Overridden, type OverrideInput } from './override-policy/apply.ts';
export { implicitPriority } from './resource-selector.ts';
export { evictionDelay, purgeMode } from './taint-manager/need-eviction.ts';
export { impersonationRules, proxySubjects } from './unified-auth/subjects.ts';
