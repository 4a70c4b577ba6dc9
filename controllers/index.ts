// The door of the controllers.

export { applicationTask, classify, evicted } from './application-failover/evict.ts';
export { buildWork } from './binding/build-work.ts';
export { keptClusters, targetClusters } from './binding/targets.ts';
export { aggregateStatus } from './binding-status/aggregate.ts';
export { taintedText, taintsByCondition } from './cluster/taints.ts';
export { ReadyThreshold, readyCondition } from './cluster-status/ready-condition.ts';
export { allocatableModelings, nodeSummary, resourceSummary } from './cluster-status/summary.ts';
export { conditionsHold, policyTaints } from './cluster-taint-policy/match.ts';
export { attach, detach } from './dependencies/attach.ts';
export { newBinding } from './detector/build-binding.ts';
export { claimed } from './detector/claim.ts';
export { claimToPreempt, preemptionText } from './detector/preempt.ts';
export { bestPolicy } from './detector/select.ts';
export { templateFacts } from './detector/template-facts.ts';
export { type Discover, discoverOver } from './discovery.ts';
export { isManaged, isUpToDate, mayUpdate, objectToSend } from './execution/member-object.ts';
export { assessTasks, nextDeadline } from './graceful-eviction/assess.ts';
export { controllerNames, controllers } from './manager.ts';

export { mergeWork } from './merge-work.ts';
export { type ControllerManagerOptions, controllerFlags } from './options.ts';
export { applyOverrides, type OverrideInput } from './override-policy/apply.ts';
export { aggregateQuota, bindingUsage, overallUsed } from './quota/usage.ts';
export { observedWorkloads } from './rebalancer/observed.ts';
export { remedyActions } from './remedy/actions.ts';
export { implicitPriority } from './resource-selector.ts';
export { HELD_ANNOTATION, RESUME_ANNOTATION } from './sync-record.ts';
export { evictionDelay, purgeMode } from './taint-manager/need-eviction.ts';
export { impersonationRules, proxySubjects } from './unified-auth/subjects.ts';
