// ClusterTaintPolicy: taints clusters by their conditions.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { type Infer, strings } from './schema.ts';
import { clusterAffinity } from './selectors.ts';

const matchCondition = z.object({
  conditionType: z.string(),
  operator: z.string().describe('In or NotIn.'),
  statusValues: strings(),
});

const spec = z.object({
  targetClusters: clusterAffinity.exactOptional().describe('Absent: every cluster.'),
  addOnConditions: z.array(matchCondition).exactOptional().describe('Adds the taints when all of these hold.'),
  removeOnConditions: z.array(matchCondition).exactOptional().describe('Removes the taints when all of these hold.'),
  taints: z.array(z.object({ key: z.string(), value: z.string().exactOptional(), effect: z.string() })).min(1),
});

export const clusterTaintPolicy = z.object({ spec }).describe('Adds and removes taints of clusters by their conditions.');
export interface ClusterTaintPolicy extends KubeObject, Infer<typeof clusterTaintPolicy> {}
