// ResourceBinding and ClusterResourceBinding as v1alpha1, an older and smaller form that is still served.
import { z } from 'zod';
import { condition } from './condition.ts';
import { anyObject, resourceList } from './schema.ts';

const spec = z.object({
  resource: z.object({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().exactOptional(),
    name: z.string(),
    resourceVersion: z.string().exactOptional(),
    resourcePerReplicas: resourceList().exactOptional().describe('What one replica requests.'),
    replicas: z.int32().exactOptional().describe('The total the template asks for.'),
  }),
  clusters: z.array(z.object({ name: z.string(), replicas: z.int32().exactOptional() })).exactOptional(),
});

const status = z.object({
  conditions: z.array(condition).exactOptional(),
  aggregatedStatus: z
    .array(
      z.object({
        clusterName: z.string(),
        status: anyObject().exactOptional(),
        applied: z.boolean().exactOptional(),
        appliedMessage: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
});

export const resourceBindingV1alpha1 = z
  .object({ spec, status: status.exactOptional() })
  .describe('Binds a resource template to the clusters it is scheduled to.');
