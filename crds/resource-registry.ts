// ResourceRegistry: what karmada-search caches from member clusters. Not from a CRD; the schema has the same form.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { secretReference } from './cluster.ts';
import { plainCondition } from './condition.ts';
import { atomicList, atomicObject, type Infer, stringMap, strings } from './schema.ts';

const word = () => z.string().meta({ default: '' });

const targetCluster = z.object({
  labelSelector: atomicObject({
    matchLabels: stringMap().exactOptional(),
    matchExpressions: atomicList(
      z.object({ key: word(), operator: word(), values: atomicList(z.string()).exactOptional() }),
    ).exactOptional(),
  }).exactOptional(),
  fieldSelector: z
    .object({
      matchExpressions: z
        .array(
          z.object({
            key: word(),
            operator: z.enum(['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn']).meta({ default: '' }),
            values: atomicList(z.string()).exactOptional(),
          }),
        )
        .exactOptional(),
    })
    .exactOptional(),
  clusterNames: strings().exactOptional(),
  exclude: strings().exactOptional(),
});

const spec = z.object({
  targetCluster: targetCluster.describe('The clusters to cache from.'),
  resourceSelectors: z
    .array(z.object({ apiVersion: word(), kind: word(), namespace: z.string().exactOptional() }))
    .describe('The kinds to cache.'),
  backendStore: z
    .object({ openSearch: z.object({ addresses: strings(), secretRef: secretReference }).exactOptional() })
    .exactOptional()
    .describe('Where the copies are kept; absent: in memory.'),
});

const status = z.object({ conditions: z.array(plainCondition).exactOptional() });

export const resourceRegistry = z
  .object({ spec: spec.exactOptional(), status: status.exactOptional() })
  .describe('Objects of member clusters to keep at hand for searching.');
export interface ResourceRegistry extends KubeObject, Infer<typeof resourceRegistry> {}
