// The words of the Karmada API that are not fields: keys of labels, annotations, finalizers and taints, and condition types
// and reasons. They are stored in objects and read by other programs, so none of them ever changes.

/** Keys of metadata.labels. */
export const labels = {
  propagationPolicyId: 'propagationpolicy.karmada.io/permanent-id',
  clusterPropagationPolicyId: 'clusterpropagationpolicy.karmada.io/permanent-id',
  resourceBindingId: 'resourcebinding.karmada.io/permanent-id',
  clusterResourceBindingId: 'clusterresourcebinding.karmada.io/permanent-id',
  workId: 'work.karmada.io/permanent-id',
  multiClusterServiceId: 'multiclusterservice.karmada.io/permanent-id',
  /** On a Namespace: `true` keeps it out of the members. */
  skipAutoPropagation: 'namespace.karmada.io/skip-auto-propagation',
  /** On a binding that another controller than the detector made. */
  bindingManagedBy: 'binding.karmada.io/managed-by',
  /** On a template: `true` leaves the replicas of members alone. */
  retainReplicas: 'resourcetemplate.karmada.io/retain-replicas',
  /** On a template: the detector ignores it. */
  claimedBy: 'resourcetemplate.karmada.io/claimed-by',
  /** On anything: `Always` refuses DELETE. */
  deletionProtected: 'resourcetemplate.karmada.io/deletion-protected',
  /** On a member object: `true` proves that we own it. */
  managed: 'karmada.io/managed',
  /** On what the control plane makes for itself. */
  system: 'karmada.io/system',
  endpointSliceNamespace: 'endpointslice.karmada.io/namespace',
  endpointSliceName: 'endpointslice.karmada.io/name',
  endpointSliceManagedBy: 'endpointslice.karmada.io/managed-by',
  multiClusterServiceNamespace: 'multiclusterservice.karmada.io/namespace',
  multiClusterServiceName: 'multiclusterservice.karmada.io/name',
  quotaNamespace: 'federatedresourcequota.karmada.io/namespace',
  quotaName: 'federatedresourcequota.karmada.io/name',
} as const;

/** The label on an attached binding that names a binding which needs it; the suffix is `bindingReferenceKey`. */
export const DEPENDED_BY_PREFIX = 'resourcebinding.karmada.io/depended-by-';

/** Keys of metadata.annotations. */
export const annotations = {
  propagationPolicyNamespace: 'propagationpolicy.karmada.io/namespace',
  propagationPolicyName: 'propagationpolicy.karmada.io/name',
  clusterPropagationPolicyName: 'clusterpropagationpolicy.karmada.io/name',
  resourceBindingNamespace: 'resourcebinding.karmada.io/namespace',
  resourceBindingName: 'resourcebinding.karmada.io/name',
  clusterResourceBindingName: 'clusterresourcebinding.karmada.io/name',
  workNamespace: 'work.karmada.io/namespace',
  workName: 'work.karmada.io/name',
  /** `overwrite` or `abort`. */
  conflictResolution: 'work.karmada.io/conflict-resolution',
  templateUid: 'resourcetemplate.karmada.io/uid',
  templateGeneration: 'resourcetemplate.karmada.io/generation',
  /** Sorted keys, joined by commas. */
  managedLabels: 'resourcetemplate.karmada.io/managed-labels',
  /** Sorted keys, joined by commas. */
  managedAnnotations: 'resourcetemplate.karmada.io/managed-annotations',
  /** JSON of the placement that was last scheduled. */
  appliedPlacement: 'policy.karmada.io/applied-placement',
  appliedOverrides: 'policy.karmada.io/applied-overrides',
  appliedClusterOverrides: 'policy.karmada.io/applied-cluster-overrides',
  /** JSON list of what an independent binding depends on. */
  dependencies: 'resourcebinding.karmada.io/dependencies',
  provisionCluster: 'endpointslice.karmada.io/provision-cluster',
  multiClusterServiceNamespace: 'multiclusterservice.karmada.io/namespace',
  multiClusterServiceName: 'multiclusterservice.karmada.io/name',
  cachedFromCluster: 'resource.karmada.io/cached-from-cluster',
  queryFromCluster: 'resource.karmada.io/query-from-cluster',
} as const;

/** Entries of metadata.finalizers. */
export const finalizers = {
  cluster: 'karmada.io/cluster-controller',
  execution: 'karmada.io/execution-controller',
  binding: 'karmada.io/binding-controller',
  clusterBinding: 'karmada.io/cluster-resource-binding-controller',
  dependencies: 'karmada.io/binding-dependencies-distributor',
  propagationPolicy: 'karmada.io/propagation-policy-controller',
  clusterPropagationPolicy: 'karmada.io/cluster-propagation-policy-controller',
  multiClusterService: 'karmada.io/multiclusterservice-controller',
  endpointSliceDispatch: 'karmada.io/mcs-endpointslice-dispatch-controller',
  endpointSlice: 'karmada.io/endpointslice-controller',
} as const;

