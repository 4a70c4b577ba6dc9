// Selectors that policies share: labels, cluster fields, clusters, resource templates.
import { z } from 'zod';
import { atomicList, atomicObject, type Infer, stringMap, strings } from './schema.ts';

const requirement = z.object({
  key: z.string().describe('Label key.'),
  operator: z.string().describe('In, NotIn, Exists or DoesNotExist.'),
  values: atomicList(z.string()).exactOptional().describe('Values to compare with; empty for Exists and DoesNotExist.'),
});

export const labelSelector = atomicObject({
  matchLabels: stringMap().exactOptional().describe('Each pair must be present.'),
  matchExpressions: atomicList(requirement).exactOptional().describe('Each requirement must hold.'),
}).describe('Selects by labels; matchLabels and matchExpressions must both hold.');
export type LabelSelector = Infer<typeof labelSelector>;

const fieldRequirement = z.object({
  key: z.string().describe('provider, region or zone.'),
  operator: z.string().describe('In or NotIn.'),
  values: atomicList(z.string()).exactOptional().describe('Values to compare with.'),
});

const fieldSelector = z
  .object({ matchExpressions: z.array(fieldRequirement).exactOptional().describe('Each requirement must hold.') })
  .describe('Selects clusters by provider, region and zone.');

/** The fields of ClusterAffinity, for kinds that add to them. */
export const clusterAffinityFields = {
  labelSelector: labelSelector.exactOptional(),
  fieldSelector: fieldSelector.exactOptional(),
  clusterNames: strings().exactOptional().describe('Only these clusters.'),
  exclude: strings().exactOptional().describe('Never these clusters.'),
};

export const clusterAffinity = z
  .object(clusterAffinityFields)
  .describe('Selects clusters; every given part must match, nothing given matches all.');
export type ClusterAffinity = Infer<typeof clusterAffinity>;

export const resourceSelector = z
  .object({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().exactOptional().describe('Defaults to the namespace of a namespaced policy; empty matches all namespaces.'),
    name: z.string().exactOptional().describe('Empty selects by labels, or everything of the kind.'),
    labelSelector: labelSelector.exactOptional().describe('Ignored when name is given.'),
  })
  .describe('Selects resource templates.');
export type ResourceSelector = Infer<typeof resourceSelector>;
