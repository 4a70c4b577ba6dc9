// The addresses of the kinds that a member works with, and the fields its controllers read, named as in the API.
import type { Taint } from '../estimator/index.ts';
import { type IntOrString, type KubeObject, type LabelSelector, type ObjectMeta, type PartialBehavior, resource } from '../kube/index.ts';
import type { Pod, PodTemplateSpec, ResourceList } from './pod-types.ts';

export type * from './pod-types.ts';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string | null;
}

export interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: string };
}

export interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[]; readonly podCIDR?: string };
  readonly status?: {
    readonly capacity?: ResourceList;
    readonly allocatable?: ResourceList;
    readonly conditions?: readonly (Condition & { readonly lastHeartbeatTime?: string | null })[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
}

export interface RollingUpdate {
  readonly maxSurge?: IntOrString;
  readonly maxUnavailable?: IntOrString;
  readonly partition?: number;
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly strategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate };
    readonly paused?: boolean;
    readonly minReadySeconds?: number;
    readonly revisionHistoryLimit?: number;
    readonly progressDeadlineSeconds?: number;
  };
  readonly status?: DeploymentStatus;
}

export interface DeploymentStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly unavailableReplicas?: number;
  readonly terminatingReplicas?: number;
  readonly collisionCount?: number;
  readonly conditions?: readonly (Condition & { readonly lastUpdateTime?: string | null })[];
}

export interface ReplicaSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly minReadySeconds?: number;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly fullyLabeledReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly terminatingReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface ReplicationController extends KubeObject {
  readonly spec: Omit<ReplicaSet['spec'], 'selector'> & { readonly selector?: Readonly<Record<string, string>> };
  readonly status?: Omit<NonNullable<ReplicaSet['status']>, 'terminatingReplicas'>;
}

export interface DaemonSet extends KubeObject {
  readonly spec: {
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate };
    readonly minReadySeconds?: number;
    readonly revisionHistoryLimit?: number;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly serviceName?: string;
    readonly podManagementPolicy?: string;
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate };
    readonly minReadySeconds?: number;
    readonly revisionHistoryLimit?: number;
    readonly ordinals?: { readonly start?: number };
    readonly volumeClaimTemplates?: readonly { readonly metadata?: ObjectMeta; readonly spec?: Readonly<Record<string, unknown>> }[];
    readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string };
  };
  readonly status?: {
    readonly currentRevision?: string;
    readonly updateRevision?: string;
    readonly collisionCount?: number;
    readonly [field: string]: unknown;
  };
}

export interface ControllerRevision extends KubeObject {
  readonly revision: number;
  readonly data?: unknown;
}

export interface Job extends KubeObject {
  readonly spec: JobSpec;
  readonly status?: {
    readonly active?: number;
    readonly succeeded?: number;
    readonly failed?: number;
    readonly ready?: number;
    readonly terminating?: number;
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly completedIndexes?: string;
    readonly failedIndexes?: string;
    readonly uncountedTerminatedPods?: { readonly succeeded?: readonly string[]; readonly failed?: readonly string[] };
    readonly conditions?: readonly JobCondition[];
  };
}

export type JobCondition = Condition & { readonly lastProbeTime?: string | null };

export interface PodFailureRule {
  readonly action: string;
  readonly onExitCodes?: { readonly containerName?: string; readonly operator: string; readonly values: readonly number[] };
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[];
}

export interface JobSpec {
  readonly parallelism?: number;
  readonly completions?: number;
  readonly completionMode?: string;
  readonly backoffLimit?: number;
  readonly backoffLimitPerIndex?: number;
  readonly maxFailedIndexes?: number;
  readonly podFailurePolicy?: { readonly rules?: readonly PodFailureRule[] };
  readonly successPolicy?: { readonly rules?: readonly { readonly succeededIndexes?: string; readonly succeededCount?: number }[] };
  readonly podReplacementPolicy?: string;
  readonly activeDeadlineSeconds?: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly suspend?: boolean;
  readonly manualSelector?: boolean;
  readonly selector?: LabelSelector;
  readonly template: PodTemplateSpec;
}

export interface CronJob extends KubeObject {
  readonly spec: {
    readonly schedule: string;
    readonly timeZone?: string;
    readonly suspend?: boolean;
    readonly concurrencyPolicy?: string;
    readonly startingDeadlineSeconds?: number;
    readonly successfulJobsHistoryLimit?: number;
    readonly failedJobsHistoryLimit?: number;
    readonly jobTemplate: { readonly metadata?: ObjectMeta; readonly spec: JobSpec };
  };
  readonly status?: {
    readonly active?: readonly { readonly name?: string; readonly uid?: string }[];
    readonly lastScheduleTime?: string;
    readonly lastSuccessfulTime?: string;
  };
}

export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port: number;
  readonly targetPort?: IntOrString;
  readonly appProtocol?: string;
}

export interface Service extends KubeObject {
  readonly spec: {
    readonly type?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePort[];
    readonly clusterIP?: string;
    readonly publishNotReadyAddresses?: boolean;
    readonly ipFamilies?: readonly string[];
    readonly loadBalancerIP?: string;
    readonly loadBalancerClass?: string;
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly Readonly<Record<string, unknown>>[] } };
}

