// The door of what every autoscaler computes: how many replicas a metric asks for, and how far the count may move.
export { type LimitCondition, ScaleHistory } from './limits.ts';
export { defaultedBehavior, type PartialBehavior } from './rates.ts';
export {
  type PodCalculation,
  type Proposal,
  replicasByAverage,
  replicasByObject,
  replicasByObjectAverage,
  replicasByUtilization,
} from './replicas.ts';
