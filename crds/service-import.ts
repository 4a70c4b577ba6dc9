// ServiceImport (multi-cluster services API): a Service offered by other clusters.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { atomicList, type Infer, mapList, strings } from './schema.ts';

const port = z.object({
  name: z.string().exactOptional(),
  protocol: z.string().exactOptional(),
  appProtocol: z.string().exactOptional(),
  port: z.int32(),
});

const spec = z.object({
  ports: atomicList(port),
  ips: strings().max(1).exactOptional(),
  type: z.enum(['ClusterSetIP', 'Headless']),
  sessionAffinity: z.string().exactOptional(),
  sessionAffinityConfig: z.object({ clientIP: z.object({ timeoutSeconds: z.int32().exactOptional() }).exactOptional() }).exactOptional(),
});

const status = z.object({ clusters: mapList(z.object({ cluster: z.string() }), 'cluster').exactOptional() });

export const serviceImport = z
  .object({ spec: spec.exactOptional(), status: status.exactOptional() })
  .describe('Uses a Service that other clusters offer.');
export interface ServiceImport extends KubeObject, Infer<typeof serviceImport> {}