/** Keys of cluster taints. */
export const taints = {
  notReady: 'cluster.karmada.io/not-ready',
  unreachable: 'cluster.karmada.io/unreachable',
  /** Set by `karmadactl cordon`. */
  unschedulable: 'cluster.karmada.io/unschedulable',
} as const;

/** metadata.labels values that say who made or claimed an object. */
export const managers = { serviceExport: 'ServiceExport', multiClusterService: 'MultiClusterService' } as const;

/** Value of `labels.deletionProtected` that protects. */
export const DELETION_PROTECTED_ALWAYS = 'Always';

/** Types of conditions, by the kind that carries them. */
export const conditionTypes = {
  clusterReady: 'Ready',
  clusterCompleteAPIEnablements: 'CompleteAPIEnablements',
  clusterServiceDomainNameResolutionReady: 'ServiceDomainNameResolutionReady',
  bindingScheduled: 'Scheduled',
  bindingFullyApplied: 'FullyApplied',
  workApplied: 'Applied',
  workDispatching: 'Dispatching',
  serviceApplied: 'ServiceApplied',
  endpointSliceDispatched: 'EndpointSliceDispatched',
} as const;

/** Reasons of conditions. */
export const conditionReasons = {
  clusterReady: 'ClusterReady',
  clusterNotReady: 'ClusterNotReady',
  clusterNotReachable: 'ClusterNotReachable',
  statusCollectionFailed: 'StatusCollectionFailed',
  clusterStatusUnknown: 'ClusterStatusUnknown',
  clusterStatusNeverUpdated: 'ClusterStatusNeverUpdated',
  apiEnablementsComplete: 'Complete',
  apiEnablementsPartial: 'Partial',
  apiEnablementsEmpty: 'Empty',
  scheduled: 'Success',
  noClusterFit: 'NoClusterFit',
  unschedulable: 'Unschedulable',
  schedulerError: 'SchedulerError',
  quotaExceeded: 'QuotaExceeded',
  fullyAppliedSuccess: 'FullyAppliedSuccess',
  fullyAppliedFailed: 'FullyAppliedFailed',
  appliedSuccessful: 'AppliedSuccessful',
  appliedFailed: 'AppliedFailed',
  dispatching: 'Dispatching',
  suspendDispatching: 'SuspendDispatching',
  serviceAppliedSucceed: 'ServiceAppliedSucceed',
  serviceAppliedFailed: 'ServiceAppliedFailed',
  endpointSliceDispatchedSucceed: 'EndpointSliceDispatchedSucceed',
  endpointSliceDispatchedFailed: 'EndpointSliceDispatchedFailed',
} as const;

/** Reasons of eviction tasks. */
export const evictionReasons = { taintUntolerated: 'TaintUntolerated', applicationFailure: 'ApplicationFailure' } as const;
/** Producer of eviction tasks that the taint manager makes; the other producers are controller names. */
export const TAINT_MANAGER = 'TaintManager';

/** Feature gates and whether each is on by default. */
export const featureGates = {
  Failover: false,
  GracefulEviction: true,
  PropagateDeps: true,
  CustomizedClusterResourceModeling: true,
  PropagationPolicyPreemption: false,
  MultiClusterService: false,
  ResourceQuotaEstimate: false,
  StatefulFailoverInjection: false,
  PriorityBasedScheduling: true,
  FederatedQuotaEnforcement: false,
  MultiplePodTemplatesScheduling: false,
  ControllerPriorityQueue: true,
  WorkloadAffinity: false,
  SchedulingOvercommitProtection: false,
} as const;
export type FeatureGate = keyof typeof featureGates;
/** Gates of stage beta; the others are alpha. */
export const betaGates: ReadonlySet<FeatureGate> = new Set([
  'Failover',
  'GracefulEviction',
  'PropagateDeps',
  'CustomizedClusterResourceModeling',
  'PriorityBasedScheduling',
  'ControllerPriorityQueue',
]);
/** The gates that differ from their defaults. */
export type FeatureGates = Readonly<Partial<Record<FeatureGate, boolean>>>;

/** Whether a gate is on. */
export function gateEnabled(gates: FeatureGates | undefined, gate: FeatureGate): boolean {
  return gates?.[gate] ?? featureGates[gate];
}
