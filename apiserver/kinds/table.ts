// All built-in kinds by apiVersion.
import { configMap, endpointSlice, endpoints, namespace, secret, serviceAccount } from './core.ts';
import type { KindDefinition } from './define.ts';
import { pod } from './pod-kind.ts';
import {
  controllerRevision,
  daemonSet,
  deployment,
  podTemplateKind,
  replicaSet,
  replicationController,
  statefulSet,
} from './workloads.ts';

export const KINDS: Readonly<Record<string, Readonly<Record<string, KindDefinition>>>> = {
  v1: {
    ConfigMap: configMap,
    Endpoints: endpoints,
    Namespace: namespace,
    Pod: pod,
    PodTemplate: podTemplateKind,
    ReplicationController: replicationController,
    Secret: secret,
    ServiceAccount: serviceAccount,
  },
  'apps/v1': {
    ControllerRevision: controllerRevision,
    DaemonSet: daemonSet,
    Deployment: deployment,
    ReplicaSet: replicaSet,
    StatefulSet: statefulSet,
  },
  'discovery.k8s.io/v1': { EndpointSlice: endpointSlice },
};
