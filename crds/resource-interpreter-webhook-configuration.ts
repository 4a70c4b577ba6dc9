// ResourceInterpreterWebhookConfiguration: interpreters that run behind HTTPS.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { type Infer, strings } from './schema.ts';

const clientConfig = z
  .object({
    url: z.string().exactOptional(),
    service: z
      .object({
        namespace: z.string(),
        name: z.string(),
        path: z.string().exactOptional(),
        port: z.int32().exactOptional(),
      })
      .exactOptional(),
    caBundle: z.string().meta({ format: 'byte' }).exactOptional(),
  })
  .describe('Where the webhook is: url or service.');

const webhook = z.object({
  name: z.string(),
  clientConfig,
  rules: z
    .array(z.object({ operations: strings(), apiGroups: strings(), apiVersions: strings(), kinds: strings() }))
    .exactOptional()
    .describe('What it is asked about.'),
  timeoutSeconds: z.int32().exactOptional().describe('1 to 30, default 10.'),
  interpreterContextVersions: strings().describe('Versions of the exchanged document it understands.'),
});
export type ResourceInterpreterWebhook = Infer<typeof webhook>;

export const resourceInterpreterWebhookConfiguration = z
  .object({ webhooks: z.array(webhook) })
  .describe('Names interpreters that are reached over HTTPS.');
export interface ResourceInterpreterWebhookConfiguration extends KubeObject, Infer<typeof resourceInterpreterWebhookConfiguration> {}
