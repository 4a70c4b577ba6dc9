// ResourceBinding and ClusterResourceBinding (v1alpha2, the stored version): one template, its placement, and the clusters chosen.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { condition, reason } from './condition.ts';
import { failoverBehavior, purgeModes } from './failover.ts';
import { placement, toleration } from './placement.ts';
import { anyObject, atomicList, atomicObject, type Infer, int64, resourceList, stringMap, strings, time } from './schema.ts';
import { conflictResolution, suspensionFields } from './suspension.ts';

const objectReference = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().exactOptional(),
  name: z.string(),
  uid: z.string().exactOptional(),
  resourceVersion: z.string().exactOptional(),
});
export type ObjectReference = Infer<typeof objectReference>;

const nodeRequirement = z.object({
  key: z.string(),
  operator: z.string(),
  values: atomicList(z.string()).exactOptional(),
});

const nodeSelectorTerm = z.object({
  matchExpressions: atomicList(nodeRequirement).exactOptional(),
  matchFields: atomicList(nodeRequirement).exactOptional(),
});

const nodeClaim = z
  .object({
    hardNodeAffinity: atomicObject({ nodeSelectorTerms: atomicList(nodeSelectorTerm) }).exactOptional(),
    nodeSelector: stringMap().exactOptional(),
    tolerations: z.array(toleration).exactOptional(),
  })
  .describe('What a node must offer to take a replica.');

const componentRequirements = {
  nodeClaim: nodeClaim.exactOptional(),
  resourceRequest: resourceList().exactOptional().describe('What one replica requests.'),
};

const replicaRequirements = z
  .object({
    ...componentRequirements,
    namespace: z.string().exactOptional().describe('Where the replicas run.'),
    priorityClassName: z.string().exactOptional(),
  })
  .describe('What one replica needs.');
export type ReplicaRequirements = Infer<typeof replicaRequirements>;

const component = z.object({
  name: z.string().max(32),
  replicas: z.int32(),
  replicaRequirements: z.object({ ...componentRequirements, priorityClassName: z.string().exactOptional() }).exactOptional(),
});
export type Component = Infer<typeof component>;

const targetCluster = z.object({
  name: z.string(),
  replicas: z.int32().exactOptional(),
  components: z.array(z.object({ name: z.string(), replicas: z.int32() })).exactOptional(),
});
export type TargetCluster = Infer<typeof targetCluster>;

const gracefulEvictionTask = z
  .object({
    fromCluster: z.string(),
    purgeMode: z.enum(purgeModes).exactOptional(),
    replicas: z.int32().exactOptional(),
    reason: reason(32),
    message: z.string().max(1024).exactOptional(),
    producer: z.string().describe('The controller that asked for the eviction.'),
    gracePeriodSeconds: z.int32().exactOptional(),
    suppressDeletion: z.boolean().exactOptional().describe('Waits for a person to confirm or cancel.'),
    preservedLabelState: stringMap().exactOptional(),
    clustersBeforeFailover: strings().exactOptional(),
    creationTimestamp: time().exactOptional(),
  })
  .describe('A copy that leaves a cluster once its replacement is healthy.');
export type GracefulEvictionTask = Infer<typeof gracefulEvictionTask>;

const bindingSnapshot = z
  .object({ namespace: z.string().exactOptional(), name: z.string(), clusters: z.array(targetCluster).exactOptional() })
  .describe('A binding that needs this one, and where it runs.');
export type BindingSnapshot = Infer<typeof bindingSnapshot>;

const spec = z.object({
  resource: objectReference.describe('The template.'),
  propagateDeps: z.boolean().exactOptional(),
  replicaRequirements: replicaRequirements.exactOptional(),
  replicas: z.int32().exactOptional().describe('The total the template asks for.'),
  components: z.array(component).exactOptional().describe('The pod templates of a workload with several.'),
  clusters: z.array(targetCluster).exactOptional().describe('The result of scheduling.'),
  placement: placement.exactOptional(),
  gracefulEvictionTasks: z.array(gracefulEvictionTask).exactOptional(),
  requiredBy: z.array(bindingSnapshot).exactOptional(),
  schedulerName: z.string().exactOptional(),
  failover: failoverBehavior.exactOptional(),
  conflictResolution: conflictResolution.exactOptional(),
  rescheduleTriggeredAt: time().exactOptional().describe('A fresh schedule is wanted if this is later than status.lastScheduledTime.'),
  suspension: z.object({ ...suspensionFields, scheduling: z.boolean().exactOptional().describe('Stops the scheduler.') }).exactOptional(),
  preserveResourcesOnDeletion: z.boolean().exactOptional(),
  schedulePriority: z.object({ priority: z.int32().meta({ default: 0 }).exactOptional() }).exactOptional(),
  workloadAffinityGroups: z
    .object({ affinityGroup: z.string().exactOptional(), antiAffinityGroup: z.string().exactOptional() })
    .exactOptional()
    .describe('The groups this workload belongs to, as key=value.'),
});
export type ResourceBindingSpec = Infer<typeof spec>;

const aggregatedStatusItem = z
  .object({
    clusterName: z.string(),
    status: anyObject().exactOptional().describe('What the member reports.'),
    applied: z.boolean().exactOptional(),
    appliedMessage: z.string().exactOptional(),
    health: z.enum(['Healthy', 'Unhealthy', 'Unknown']).exactOptional(),
  })
  .describe('The copy in one cluster.');
export type AggregatedStatusItem = Infer<typeof aggregatedStatusItem>;

const status = z.object({
  schedulerObservedGeneration: int64().exactOptional(),
  schedulerObservingAffinityName: z.string().exactOptional().describe('The cluster group in use.'),
  lastScheduledTime: time().exactOptional(),
  conditions: z.array(condition).exactOptional(),
  aggregatedStatus: z.array(aggregatedStatusItem).exactOptional(),
});
export type ResourceBindingStatus = Infer<typeof status>;

export const resourceBinding = z
  .object({ spec, status: status.exactOptional() })
  .describe('Binds a resource template to the clusters it is scheduled to.');
/** The twins share one shape. */
export interface ResourceBinding extends KubeObject, Infer<typeof resourceBinding> {}
export type ClusterResourceBinding = ResourceBinding;
