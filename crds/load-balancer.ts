// Load balancer status: shared by the networking kinds.
import { z } from 'zod';
import { qualifiedName } from './condition.ts';
import { atomicList } from './schema.ts';

const ports = () => atomicList(z.object({ port: z.int32(), protocol: z.string(), error: qualifiedName() }));

const address = { ip: z.string().exactOptional(), hostname: z.string().exactOptional() };

/** As an Ingress reports it. */
export const ingressLoadBalancer = z.object({
  ingress: atomicList(z.object({ ...address, ports: ports().exactOptional() })).exactOptional(),
});

/** As a Service reports it. */
export const serviceLoadBalancer = z.object({
  ingress: atomicList(z.object({ ...address, ipMode: z.string().exactOptional(), ports: ports().exactOptional() })).exactOptional(),
});
