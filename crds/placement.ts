// Where and how a workload is spread: shared by policies and bindings.
import { z } from 'zod';
import { type Infer, int64 } from './schema.ts';
import { clusterAffinity, clusterAffinityFields } from './selectors.ts';

const affinityName = () => z.string().min(1).max(32).describe('Name of this group of clusters, unique in the policy.');

const overflowAffinity = z
  .object({ affinityName: affinityName(), ...clusterAffinityFields })
  .describe('Clusters that take the replicas the primary group has no room for.');

const clusterAffinityTerm = z
  .object({
    affinityName: affinityName(),
    ...clusterAffinityFields,
    overflowAffinities: z.array(overflowAffinity).exactOptional().describe('Groups that join in, in order, when this one is full.'),
  })
  .describe('A named group of clusters; the scheduler tries the groups in order.');

export const toleration = z
  .object({
    key: z.string().exactOptional().describe('Taint key; empty with operator Exists matches all keys.'),
    operator: z.string().exactOptional().describe('Exists or Equal (default).'),
    value: z.string().exactOptional(),
    effect: z.string().exactOptional().describe('Empty matches all effects.'),
    tolerationSeconds: int64().exactOptional().describe('How long a NoExecute taint is tolerated; absent means for ever.'),
  })
  .describe('Lets a taint pass.');
export type Toleration = Infer<typeof toleration>;

const spreadConstraint = z
  .object({
    spreadByField: z.enum(['cluster', 'region', 'zone', 'provider']).exactOptional().describe('Groups clusters by this field.'),
    spreadByLabel: z.string().exactOptional().describe('Groups clusters by the value of this label.'),
    maxGroups: z.int().exactOptional().describe('At most this many groups.'),
    minGroups: z.int().exactOptional().describe('At least this many groups; default 1.'),
  })
  .describe('Bounds the number of groups of clusters that are chosen.');

const staticWeight = z.object({
  targetCluster: clusterAffinity,
  weight: int64().min(1).describe('Share of each selected cluster.'),
});

const weightPreference = z
  .object({
    staticWeightList: z.array(staticWeight).exactOptional().describe('Fixed shares; a cluster no rule selects gets nothing.'),
    dynamicWeight: z.enum(['AvailableReplicas']).exactOptional().describe('Shares by what each cluster has room for.'),
  })
  .describe('Shares for replicaDivisionPreference Weighted.');

const replicaScheduling = z
  .object({
    replicaSchedulingType: z
      .enum(['Duplicated', 'Divided'])
      .meta({ default: 'Divided' })
      .exactOptional()
      .describe('Duplicated: the full count in each cluster. Divided: the count is split.'),
    replicaDivisionPreference: z
      .enum(['Aggregated', 'Weighted'])
      .exactOptional()
      .describe('Aggregated: as few clusters as possible. Weighted: by weightPreference.'),
    weightPreference: weightPreference.exactOptional(),
  })
  .describe('How the replica count is dealt out.');

const affinityKey = z.object({
  groupByLabelKey: z.string().describe('Workloads with the same value of this label form one group.'),
});

const workloadAffinity = z
  .object({
    affinity: affinityKey.exactOptional().describe('Keep a group in the same clusters.'),
    antiAffinity: affinityKey.exactOptional().describe('Keep the members of a group in different clusters.'),
  })
  .describe('Placement relative to other workloads.');

export const placement = z
  .object({
    clusterAffinity: clusterAffinity.exactOptional().describe('Clusters to choose from; not together with clusterAffinities.'),
    clusterAffinities: z.array(clusterAffinityTerm).exactOptional().describe('Groups to try in order; not together with clusterAffinity.'),
    workloadAffinity: workloadAffinity.exactOptional(),
    clusterTolerations: z.array(toleration).exactOptional().describe('Cluster taints to tolerate.'),
    spreadConstraints: z.array(spreadConstraint).exactOptional(),
    replicaScheduling: replicaScheduling.exactOptional(),
  })
  .describe('Which clusters a workload goes to, and how much of it to each.');
export type Placement = Infer<typeof placement>;
