// What estimators read and answer. The interfaces are narrow: only the fields that an estimate depends on, named as in
// the API, so that a stored object satisfies them as it is.
import type { KubeObject } from '../kube/index.ts';

/** Resource name → Kubernetes quantity. */
export type ResourceList = Readonly<Record<string, string | number>>;

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[];
  readonly matchFields?: readonly NodeSelectorRequirement[];
}

export interface NodeSelector {
  readonly nodeSelectorTerms?: readonly NodeSelectorTerm[];
}

export interface NodeClaim {
  readonly hardNodeAffinity?: NodeSelector;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
}

/** What one replica of a component asks of a node. */
export interface ComponentRequirements {
  readonly nodeClaim?: NodeClaim;
  readonly resourceRequest?: ResourceList;
  readonly priorityClassName?: string;
}

/** What one replica of a workload asks of a node. */
export interface ReplicaRequirements extends ComponentRequirements {
  readonly namespace?: string;
}

/** One pod template of a workload with several. */
export interface Component {
  readonly name: string;
  readonly replicas?: number;
  readonly replicaRequirements?: ComponentRequirements;
}

/** A workload already promised to a cluster whose pods are not counted there yet (overcommit protection). */
export interface AssumedWorkload {
  readonly namespace?: string;
  readonly components?: readonly Component[];
}

export interface ResourceModelRange {
  readonly name: string;
  readonly min: string | number;
  readonly max?: string | number;
}

export interface ResourceModel {
  readonly grade: number;
  readonly ranges?: readonly ResourceModelRange[];
}

export interface AllocatableModeling {
  readonly grade: number;
  readonly count: number;
}

export interface ResourceSummary {
  readonly allocatable?: ResourceList;
  readonly allocating?: ResourceList;
  readonly allocated?: ResourceList;
  readonly allocatableModelings?: readonly AllocatableModeling[];
}

/** A member cluster, as far as an estimate looks at it. */
export interface EstimatedCluster {
  readonly metadata: { readonly name?: string };
  readonly spec?: { readonly resourceModels?: readonly ResourceModel[] };
  readonly status?: { readonly resourceSummary?: ResourceSummary };
}

export interface Node {
  readonly metadata: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] };
  readonly status?: { readonly allocatable?: ResourceList };
}

interface Container {
  readonly resources?: { readonly requests?: ResourceList };
}

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly lastTransitionTime?: string | null;
}

export interface Pod {
  readonly metadata: KubeObject['metadata'];
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly overhead?: ResourceList;
  };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly PodCondition[] };
}

export interface ScopeSelectorRequirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

export interface ResourceQuota {
  readonly metadata: { readonly namespace?: string; readonly name?: string };
  readonly spec?: {
    readonly scopes?: readonly string[];
    readonly scopeSelector?: { readonly matchExpressions?: readonly ScopeSelectorRequirement[] };
  };
  readonly status?: { readonly hard?: ResourceList; readonly used?: ResourceList };
}

/** The object whose stuck pods are asked for. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Cluster name → how many fit. A cluster that is missing, or holds −1, is unknown. Values are int32. */
export type Estimates = ReadonlyMap<string, number>;

/** How many replicas fit? Absent requirements: pods of no particular size. */
export interface ReplicasRequest {
  readonly clusters: readonly EstimatedCluster[];
  readonly requirements?: ReplicaRequirements;
  /** Cluster name → what is promised to it already. */
  readonly assumed?: ReadonlyMap<string, readonly AssumedWorkload[]>;
}

/** How many whole sets of components fit? */
export interface SetsRequest {
  readonly clusters: readonly EstimatedCluster[];
  readonly components: readonly Component[];
  readonly namespace: string;
  readonly assumed?: ReadonlyMap<string, readonly AssumedWorkload[]>;
}

/** Answers how much more fits into clusters; a rejected promise means that its whole answer is dropped. */
export interface Estimator {
  readonly name: string;
  /** Its answers rest on the Cluster objects: they are as old as those. */
  readonly readsClusters?: boolean;
  maxReplicas(request: ReplicasRequest, signal: AbortSignal): Promise<Estimates>;
  maxComponentSets(request: SetsRequest, signal: AbortSignal): Promise<Estimates>;
}

export interface UnschedulableRequest {
  readonly clusters: readonly string[];
  readonly resource: ObjectReference;
  readonly thresholdMs: number;
}

/** Answers how many replicas have been unschedulable for longer than a threshold; for the descheduler. */
export interface UnschedulableEstimator {
  readonly name: string;
  unschedulableReplicas(request: UnschedulableRequest, signal: AbortSignal): Promise<Estimates>;
}
