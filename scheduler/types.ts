// The fields of bindings, placements and clusters that scheduling reads, named as in the API. Both binding kinds are one
// type here: scope is a property of the key, never a branch.
import type { Component, EstimatedCluster, ReplicaRequirements, Taint, Toleration } from '../estimator/index.ts';
import type { KubeObject } from '../kube/index.ts';

export type { Component, ReplicaRequirements, Taint, Toleration } from '../estimator/index.ts';

export interface SelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly SelectorRequirement[];
}

export interface FieldSelector {
  readonly matchExpressions?: readonly SelectorRequirement[];
}

export interface ClusterAffinity {
  readonly labelSelector?: LabelSelector;
  readonly fieldSelector?: FieldSelector;
  readonly clusterNames?: readonly string[];
  readonly exclude?: readonly string[];
}

export interface OverflowAffinity extends ClusterAffinity {
  readonly affinityName?: string;
}

export interface ClusterAffinityTerm extends ClusterAffinity {
  readonly affinityName: string;
  readonly overflowAffinities?: readonly OverflowAffinity[];
}

export interface SpreadConstraint {
  readonly spreadByField?: string;
  readonly spreadByLabel?: string;
  readonly minGroups?: number;
  readonly maxGroups?: number;
}

export interface StaticClusterWeight {
  readonly targetCluster?: ClusterAffinity;
  readonly weight: number;
}

export interface ReplicaScheduling {
  readonly replicaSchedulingType?: string;
  readonly replicaDivisionPreference?: string;
  readonly weightPreference?: {
    readonly staticWeightList?: readonly StaticClusterWeight[];
    readonly dynamicWeight?: string;
  };
}

export interface WorkloadAffinity {
  readonly affinity?: { readonly groupByLabelKey: string };
  readonly antiAffinity?: { readonly groupByLabelKey: string };
}

export interface Placement {
  readonly clusterAffinity?: ClusterAffinity;
  readonly clusterAffinities?: readonly ClusterAffinityTerm[];
  readonly clusterTolerations?: readonly Toleration[];
  readonly spreadConstraints?: readonly SpreadConstraint[];
  readonly replicaScheduling?: ReplicaScheduling;
  readonly workloadAffinity?: WorkloadAffinity;
}

export interface TargetComponent {
  readonly name: string;
  readonly replicas?: number;
}

export interface TargetCluster {
  readonly name: string;
  readonly replicas?: number;
  readonly components?: readonly TargetComponent[];
}

export interface ResourceReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
}

export interface BindingSpec {
  readonly resource: ResourceReference;
  readonly replicas?: number;
  readonly replicaRequirements?: ReplicaRequirements;
  readonly components?: readonly Component[];
  readonly clusters?: readonly TargetCluster[];
  readonly placement?: Placement;
  readonly gracefulEvictionTasks?: readonly { readonly fromCluster: string }[];
  readonly schedulerName?: string;
  readonly schedulePriority?: { readonly priority?: number };
  readonly suspension?: { readonly scheduling?: boolean };
  readonly rescheduleTriggeredAt?: string;
  readonly workloadAffinityGroups?: { readonly affinityGroup?: string; readonly antiAffinityGroup?: string };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly observedGeneration?: number;
}

export interface AggregatedStatusItem {
  readonly clusterName: string;
  readonly status?: unknown;
  readonly health?: string;
}

export interface BindingStatus {
  readonly conditions?: readonly Condition[];
  readonly aggregatedStatus?: readonly AggregatedStatusItem[];
  readonly schedulerObservedGeneration?: number;
  readonly schedulerObservingAffinityName?: string;
  readonly lastScheduledTime?: string;
}

/** A ResourceBinding or a ClusterResourceBinding. */
export interface Binding extends KubeObject {
  readonly spec: BindingSpec;
  readonly status?: BindingStatus;
}

export interface ApiEnablement {
  readonly groupVersion: string;
  readonly resources?: readonly { readonly name?: string; readonly kind: string }[];
}

/** A member cluster, as far as scheduling looks at it. */
export interface Cluster extends KubeObject, Omit<EstimatedCluster, 'metadata'> {
  readonly spec?: EstimatedCluster['spec'] & {
    readonly provider?: string;
    readonly region?: string;
    readonly zones?: readonly string[];
    readonly taints?: readonly Taint[];
    readonly syncMode?: string;
  };
  readonly status?: EstimatedCluster['status'] & { readonly apiEnablements?: readonly ApiEnablement[] };
}

/** The name of a cluster: every stored one has it. */
export function nameOf(object: { readonly metadata: { readonly name?: string } }): string {
  return object.metadata.name ?? '';
}
