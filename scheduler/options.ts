// The flags of the scheduler (specification §10): one row each, from which the command line is made.
import type { Flag } from '../estimator/index.ts';

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

export const defaultSchedulerFlags: SchedulerFlags = {
  schedulerName: 'default-scheduler',
  plugins: ['*'],
  enableSchedulerEstimator: false,
  disableSchedulerEstimatorInPullMode: false,
  schedulerEstimatorTimeoutMs: 3_000,
  schedulerEstimatorServiceNamespace: 'karmada-system',
  schedulerEstimatorServicePrefix: 'karmada-scheduler-estimator',
  schedulerEstimatorPort: 10_352,
  schedulerEstimatorCertFile: '',
  schedulerEstimatorKeyFile: '',
  schedulerEstimatorCaFile: '',
  insecureSkipEstimatorVerify: false,
  enableEmptyWorkloadPropagation: false,
  rateLimiterBaseDelayMs: 5,
  rateLimiterMaxDelayMs: 1_000_000,
  rateLimiterQps: 10,
  rateLimiterBucketSize: 100,
  featureGates: {},
};

/** Flags shared with the descheduler: how accurate estimators are reached. */
export const estimatorClientFlags: readonly Flag[] = [
  { name: 'scheduler-estimator-timeout', default: '3s', description: 'how long a call of the estimators of all clusters may take' },
  {
    name: 'scheduler-estimator-service-namespace',
    default: 'karmada-system',
    description: 'namespace of the Services that name the estimators',
  },
  {
    name: 'scheduler-estimator-service-prefix',
    default: 'karmada-scheduler-estimator',
    description: 'the Service of a cluster is named <prefix>-<cluster>',
  },
  { name: 'scheduler-estimator-port', default: 10_352, description: 'port on which estimators listen' },
  { name: 'scheduler-estimator-cert-file', default: '', description: 'client certificate shown to estimators' },
  { name: 'scheduler-estimator-key-file', default: '', description: 'key of the client certificate' },
  { name: 'scheduler-estimator-ca-file', default: '', description: 'authority that signs the certificates of estimators' },
  { name: 'insecure-skip-estimator-verify', default: false, description: 'do not verify the certificates of estimators' },
];

export const schedulerFlags: readonly Flag[] = [
  { name: 'scheduler-name', default: 'default-scheduler', description: 'bindings that name this scheduler are ours' },
  { name: 'plugins', default: ['*'], description: "plugins in use: '*' all, 'name' adds one, '-name' removes one" },
  { name: 'enable-scheduler-estimator', default: false, description: 'ask an estimator beside each member what still fits' },
  {
    name: 'disable-scheduler-estimator-in-pull-mode',
    default: false,
    description: 'do not connect to estimators of clusters in pull mode',
  },
  ...estimatorClientFlags,
  {
    name: 'enable-empty-workload-propagation',
    default: false,
    description: 'also place workloads without replicas on every selected cluster',
  },
  { name: 'rate-limiter-base-delay', default: '5ms', description: 'first delay of a retry (gate PriorityBasedScheduling off)' },
  { name: 'rate-limiter-max-delay', default: '1000s', description: 'longest delay of a retry (gate PriorityBasedScheduling off)' },
  { name: 'rate-limiter-qps', default: 10, description: 'retries a second (gate PriorityBasedScheduling off)' },
  { name: 'rate-limiter-bucket-size', default: 100, description: 'retries at once (gate PriorityBasedScheduling off)' },
  { name: 'feature-gates', default: '', description: 'Name=true|false, separated by commas' },
];

/** The descheduler's own flags beside those of the estimator clients. */
export const deschedulerFlags: readonly Flag[] = [
  { name: 'descheduling-interval', default: '2m', description: 'time between the end of a pass and the next' },
  { name: 'unschedulable-threshold', default: '5m', description: 'how long a pod must have been unschedulable to count' },
  ...estimatorClientFlags,
];
