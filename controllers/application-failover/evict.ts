// Moving an unhealthy application out of a cluster (specification §7.3, §7.4): the cluster leaves the binding, and a task says what becomes of the old copy
// and which of its values the new one starts with.
import {
  type AggregatedStatusItem,
  evictionReasons,
  type FailoverBehavior,
  type FeatureGates,
  type GracefulEvictionTask,
  gateEnabled,
  type ResourceBindingSpec,
  type StatePreservation,
} from '../../crds/index.ts';
import { type Evidence, evaluateJsonPath } from '../../kube/index.ts';

/** Clusters whose copy is unhealthy and not on its way out, and those that are not unhealthy. */
export function classify(
  spec: ResourceBindingSpec,
  items: readonly AggregatedStatusItem[],
): { readonly unhealthy: string[]; readonly others: string[] } {
  const evicting = new Set((spec.gracefulEvictionTasks ?? []).map(task => task.fromCluster));
  const names = (wanted: (item: AggregatedStatusItem) => boolean): string[] => items.filter(wanted).map(item => item.clusterName);
  return {
    unhealthy: names(item => item.health === 'Unhealthy' && !evicting.has(item.clusterName)),
    others: names(item => item.health === 'Healthy' || item.health === 'Unknown'),
  };
}

/** The spec without the cluster, for the reason shown, and with the task; the very same spec where the cluster is not targeted. */
export function evicted(spec: ResourceBindingSpec, task: GracefulEvictionTask, because: Evidence): ResourceBindingSpec {
  if (!because.because) throw new Error(`no evidence against cluster ${task.fromCluster}`);
  const target = spec.clusters?.find(({ name }) => name === task.fromCluster);
  if (!target) return spec;
  const tasks = spec.gracefulEvictionTasks ?? [];
  const known = tasks.some(({ fromCluster }) => fromCluster === task.fromCluster);
  const clusters = (spec.clusters ?? []).filter(cluster => cluster !== target);
  if (known) return { ...spec, clusters };
  const counted = target.replicas ? { ...task, replicas: target.replicas } : task;
  return { ...spec, clusters, gracefulEvictionTasks: [...tasks, counted] };
}

type ApplicationFailover = NonNullable<FailoverBehavior['application']>;

export interface FailoverInput {
  readonly cluster: string;
  readonly behavior: ApplicationFailover;
  /** The controller that evicts. */
  readonly producer: string;
  /** Clusters of the binding before this pass. */
  readonly clustersBefore: readonly string[];
  readonly items: readonly AggregatedStatusItem[];
  readonly gates: FeatureGates;
}

/** The task for an application that failed; throws where its state shall be kept and is not known. */
export function applicationTask({ cluster, behavior, producer, clustersBefore, items, gates }: FailoverInput): GracefulEvictionTask {
  const { purgeMode, gracePeriodSeconds, statePreservation } = behavior;
  const keepsState = statePreservation?.rules?.length && gateEnabled(gates, 'StatefulFailoverInjection');
  const state = keepsState
    ? { preservedLabelState: preservedState(cluster, statePreservation, items), clustersBeforeFailover: clustersBefore }
    : {};
  if (purgeMode === 'Gracefully' && !gateEnabled(gates, 'GracefulEviction'))
    throw new Error('GracefulEviction featureGate must be enabled when purgeMode is Gracefully');
  return {
    fromCluster: cluster,
    ...(purgeMode ? { purgeMode } : {}),
    reason: evictionReasons.applicationFailure,
    producer,
    ...(purgeMode === 'Gracefully' && gracePeriodSeconds !== undefined ? { gracePeriodSeconds } : {}),
    ...(purgeMode === 'Never' ? { suppressDeletion: true } : {}),
    ...state,
  };
}

/** Values out of the status of the copy that failed, by the labels that will carry them. */
export function preservedState(
  cluster: string,
  { rules }: StatePreservation,
  items: readonly AggregatedStatusItem[],
): Readonly<Record<string, string>> {
  const status = items.find(item => item.clusterName === cluster)?.status;
  if (!status) throw new Error(`the application status has not yet been collected from Cluster(${cluster})`);
  return Object.fromEntries(rules.map(({ aliasLabelName, jsonPath }) => [aliasLabelName, evaluateJsonPath(status, jsonPath)]));
}
