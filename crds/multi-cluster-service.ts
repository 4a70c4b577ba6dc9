// MultiClusterService: a Service that clients reach from several clusters.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { condition } from './condition.ts';
import { serviceLoadBalancer } from './load-balancer.ts';
import { type Infer, mapList, strings } from './schema.ts';

const clusterSelector = z.object({ name: z.string() });

const spec = z.object({
  types: strings().describe('CrossCluster or LoadBalancer.'),
  ports: z.array(z.object({ name: z.string().exactOptional(), port: z.int32() })).exactOptional(),
  range: z.object({ clusterNames: strings().exactOptional() }).exactOptional().describe('Deprecated: use providerClusters.'),
  serviceProvisionClusters: strings().exactOptional().describe('Deprecated: use providerClusters.'),
  serviceConsumptionClusters: strings().exactOptional().describe('Deprecated: use consumerClusters.'),
  providerClusters: z.array(clusterSelector).exactOptional().describe('Clusters that back the service; absent: all.'),
  consumerClusters: z.array(clusterSelector).exactOptional().describe('Clusters that use the service; absent: all.'),
});

const status = z.object({
  loadBalancer: serviceLoadBalancer.exactOptional(),
  conditions: mapList(condition, 'type').exactOptional(),
});

export const multiClusterService = z
  .object({ spec, status: status.exactOptional() })
  .describe('Makes the Service of the same name reachable from several clusters.');
export interface MultiClusterService extends KubeObject, Infer<typeof multiClusterService> {}
