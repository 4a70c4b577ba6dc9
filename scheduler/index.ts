// The door of the scheduler.
export { matchAffinity, overflowTiers } from './affinity.ts';
export { type BindingWriter, commit } from './commit.ts';
export * from './decide.ts';
export { descheduleBinding } from './descheduler/binding.ts';
export { descheduler } from './descheduler/descheduler.ts';
export { isEligible, undesiredTargets } from './descheduler/pass.ts';
export { assignReplicas } from './divide/assign.ts';
export { mergeTargets } from './divide/targets.ts';
export { fnv1a32, webster } from './divide/webster.ts';
export { accepts, bindingEnqueues, clusterForms, concernedBy, queueEntry } from './events.ts';
export * from './explain/document.ts';
export { recordDecision } from './explain/record.ts';
export { DecisionRecords } from './explain/records.ts';

export { explanationText } from './explain/text.ts';
export * from './failure.ts';
export { schedulingContext } from './framework/context.ts';

export { peersOf } from './framework/peers.ts';
export type { SchedulerPlugin } from './framework/plugin.ts';

export { runScores, totalScore } from './framework/run.ts';
export * from './gates.ts';
export * from './options.ts';
export * from './outcome.ts';
export * from './placement.ts';
export { ownPlugins } from './plugins/index.ts';
export { BACKOFF_FLUSH_MS, SchedulingQueue, UNSCHEDULABLE_FLUSH_MS } from './queue.ts';
export * from './schedule.ts';
export { type Scheduler, scheduler } from './scheduler.ts';
export type { Candidate } from './select/candidate.ts';
export { selectClusters } from './select/index.ts';
export { type ClusterVersions, snapshotOf } from './snapshot.ts';
export { countsSets } from './spec.ts';
export * from './triggers.ts';
export * from './types.ts';