export interface EndpointSlice extends KubeObject {
  readonly addressType: string;
  readonly endpoints: readonly Readonly<Record<string, unknown>>[];
  readonly ports?: readonly Readonly<Record<string, unknown>>[] | null;
}

export interface Endpoints extends KubeObject {
  readonly subsets?: readonly Readonly<Record<string, unknown>>[];
}

export interface PersistentVolumeClaim extends KubeObject {
  readonly spec: {
    readonly accessModes?: readonly string[];
    readonly resources?: { readonly requests?: ResourceList };
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: string;
    readonly selector?: LabelSelector;
  };
  readonly status?: { readonly phase?: string; readonly capacity?: ResourceList };
}

export interface PersistentVolume extends KubeObject {
  readonly spec: {
    readonly capacity?: ResourceList;
    readonly accessModes?: readonly string[];
    readonly storageClassName?: string;
    readonly persistentVolumeReclaimPolicy?: string;
    readonly volumeMode?: string;
    readonly claimRef?: { readonly namespace?: string; readonly name?: string; readonly uid?: string; readonly [field: string]: unknown };
    readonly hostPath?: { readonly path: string; readonly type?: string };
  };
  readonly status?: { readonly phase?: string };
}

export interface StorageClass extends KubeObject {
  readonly provisioner: string;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
}

export interface PodDisruptionBudget extends KubeObject {
  readonly spec?: {
    readonly minAvailable?: IntOrString;
    readonly maxUnavailable?: IntOrString;
    readonly selector?: LabelSelector;
    readonly unhealthyPodEvictionPolicy?: string;
  };
  readonly status?: {
    readonly disruptionsAllowed?: number;
    readonly disruptedPods?: Readonly<Record<string, string>>;
    readonly conditions?: readonly Condition[];
    readonly [field: string]: unknown;
  };
}

/** A metric of resources: of whole pods, or of one container. */
export interface MetricSource {
  readonly name: string;
  readonly container?: string;
  readonly target: { readonly type: string; readonly averageUtilization?: number; readonly averageValue?: string };
}

export interface MetricSpec {
  readonly type: string;
  readonly resource?: MetricSource;
  readonly containerResource?: MetricSource;
}

export interface HorizontalPodAutoscaler extends KubeObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string };
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: readonly MetricSpec[];
    readonly behavior?: PartialBehavior;
  };
  readonly status?: {
    readonly lastScaleTime?: string;
    readonly desiredReplicas?: number;
    readonly conditions?: readonly Condition[];
    readonly [field: string]: unknown;
  };
}

export interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number; readonly selector?: string };
}

const core = { group: '', version: 'v1' } as const;
const apps = { group: 'apps', version: 'v1', scope: 'Namespaced' } as const;
const batch = { group: 'batch', version: 'v1', scope: 'Namespaced' } as const;

export const NAMESPACES = resource<Namespace>({ ...core, kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
export const NODES = resource<Node>({ ...core, kind: 'Node', plural: 'nodes', scope: 'Cluster' });
export const PODS = resource<Pod>({ ...core, kind: 'Pod', plural: 'pods', scope: 'Namespaced' });
export const SERVICES = resource<Service>({ ...core, kind: 'Service', plural: 'services', scope: 'Namespaced' });
export const ENDPOINTS = resource<Endpoints>({ ...core, kind: 'Endpoints', plural: 'endpoints', scope: 'Namespaced' });
export const SERVICE_ACCOUNTS = resource({ ...core, kind: 'ServiceAccount', plural: 'serviceaccounts', scope: 'Namespaced' });
export const CLAIMS = resource<PersistentVolumeClaim>({
  ...core,
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  scope: 'Namespaced',
});
export const VOLUMES = resource<PersistentVolume>({ ...core, kind: 'PersistentVolume', plural: 'persistentvolumes', scope: 'Cluster' });
export const REPLICATION_CONTROLLERS = resource<ReplicationController>({
  ...core,
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  scope: 'Namespaced',
});
export const DEPLOYMENTS = resource<Deployment>({ ...apps, kind: 'Deployment', plural: 'deployments' });
export const REPLICA_SETS = resource<ReplicaSet>({ ...apps, kind: 'ReplicaSet', plural: 'replicasets' });
export const DAEMON_SETS = resource<DaemonSet>({ ...apps, kind: 'DaemonSet', plural: 'daemonsets' });
export const STATEFUL_SETS = resource<StatefulSet>({ ...apps, kind: 'StatefulSet', plural: 'statefulsets' });
export const REVISIONS = resource<ControllerRevision>({ ...apps, kind: 'ControllerRevision', plural: 'controllerrevisions' });
export const JOBS = resource<Job>({ ...batch, kind: 'Job', plural: 'jobs' });
export const CRON_JOBS = resource<CronJob>({ ...batch, kind: 'CronJob', plural: 'cronjobs' });
export const SLICES = resource<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
});
export const STORAGE_CLASSES = resource<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'Cluster',
});
export const BUDGETS = resource<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  scope: 'Namespaced',
});
export const AUTOSCALERS = resource<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
});
