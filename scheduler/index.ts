// The door of the scheduler.
export { matchAffinity, matchFields } from './affinity.ts';
export { assignReplicas } from './divide/assign.ts';
export { mergeTargets, type Target } from './divide/targets.ts';
export { fnv1a32, webster } from './divide/webster.ts';
export * from './failure.ts';
export { schedulingContext } from './framework/context.ts';
export { peersOf } from './framework/peers.ts';
export type { Peer, Peers, SchedulerPlugin, SchedulingContext } from './framework/plugin.ts';
export { enabledPlugins, mergePlugins } from './framework/registry.ts';
export { runFilters, runScores, totalScore } from './framework/run.ts';
export * from './gates.ts';
export * from './placement.ts';
export { ownPlugins } from './plugins/index.ts';
export * from './schedule.ts';
export { type Candidate, compareCandidates } from './select/candidate.ts';
export { selectClusters } from './select/index.ts';
export { countsSets, isWorkload, rescheduleRequested } from './spec.ts';
export * from './types.ts';
