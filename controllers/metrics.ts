// What the controllers tell under the names of the reference: how long bindings, Works and policies take, and how the clusters are.
import type { Cluster } from '../crds/index.ts';
import { at, exponentialBuckets, type Metrics, parseQuantity, quantityNumber, type Reading, type Result, stringOf } from '../kube/index.ts';
import { conditionOf } from './condition.ts';

const BUCKETS = exponentialBuckets(0.001, 2, 12);
const HPA_BUCKETS = exponentialBuckets(0.01, 2, 12);

/** Which controllers' reconciles a histogram is about. */
const DURATIONS: readonly { readonly name: string; readonly help: string; readonly of: RegExp; readonly buckets: readonly number[] }[] = [
  {
    name: 'resource_apply_policy_duration_seconds',
    help: 'How long a template takes to get its policy.',
    of: /^detector$/,
    buckets: BUCKETS,
  },
  {
    name: 'binding_sync_work_duration_seconds',
    help: 'How long a binding takes to become Works.',
    of: /^(cluster)?-?resource-?binding-controller$/i,
    buckets: BUCKETS,
  },
  {
    name: 'work_sync_workload_duration_seconds',
    help: 'How long a Work takes to reach its member.',
    of: /^execution-controller$/,
    buckets: BUCKETS,
  },
  {
    name: 'federatedhpa_process_duration_seconds',
    help: 'How long a FederatedHPA takes.',
    of: /^federatedHPA-controller$/,
    buckets: HPA_BUCKETS,
  },
  {
    name: 'cronfederatedhpa_process_duration_seconds',
    help: 'How long a CronFederatedHPA takes.',
    of: /^cronfederatedhpa-controller$/i,
    buckets: BUCKETS,
  },
];

/** Counts reconciles for the reference's metrics. */
export function karmadaMetrics(metrics: Metrics): (name: string, result: Result, seconds: number) => void {
  const attempts = metrics.counter({
    name: 'policy_apply_attempts_total',
    help: 'Templates that were to get a policy.',
    labels: ['result'],
  });
  const families = DURATIONS.map(d => ({ ...d, family: metrics.histogram({ ...d, labels: ['result'] }) }));
  return (name, outcome, seconds) => {
    const result = outcome === 'error' ? 'error' : 'success';
    for (const { of, family } of families) if (of.test(name)) family.of(result).observe(seconds);
    if (name === 'detector') attempts.of(result).add();
  };
}

type Value = (cluster: Cluster) => number | undefined;

const GAUGES: readonly { readonly name: string; readonly help: string; readonly value: Value }[] = [
  {
    name: 'cluster_ready_state',
    help: '1 for a cluster that is ready, else 0.',
    value: ({ status }) => (conditionOf(status?.conditions, 'Ready')?.status === 'True' ? 1 : 0),
  },
  { name: 'cluster_node_number', help: 'Nodes of a cluster.', value: c => c.status?.nodeSummary?.totalNum ?? 0 },
  { name: 'cluster_ready_node_number', help: 'Nodes of a cluster that are ready.', value: c => c.status?.nodeSummary?.readyNum ?? 0 },
  { name: 'cluster_memory_allocatable_bytes', help: 'Memory that pods may use.', value: c => amount(c, 'allocatable', 'memory') },
  { name: 'cluster_cpu_allocatable_number', help: 'CPUs that pods may use.', value: c => amount(c, 'allocatable', 'cpu') },
  { name: 'cluster_pod_allocatable_number', help: 'Pods that may run.', value: c => amount(c, 'allocatable', 'pods') },
  { name: 'cluster_memory_allocated_bytes', help: 'Memory that pods asked for.', value: c => amount(c, 'allocated', 'memory') },
  { name: 'cluster_cpu_allocated_number', help: 'CPUs that pods asked for.', value: c => amount(c, 'allocated', 'cpu') },
  { name: 'cluster_pod_allocated_number', help: 'Pods that run.', value: c => amount(c, 'allocated', 'pods') },
];

function amount({ status }: Cluster, which: 'allocatable' | 'allocated', name: string): number | undefined {
  const text = stringOf(at(status, 'resourceSummary', which, name));
  return text === '' ? undefined : quantityNumber(parseQuantity(text));
}

/** Gauges about every cluster, read out of the copy. */
export function clusterMetrics(metrics: Metrics, clusters: () => readonly Cluster[]): void {
  for (const { name, help, value } of GAUGES)
    metrics.read({ name, help, labels: ['member_cluster'] }, () =>
      clusters().flatMap((cluster): Reading[] => {
        const found = value(cluster);
        return found === undefined ? [] : [[[cluster.metadata.name ?? ''], found]];
      }),
    );
}
