// The flags of the scheduler (specification §10): one row each, from which the command line is made.
import { type Flag, flagDefaults, flagsOf } from '../kube/index.ts';

/** Durations are milliseconds. */
export interface SchedulerFlags {
  readonly schedulerName: string;
  readonly plugins: readonly string[];
  readonly enableSchedulerEstimator: boolean;
  readonly disableSchedulerEstimatorInPullMode: boolean;
  readonly schedulerEstimatorTimeoutMs: number;
  readonly schedulerEstimatorServiceNamespace: string;
  readonly schedulerEstimatorServicePrefix: string;
  readonly schedulerEstimatorPort: number;
  readonly schedulerEstimatorCertFile: string;
  readonly schedulerEstimatorKeyFile: string;
  readonly schedulerEstimatorCaFile: string;
  readonly insecureSkipEstimatorVerify: boolean;
  readonly enableEmptyWorkloadPropagation: boolean;
  readonly rateLimiterBaseDelayMs: number;
  readonly rateLimiterMaxDelayMs: number;
  readonly rateLimiterQps: number;
  readonly rateLimiterBucketSize: number;
  readonly featureGates: Readonly<Record<string, boolean>>;
}

export interface DeschedulerFlags {
  readonly deschedulingIntervalMs: number;
  readonly unschedulableThresholdMs: number;
}

const flag = flagsOf<SchedulerFlags>();
const deschedulerFlag = flagsOf<DeschedulerFlags>();

/** Flags shared with the descheduler: how accurate estimators are reached. */
export const estimatorClientFlags: readonly Flag[] = [
  flag('schedulerEstimatorTimeoutMs', 'duration', 3_000, 'how long a call of the estimators of all clusters may take'),
  flag('schedulerEstimatorServiceNamespace', 'text', 'karmada-system', 'namespace of the Services that name the estimators'),
  flag('schedulerEstimatorServicePrefix', 'text', 'karmada-scheduler-estimator', 'the Service of a cluster is named <prefix>-<cluster>'),
  flag('schedulerEstimatorPort', 'number', 10_352, 'port on which estimators listen'),
  flag('schedulerEstimatorCertFile', 'text', '', 'client certificate shown to estimators'),
  flag('schedulerEstimatorKeyFile', 'text', '', 'key of the client certificate'),
  flag('schedulerEstimatorCaFile', 'text', '', 'authority that signs the certificates of estimators'),
  flag('insecureSkipEstimatorVerify', 'boolean', false, 'do not verify the certificates of estimators'),
];

export const schedulerFlags: readonly Flag[] = [
  flag('schedulerName', 'text', 'default-scheduler', 'bindings that name this scheduler are ours'),
  flag('plugins', 'list', ['*'], "plugins in use: '*' all, 'name' adds one, '-name' removes one"),
  flag('enableSchedulerEstimator', 'boolean', false, 'ask an estimator beside each member what still fits'),
  flag('disableSchedulerEstimatorInPullMode', 'boolean', false, 'do not connect to estimators of clusters in pull mode'),
  ...estimatorClientFlags,
  flag('enableEmptyWorkloadPropagation', 'boolean', false, 'also place workloads without replicas on every selected cluster'),
  flag('rateLimiterBaseDelayMs', 'duration', 5, 'first delay of a retry'),
  flag('rateLimiterMaxDelayMs', 'duration', 1_000_000, 'longest delay of a retry'),
  flag('rateLimiterQps', 'number', 10, 'retries a second'),
  flag('rateLimiterBucketSize', 'number', 100, 'retries at once'),
];

export const defaultSchedulerFlags: SchedulerFlags = {
  ...flagDefaults<Omit<SchedulerFlags, 'featureGates'>>(schedulerFlags),
  featureGates: {},
};

/** The descheduler's own flags; it takes those of the estimator clients too. */
export const deschedulerFlags: readonly Flag[] = [
  deschedulerFlag('deschedulingIntervalMs', 'duration', 120_000, 'time between the end of a pass and the next'),
  deschedulerFlag('unschedulableThresholdMs', 'duration', 300_000, 'how long a pod must have been unschedulable to count'),
];
