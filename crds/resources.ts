// The addresses of our kinds. Types come from the schemas at compile time only, so loading this costs nothing.
import { resource } from '../kube/index.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterTaintPolicy } from './cluster-taint-policy.ts';
import type { CronFederatedHPA } from './cron-federated-hpa.ts';
import type { FederatedHPA } from './federated-hpa.ts';
import type { FederatedResourceQuota } from './federated-resource-quota.ts';
import type { MultiClusterIngress } from './multi-cluster-ingress.ts';
import type { MultiClusterService } from './multi-cluster-service.ts';
import type { ClusterOverridePolicy, OverridePolicy } from './override-policy.ts';
import type { ClusterPropagationPolicy, PropagationPolicy } from './propagation-policy.ts';
import type { Remedy } from './remedy.ts';
import type { ClusterResourceBinding, ResourceBinding } from './resource-binding.ts';
import type { ResourceInterpreterCustomization } from './resource-interpreter-customization.ts';
import type { ResourceInterpreterWebhookConfiguration } from './resource-interpreter-webhook-configuration.ts';
import type { ResourceRegistry } from './resource-registry.ts';
import type { ServiceExport } from './service-export.ts';
import type { ServiceImport } from './service-import.ts';
import type { Work } from './work.ts';
import type { WorkloadRebalancer } from './workload-rebalancer.ts';

const namespaced = { scope: 'Namespaced' } as const;
const clusterWide = { scope: 'Cluster' } as const;
const apps = { group: 'apps.karmada.io', version: 'v1alpha1' };
const autoscaling = { group: 'autoscaling.karmada.io', version: 'v1alpha1' };
const config = { group: 'config.karmada.io', version: 'v1alpha1' };
const multicluster = { group: 'multicluster.x-k8s.io', version: 'v1alpha1' };
const networking = { group: 'networking.karmada.io', version: 'v1alpha1' };
const policy = { group: 'policy.karmada.io', version: 'v1alpha1' };
const workGroup = { group: 'work.karmada.io', version: 'v1alpha1' };
const bindingGroup = { group: 'work.karmada.io', version: 'v1alpha2' };

export const workloadRebalancers = resource<WorkloadRebalancer>({
  ...apps,
  ...clusterWide,
  kind: 'WorkloadRebalancer',
  plural: 'workloadrebalancers',
});

export const cronFederatedHPAs = resource<CronFederatedHPA>({
  ...autoscaling,
  ...namespaced,
  kind: 'CronFederatedHPA',
  plural: 'cronfederatedhpas',
});
export const federatedHPAs = resource<FederatedHPA>({ ...autoscaling, ...namespaced, kind: 'FederatedHPA', plural: 'federatedhpas' });

export const clusters = resource<Cluster>({
  group: 'cluster.karmada.io',
  version: 'v1alpha1',
  ...clusterWide,
  kind: 'Cluster',
  plural: 'clusters',
});

export const resourceInterpreterCustomizations = resource<ResourceInterpreterCustomization>({
  ...config,
  ...clusterWide,
  kind: 'ResourceInterpreterCustomization',
  plural: 'resourceinterpretercustomizations',
});
export const resourceInterpreterWebhookConfigurations = resource<ResourceInterpreterWebhookConfiguration>({
  ...config,
  ...clusterWide,
  kind: 'ResourceInterpreterWebhookConfiguration',
  plural: 'resourceinterpreterwebhookconfigurations',
});

export const serviceExports = resource<ServiceExport>({ ...multicluster, ...namespaced, kind: 'ServiceExport', plural: 'serviceexports' });
export const serviceImports = resource<ServiceImport>({ ...multicluster, ...namespaced, kind: 'ServiceImport', plural: 'serviceimports' });

export const multiClusterIngresses = resource<MultiClusterIngress>({
  ...networking,
  ...namespaced,
  kind: 'MultiClusterIngress',
  plural: 'multiclusteringresses',
});
export const multiClusterServices = resource<MultiClusterService>({
  ...networking,
  ...namespaced,
  kind: 'MultiClusterService',
  plural: 'multiclusterservices',
});

export const propagationPolicies = resource<PropagationPolicy>({
  ...policy,
  ...namespaced,
  kind: 'PropagationPolicy',
  plural: 'propagationpolicies',
});
export const clusterPropagationPolicies = resource<ClusterPropagationPolicy>({
  ...policy,
  ...clusterWide,
  kind: 'ClusterPropagationPolicy',
  plural: 'clusterpropagationpolicies',
});
export const overridePolicies = resource<OverridePolicy>({ ...policy, ...namespaced, kind: 'OverridePolicy', plural: 'overridepolicies' });
export const clusterOverridePolicies = resource<ClusterOverridePolicy>({
  ...policy,
  ...clusterWide,
  kind: 'ClusterOverridePolicy',
  plural: 'clusteroverridepolicies',
});
export const clusterTaintPolicies = resource<ClusterTaintPolicy>({
  ...policy,
  ...clusterWide,
  kind: 'ClusterTaintPolicy',
  plural: 'clustertaintpolicies',
});
export const federatedResourceQuotas = resource<FederatedResourceQuota>({
  ...policy,
  ...namespaced,
  kind: 'FederatedResourceQuota',
  plural: 'federatedresourcequotas',
});

export const remedies = resource<Remedy>({
  group: 'remedy.karmada.io',
  version: 'v1alpha1',
  ...clusterWide,
  kind: 'Remedy',
  plural: 'remedies',
});

export const resourceRegistries = resource<ResourceRegistry>({
  group: 'search.karmada.io',
  version: 'v1alpha1',
  ...clusterWide,
  kind: 'ResourceRegistry',
  plural: 'resourceregistries',
});

export const works = resource<Work>({ ...workGroup, ...namespaced, kind: 'Work', plural: 'works' });
export const resourceBindings = resource<ResourceBinding>({
  ...bindingGroup,
  ...namespaced,
  kind: 'ResourceBinding',
  plural: 'resourcebindings',
});
export const clusterResourceBindings = resource<ClusterResourceBinding>({
  ...bindingGroup,
  ...clusterWide,
  kind: 'ClusterResourceBinding',
  plural: 'clusterresourcebindings',
});
