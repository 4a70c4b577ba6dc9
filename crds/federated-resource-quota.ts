// FederatedResourceQuota: what a namespace may use over all clusters.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { type Infer, resourceList } from './schema.ts';

const spec = z.object({
  overall: resourceList().describe('The limit over all clusters.'),
  staticAssignments: z
    .array(z.object({ clusterName: z.string(), hard: resourceList() }))
    .exactOptional()
    .describe('The part of single clusters, kept there as a ResourceQuota.'),
});

const status = z.object({
  overall: resourceList().exactOptional(),
  overallUsed: resourceList().exactOptional(),
  aggregatedStatus: z
    .array(z.object({ clusterName: z.string(), hard: resourceList().exactOptional(), used: resourceList().exactOptional() }))
    .exactOptional(),
});

export const federatedResourceQuota = z
  .object({ spec, status: status.exactOptional() })
  .describe('Limits what a namespace uses over all clusters.');
export interface FederatedResourceQuota extends KubeObject, Infer<typeof federatedResourceQuota> {}
