// Remedy: actions that follow from cluster conditions.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { type Infer, strings } from './schema.ts';

const clusterConditionMatch = z.object({
  conditionType: z.string(),
  operator: z.enum(['Equal', 'NotEqual']),
  conditionStatus: z.string(),
});

const spec = z.object({
  clusterAffinity: z.object({ clusterNames: strings().exactOptional() }).exactOptional().describe('Absent: every cluster.'),
  decisionMatches: z
    .array(z.object({ clusterConditionMatch: clusterConditionMatch.exactOptional() }))
    .exactOptional()
    .describe('One of these must hold; absent: always.'),
  actions: strings().exactOptional().describe('Such as TrafficControl.'),
});

export const remedy = z.object({ spec }).describe('Says what to do about clusters in a certain condition.');
export interface Remedy extends KubeObject, Infer<typeof remedy> {}
