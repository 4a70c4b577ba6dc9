// Work: the manifests for one member cluster, in its execution namespace.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { condition } from './condition.ts';
import { anyObject, type Infer } from './schema.ts';

const spec = z.object({
  workload: z
    .object({ manifests: z.array(anyObject()).exactOptional().describe('Whole objects, as they shall be in the member.') })
    .exactOptional(),
  suspendDispatching: z.boolean().exactOptional().describe('Keeps the manifests from the member.'),
  preserveResourcesOnDeletion: z.boolean().exactOptional().describe('Leaves the objects in the member when this Work goes.'),
});

const identifier = z
  .object({
    ordinal: z.int().describe('Position among the manifests.'),
    group: z.string().exactOptional(),
    version: z.string(),
    kind: z.string(),
    resource: z.string().describe('Plural name; empty where it is not known.'),
    namespace: z.string().exactOptional(),
    name: z.string(),
  })
  .describe('The manifest this is about.');

const manifestStatus = z.object({
  identifier,
  status: anyObject().exactOptional().describe('What the member reports.'),
  health: z.enum(['Healthy', 'Unhealthy', 'Unknown']).exactOptional(),
});
export type ManifestStatus = Infer<typeof manifestStatus>;

const status = z.object({
  conditions: z.array(condition).exactOptional(),
  manifestStatuses: z.array(manifestStatus).exactOptional(),
});

export const work = z.object({ spec, status: status.exactOptional() }).describe('Manifests to apply in one member cluster.');
export interface Work extends KubeObject, Infer<typeof work> {}
