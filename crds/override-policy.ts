// OverridePolicy and ClusterOverridePolicy: how objects differ from cluster to cluster.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { anyValue, type Infer, stringMap, strings } from './schema.ts';
import { clusterAffinity, resourceSelector } from './selectors.ts';

const operator = () => z.enum(['add', 'remove', 'replace']);

const plaintextOverrider = z.object({
  path: z.string().describe('JSON pointer of the field.'),
  operator: operator(),
  value: anyValue().exactOptional(),
});

const imageOverrider = z.object({
  predicate: z
    .object({ path: z.string().describe('JSON pointer of one image field.') })
    .exactOptional()
    .describe('Absent: every container image of a known workload kind.'),
  component: z.enum(['Registry', 'Repository', 'Tag']).describe('The part of the image name.'),
  operator: operator(),
  value: z.string().exactOptional(),
});

const commandArgsOverrider = z.object({
  containerName: z.string(),
  operator: z.enum(['add', 'remove']),
  value: strings().exactOptional(),
});

const labelAnnotationOverrider = z.object({ operator: operator(), value: stringMap() });

const subPatch = () =>
  z.object({
    subPath: z.string().describe('JSON pointer inside the embedded document.'),
    operator: operator(),
    value: anyValue().exactOptional(),
  });

const fieldOverrider = z.object({
  fieldPath: z.string().describe('JSON pointer of a string field that holds a document.'),
  json: z.array(subPatch()).exactOptional().describe('Changes to a JSON document.'),
  yaml: z.array(subPatch()).exactOptional().describe('Changes to a YAML document.'),
});

const overriders = z
  .object({
    plaintext: z.array(plaintextOverrider).exactOptional(),
    imageOverrider: z.array(imageOverrider).exactOptional(),
    commandOverrider: z.array(commandArgsOverrider).exactOptional(),
    argsOverrider: z.array(commandArgsOverrider).exactOptional(),
    labelsOverrider: z.array(labelAnnotationOverrider).exactOptional(),
    annotationsOverrider: z.array(labelAnnotationOverrider).exactOptional(),
    fieldOverrider: z.array(fieldOverrider).exactOptional(),
  })
  .describe('The changes to make.');
export type Overriders = Infer<typeof overriders>;

const ruleWithCluster = z.object({
  targetCluster: clusterAffinity.exactOptional().describe('Absent: every cluster.'),
  overriders,
});
export type RuleWithCluster = Infer<typeof ruleWithCluster>;

const spec = z.object({
  resourceSelectors: z.array(resourceSelector).exactOptional().describe('Absent: every object.'),
  overrideRules: z.array(ruleWithCluster).exactOptional().describe('Rules, applied in order.'),
  targetCluster: clusterAffinity.exactOptional().describe('Deprecated: use overrideRules.'),
  overriders: overriders.exactOptional().describe('Deprecated: use overrideRules.'),
});

export const overridePolicy = z.object({ spec }).describe('Says how objects change on their way to certain clusters.');
/** The twins share one shape. */
export interface OverridePolicy extends KubeObject, Infer<typeof overridePolicy> {}
export type ClusterOverridePolicy = OverridePolicy;
