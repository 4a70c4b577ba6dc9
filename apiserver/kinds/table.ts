// All built-in kinds by apiVersion.
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './admission-kinds.ts';
import { horizontalPodAutoscaler, horizontalPodAutoscalerV1 } from './autoscaling.ts';
import { certificateSigningRequest } from './certificates.ts';
import { apiService, lease, node, podDisruptionBudget, priorityClass, runtimeClass } from './cluster.ts';
import { configMap, namespace, secret, serviceAccount } from './core.ts';
import { cronJob } from './cron-job.ts';
import { daemonSet } from './daemon-set.ts';
import type { KindDefinition } from './define.ts';
import { endpointSlice, endpoints } from './endpoints.ts';
import { event, eventsEvent } from './events.ts';
import { flowSchema, priorityLevelConfiguration } from './flowcontrol.ts';
import { job } from './job.ts';
import { limitRange, resourceQuota } from './limits.ts';
import { ingress, ingressClass, ipAddress, networkPolicy, serviceCIDR } from './networking.ts';
import { persistentVolume } from './persistent-volume.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { pod } from './pod-kind.ts';
import {
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
} from './policy-kinds.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './rbac.ts';
import { deviceClass, resourceClaim, resourceClaimTemplate, resourceSlice } from './resource-kinds.ts';
import { service } from './service.ts';
import { statefulSet } from './stateful-set.ts';
import { csiDriver, csiNode, csiStorageCapacity, storageClass, volumeAttachment, volumeAttributesClass } from './storage.ts';
import { controllerRevision, podTemplateKind } from './templates.ts';
import { deployment, replicaSet, replicationController } from './workloads.ts';

export const KINDS: Readonly<Record<string, Readonly<Record<string, KindDefinition>>>> = {
  v1: {
    ConfigMap: configMap,
    Endpoints: endpoints,
    Event: event,
    LimitRange: limitRange,
    Namespace: namespace,
    Node: node,
    PersistentVolume: persistentVolume,
    PersistentVolumeClaim: persistentVolumeClaim,
    Pod: pod,
    PodTemplate: podTemplateKind,
    ReplicationController: replicationController,
    ResourceQuota: resourceQuota,
    Secret: secret,
    Service: service,
    ServiceAccount: serviceAccount,
  },
  'admissionregistration.k8s.io/v1': {
    MutatingAdmissionPolicy: mutatingAdmissionPolicy,
    MutatingAdmissionPolicyBinding: mutatingAdmissionPolicyBinding,
    MutatingWebhookConfiguration: mutatingWebhookConfiguration,
    ValidatingAdmissionPolicy: validatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding: validatingAdmissionPolicyBinding,
    ValidatingWebhookConfiguration: validatingWebhookConfiguration,
  },
  'apiregistration.k8s.io/v1': { APIService: apiService },
  'apps/v1': {
    ControllerRevision: controllerRevision,
    DaemonSet: daemonSet,
    Deployment: deployment,
    ReplicaSet: replicaSet,
    StatefulSet: statefulSet,
  },
  'autoscaling/v1': { HorizontalPodAutoscaler: horizontalPodAutoscalerV1 },
  'autoscaling/v2': { HorizontalPodAutoscaler: horizontalPodAutoscaler },
  'batch/v1': { CronJob: cronJob, Job: job },
  'certificates.k8s.io/v1': { CertificateSigningRequest: certificateSigningRequest },
  'coordination.k8s.io/v1': { Lease: lease },
  'discovery.k8s.io/v1': { EndpointSlice: endpointSlice },
  'events.k8s.io/v1': { Event: eventsEvent },
  'flowcontrol.apiserver.k8s.io/v1': { FlowSchema: flowSchema, PriorityLevelConfiguration: priorityLevelConfiguration },
  'networking.k8s.io/v1': {
    Ingress: ingress,
    IngressClass: ingressClass,
    IPAddress: ipAddress,
    NetworkPolicy: networkPolicy,
    ServiceCIDR: serviceCIDR,
  },
  'node.k8s.io/v1': { RuntimeClass: runtimeClass },
  'policy/v1': { PodDisruptionBudget: podDisruptionBudget },
  'rbac.authorization.k8s.io/v1': {
    ClusterRole: clusterRole,
    ClusterRoleBinding: clusterRoleBinding,
    Role: role,
    RoleBinding: roleBinding,
  },
  'resource.k8s.io/v1': {
    DeviceClass: deviceClass,
    ResourceClaim: resourceClaim,
    ResourceClaimTemplate: resourceClaimTemplate,
    ResourceSlice: resourceSlice,
  },
  'scheduling.k8s.io/v1': { PriorityClass: priorityClass },
  'storage.k8s.io/v1': {
    CSIDriver: csiDriver,
    CSINode: csiNode,
    CSIStorageCapacity: csiStorageCapacity,
    StorageClass: storageClass,
    VolumeAttachment: volumeAttachment,
    VolumeAttributesClass: volumeAttributesClass,
  },
};
