// Cluster: a member of the federation. Served by the API server itself, not from a CRD; the schema has the same form.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { plainCondition } from './condition.ts';
import { type Infer, stringMap, strings, time } from './schema.ts';

export const secretReference = z.object({
  namespace: z.string().meta({ default: '' }),
  name: z.string().meta({ default: '' }),
});

const taint = z
  .object({
    key: z.string().meta({ default: '' }),
    value: z.string().exactOptional(),
    effect: z.enum(['NoExecute', 'NoSchedule', 'PreferNoSchedule']).meta({ default: '' }),
    timeAdded: time().exactOptional(),
  })
  .describe('Keeps workloads away that do not tolerate it.');
export type Taint = Infer<typeof taint>;

const resourceModel = z
  .object({
    grade: z.int32().meta({ default: 0 }),
    ranges: z.array(
      z.object({
        name: z.string().meta({ default: '' }).describe('Resource name.'),
        min: z.string().describe('Least amount, inclusive.'),
        max: z.string().describe('Upper bound, exclusive.'),
      }),
    ),
  })
  .describe('A class of nodes by what they have free.');
export type ResourceModel = Infer<typeof resourceModel>;

const spec = z.object({
  id: z.string().exactOptional().describe('Uid of the kube-system namespace of the member.'),
  syncMode: z.string().meta({ default: '' }).describe('Push: the control plane calls the member. Pull: an agent calls the control plane.'),
  apiEndpoint: z.string().exactOptional().describe('Address of the API server of the member.'),
  secretRef: secretReference.exactOptional().describe('Credentials of the control plane in the member.'),
  impersonatorSecretRef: secretReference.exactOptional().describe('Credentials used to act as the asking user.'),
  insecureSkipTLSVerification: z.boolean().exactOptional(),
  proxyURL: z.string().exactOptional().describe('http, https or socks5 proxy in front of the member.'),
  proxyHeader: stringMap().exactOptional().describe('Headers for the proxy.'),
  provider: z.string().exactOptional(),
  region: z.string().exactOptional(),
  zone: z.string().exactOptional().describe('Deprecated: use zones.'),
  zones: strings().exactOptional(),
  taints: z.array(taint).exactOptional(),
  resourceModels: z.array(resourceModel).exactOptional(),
});

const modeling = z.object({ grade: z.int32().meta({ default: 0 }), count: z.int32().meta({ default: 0 }) });

const resourceSummary = z.object({
  allocatable: stringMap().exactOptional().describe('What all nodes offer.'),
  allocating: stringMap().exactOptional().describe('What pods without a node request.'),
  allocated: stringMap().exactOptional().describe('What running pods request.'),
  allocatableModelings: z.array(modeling).exactOptional().describe('Nodes by class.'),
});

const status = z.object({
  kubernetesVersion: z.string().exactOptional(),
  apiEnablements: z
    .array(
      z.object({
        groupVersion: z.string().meta({ default: '' }),
        resources: z.array(z.object({ name: z.string().meta({ default: '' }), kind: z.string().meta({ default: '' }) })).exactOptional(),
      }),
    )
    .exactOptional()
    .describe('What the member serves.'),
  conditions: z.array(plainCondition).exactOptional(),
  nodeSummary: z.object({ totalNum: z.int32().exactOptional(), readyNum: z.int32().exactOptional() }).exactOptional(),
  resourceSummary: resourceSummary.exactOptional(),
  remedyActions: strings().exactOptional().describe('What Remedy objects ask for.'),
});
export type ClusterStatus = Infer<typeof status>;

export const cluster = z.object({ spec, status: status.exactOptional() }).describe('A member cluster.');
export interface Cluster extends KubeObject, Infer<typeof cluster> {}
