// MultiClusterIngress: rules of an Ingress over several clusters.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { ingressLoadBalancer } from './load-balancer.ts';
import { atomicList, atomicObject, type Infer, strings } from './schema.ts';

const backend = z.object({
  service: z
    .object({
      name: z.string(),
      port: atomicObject({ name: z.string().exactOptional(), number: z.int32().exactOptional() }).exactOptional(),
    })
    .exactOptional(),
  resource: atomicObject({ apiGroup: z.string().exactOptional(), kind: z.string(), name: z.string() }).exactOptional(),
});

const path = z.object({
  path: z.string().exactOptional(),
  pathType: z.string().describe('Exact, Prefix or ImplementationSpecific.'),
  backend,
});

const spec = z.object({
  ingressClassName: z.string().exactOptional(),
  defaultBackend: backend.exactOptional().describe('Takes what no rule matches.'),
  tls: atomicList(z.object({ hosts: atomicList(z.string()).exactOptional(), secretName: z.string().exactOptional() })).exactOptional(),
  rules: atomicList(
    z.object({ host: z.string().exactOptional(), http: z.object({ paths: atomicList(path) }).exactOptional() }),
  ).exactOptional(),
});

const status = z.object({
  loadBalancer: ingressLoadBalancer.exactOptional(),
  trafficBlockClusters: strings().exactOptional().describe('Clusters that get no traffic.'),
  serviceLocations: z
    .array(z.object({ name: z.string(), clusters: strings().exactOptional() }))
    .exactOptional()
    .describe('Where each backing Service runs.'),
});

export const multiClusterIngress = z
  .object({ spec: spec.exactOptional(), status: status.exactOptional() })
  .describe('Routes outside traffic to Services in several clusters.');
export interface MultiClusterIngress extends KubeObject, Infer<typeof multiClusterIngress> {}
