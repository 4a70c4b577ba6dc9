// The flags of the controller manager: one list, read by the CLI and by documentation.
import { type Flag, flagDefaults, flagsOf } from '../kube/index.ts';

/** All times in milliseconds. */
export interface ControllerManagerOptions {
  /** `*`, names, `-name`: specification §10.1. */
  readonly controllers: readonly string[];
  readonly skippedPropagatingApis: string;
  readonly skippedPropagatingNamespaces: readonly string[];
  readonly clusterStatusUpdateFrequencyMs: number;
  readonly clusterMonitorPeriodMs: number;
  readonly clusterMonitorGracePeriodMs: number;
  readonly clusterStartupGracePeriodMs: number;
  readonly clusterSuccessThresholdMs: number;
  readonly clusterFailureThresholdMs: number;
  readonly clusterLeaseDurationMs: number;
  readonly enableClusterResourceModeling: boolean;
  readonly enableTaintManager: boolean;
  readonly enableNoExecuteTaintEviction: boolean;
  readonly noExecuteTaintEvictionPurgeMode: string;
  readonly resourceEvictionRate: number;
  readonly gracefulEvictionTimeoutMs: number;
  readonly federatedResourceQuotaSyncPeriodMs: number;
  readonly horizontalPodAutoscalerSyncPeriodMs: number;
  readonly horizontalPodAutoscalerDownscaleStabilizationMs: number;
  readonly horizontalPodAutoscalerTolerance: number;
  readonly horizontalPodAutoscalerCpuInitializationPeriodMs: number;
  readonly horizontalPodAutoscalerInitialReadinessDelayMs: number;
  readonly concurrentWorkSyncs: number;
  readonly concurrentResourceBindingSyncs: number;
  readonly concurrentClusterResourceBindingSyncs: number;
  readonly concurrentClusterSyncs: number;
  readonly concurrentNamespaceSyncs: number;
  readonly concurrentResourceTemplateSyncs: number;
  readonly concurrentPropagationPolicySyncs: number;
  readonly concurrentClusterPropagationPolicySyncs: number;
  readonly concurrentDependentResourceSyncs: number;
  readonly rateLimiterBaseDelayMs: number;
  readonly rateLimiterMaxDelayMs: number;
  readonly rateLimiterQps: number;
  readonly rateLimiterBucketSize: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const flag = flagsOf<ControllerManagerOptions>();

/** Numbers of workers are larger than the reference's: a worker here is a pending request, not a thread. */
export const controllerFlags: readonly Flag[] = [
  flag('controllers', 'list', ['*'], "Controllers to run: '*' for all that are on by default, 'name' for one, '-name' to leave one out."),
  flag('skippedPropagatingApis', 'text', '', "APIs never propagated, separated by ';': group, group/version or group/version/kind,kind."),
  flag('skippedPropagatingNamespaces', 'list', ['kube-.*'], 'Namespaces never propagated: regular expressions that match the whole name.'),
  flag('clusterStatusUpdateFrequencyMs', 'duration', 10 * SECOND, 'How often the status of each cluster is collected.'),
  flag('clusterMonitorPeriodMs', 'duration', 5 * SECOND, 'How often the leases of pull clusters are looked at.'),
  flag(
    'clusterMonitorGracePeriodMs',
    'duration',
    40 * SECOND,
    'How long a running pull cluster may be silent before its status is unknown.',
  ),
  flag('clusterStartupGracePeriodMs', 'duration', MINUTE, 'How long a new pull cluster may be silent before its status is unknown.'),
  flag('clusterSuccessThresholdMs', 'duration', 30 * SECOND, 'How long a cluster must be healthy before it counts as ready.'),
  flag('clusterFailureThresholdMs', 'duration', 30 * SECOND, 'How long a cluster must be unhealthy before it counts as not ready.'),
  flag('clusterLeaseDurationMs', 'duration', 40 * SECOND, 'How long the lease of a pull cluster lasts.'),
  flag('enableClusterResourceModeling', 'boolean', true, 'Collect nodes and pods of clusters and sum their resources up.'),
  flag('enableTaintManager', 'boolean', true, 'Act on NoExecute taints of clusters.'),
  flag('enableNoExecuteTaintEviction', 'boolean', false, 'Evict workloads from clusters with NoExecute taints that they do not tolerate.'),
  flag('noExecuteTaintEvictionPurgeMode', 'text', 'Gracefully', 'How evicted copies go: Gracefully or Directly.'),
  flag('resourceEvictionRate', 'number', 0.5, 'Evictions per second when a cluster fails.'),
  flag('gracefulEvictionTimeoutMs', 'duration', 10 * MINUTE, 'How long an evicted copy waits for its replacement.'),
  flag('federatedResourceQuotaSyncPeriodMs', 'duration', 5 * MINUTE, 'How often the usage of federated quotas is counted anew.'),
  flag('horizontalPodAutoscalerSyncPeriodMs', 'duration', 15 * SECOND, 'How often FederatedHPAs are evaluated.'),
  flag(
    'horizontalPodAutoscalerDownscaleStabilizationMs',
    'duration',
    5 * MINUTE,
    'How long a higher recommendation holds against scaling down.',
  ),
  flag('horizontalPodAutoscalerTolerance', 'number', 0.1, 'The change of ratio below which nothing is scaled.'),
  flag('horizontalPodAutoscalerCpuInitializationPeriodMs', 'duration', 5 * MINUTE, 'How long after start CPU samples may be left out.'),
  flag(
    'horizontalPodAutoscalerInitialReadinessDelayMs',
    'duration',
    30 * SECOND,
    'How long after start changes of readiness count as start-up.',
  ),
  flag('concurrentWorkSyncs', 'number', 32, 'Works processed at the same time.'),
  flag('concurrentResourceBindingSyncs', 'number', 64, 'ResourceBindings processed at the same time.', 'concurrent-resourcebinding-syncs'),
  flag(
    'concurrentClusterResourceBindingSyncs',
    'number',
    32,
    'ClusterResourceBindings processed at the same time.',
    'concurrent-clusterresourcebinding-syncs',
  ),
  flag('concurrentClusterSyncs', 'number', 5, 'Clusters processed at the same time.'),
  flag('concurrentNamespaceSyncs', 'number', 1, 'Namespaces processed at the same time.'),
  flag('concurrentResourceTemplateSyncs', 'number', 64, 'Resource templates processed at the same time.'),
  flag(
    'concurrentPropagationPolicySyncs',
    'number',
    1,
    'PropagationPolicies processed at the same time.',
    'concurrent-propagation-policy-syncs',
  ),
  flag(
    'concurrentClusterPropagationPolicySyncs',
    'number',
    1,
    'ClusterPropagationPolicies processed at the same time.',
    'concurrent-cluster-propagation-policy-syncs',
  ),
  flag('concurrentDependentResourceSyncs', 'number', 2, 'Bindings whose dependencies are followed at the same time.'),
  flag('rateLimiterBaseDelayMs', 'duration', 5, 'First delay of a retry.'),
  flag('rateLimiterMaxDelayMs', 'duration', 1000 * SECOND, 'Longest delay of a retry.'),
  flag('rateLimiterQps', 'number', 10, 'Retries a second of all keys of a controller together; 0 for no limit.'),
  flag('rateLimiterBucketSize', 'number', 100, 'Retries at once of all keys of a controller together.'),
];

/** Every flag at its default. */
export const defaultOptions = flagDefaults<ControllerManagerOptions>(controllerFlags);

/** Names that `--controllers` knows, and those that `*` does not start. */
const OFF_BY_DEFAULT: readonly string[] = ['hpaScaleTargetMarker', 'deploymentReplicasSyncer'];

/** Whether a controller runs under a selection: the first word about it counts, and any word beats `*`. */
export function isSelected(name: string, selection: readonly string[]): boolean {
  const word = selection.find(w => w === name || w === `-${name}`);
  if (word !== undefined) return word === name;
  return selection.includes('*') && !OFF_BY_DEFAULT.includes(name);
}
